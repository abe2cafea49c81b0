"""What a rule remembers about one subject: plain values, saved with the events that moved them.

Nothing here is a closure or a running timer. A memory says everything that the rule
needs to go on after a restart, and its due time is computed from it, never stored
beside it. All times are event times.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from devices.errors import InternalError
from rules.alert import EventKey


class Edge(msgspec.Struct, frozen=True, tag="edge", omit_defaults=True):
    """Armed or fired, by the newest state that the subject told."""

    newest: datetime
    fired: bool = False
    raised: datetime | None = None


class Stretch(msgspec.Struct, frozen=True, tag="stretch", omit_defaults=True):
    """How long a state has lasted; `since` is None while it does not hold."""

    newest: datetime
    since: datetime | None = None
    start: EventKey | None = None
    fired: bool = False
    raised: datetime | None = None


class Hit(msgspec.Struct, frozen=True, array_like=True):
    """A matching event: when it counts, and which stored event it is."""

    at: datetime
    event: EventKey


class Tally(msgspec.Struct, frozen=True, tag="tally", omit_defaults=True):
    """The matching events of the recent past, oldest first."""

    hits: tuple[Hit, ...] = ()
    fired: bool = False
    raised: datetime | None = None


class Seen(msgspec.Struct, frozen=True, tag="seen", omit_defaults=True):
    """The last sign of life, and how many steps of the absence have been raised since."""

    seen: datetime
    step: int = 0
    raised: datetime | None = None
    assumed: bool = False  # nobody has seen it yet: counted from when listening began

    @property
    def fired(self) -> bool:
        """Whether an absence is being reported."""
        return self.step > 0


Memory = Edge | Stretch | Tally | Seen

_DECODER: msgspec.json.Decoder[Memory] = msgspec.json.Decoder(Memory)


def encode_memory(memory: Memory) -> bytes:
    """Write a memory as JSON."""
    return msgspec.json.encode(memory)


def decode_memory(raw: bytes) -> Memory:
    """Read back what `encode_memory` wrote; raises InternalError for anything else."""
    try:
        return _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise InternalError(f"a stored rule memory cannot be read: {exc}") from exc
