"""What a rule remembers about one subject: plain values, saved with the events that moved them.

Nothing here is a closure or a running timer. A memory says everything that the rule
needs to go on after a restart, and its due time is computed from it, never stored
beside it. All times are event times. Every list in a memory is bounded by its condition.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from devices.errors import InternalError
from rules.alert import EventKey


class Edge(msgspec.Struct, frozen=True, tag="edge", omit_defaults=True):
    """Armed or fired, by the newest state that the subject told."""

    newest: datetime
    fired: bool = False
    raised: datetime | None = None
    cleared: datetime | None = None


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


class Marked(msgspec.Struct, frozen=True, array_like=True):
    """A matching event with a mark on it: whose it is, or what it measured."""

    at: datetime
    mark: str | float
    event: EventKey


class Marks(msgspec.Struct, frozen=True, tag="marks", omit_defaults=True):
    """Marked events, oldest first: the last of each mark, or a curve."""

    marks: tuple[Marked, ...] = ()
    fired: bool = False
    raised: datetime | None = None


class Waiting(msgspec.Struct, frozen=True, tag="waiting", omit_defaults=True):
    """Since when a curve has stood still, by its value then."""

    since: datetime
    value: float
    newest: datetime
    event: EventKey | None = None
    fired: bool = False
    raised: datetime | None = None


Plain = Edge | Stretch | Tally | Seen | Marks | Waiting


class Gated(msgspec.Struct, frozen=True, tag="gated", omit_defaults=True):
    """The memory of a rule with armed hours; `hushed` since it was met while nobody wanted to know."""

    inner: Plain
    hushed: datetime | None = None

    @property
    def fired(self) -> bool:
        """Whether an alert of it stands."""
        return self.inner.fired and self.hushed is None


class Unsettled(msgspec.Struct, frozen=True, array_like=True):
    """An event that waits for the watermark, with all that its judgement needs."""

    at: datetime
    device: str
    id: str
    told: datetime
    received: datetime
    said: int
    type: str
    data: dict[str, Any]
    flags: tuple[str, ...] = ()


class Queue(msgspec.Struct, frozen=True, tag="queue", omit_defaults=True):
    """A memory, and the events that it will take in once all before them have been heard."""

    inner: Plain | Gated | None = None
    events: tuple[Unsettled, ...] = ()

    @property
    def fired(self) -> bool:
        """Whether an alert of it stands."""
        return self.inner is not None and self.inner.fired


Memory = Plain | Gated | Queue
NOTHING = Queue()
"""A queue in which nothing waits and from which nothing was learnt: not worth keeping."""


def last_told(memory: Memory) -> datetime | None:
    """The newest event that a memory knows of."""
    if isinstance(memory, Queue):
        if memory.events:
            return memory.events[-1].at
        return None if memory.inner is None else last_told(memory.inner)
    if isinstance(memory, Gated):
        return last_told(memory.inner)
    if isinstance(memory, Tally):
        return memory.hits[-1].at if memory.hits else memory.raised
    if isinstance(memory, Marks):
        return memory.marks[-1].at if memory.marks else memory.raised
    return memory.seen if isinstance(memory, Seen) else memory.newest


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
