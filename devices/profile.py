"""Profiles: what each device family says, how often, and how it is written on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from devices.errors import DecodeError
from devices.errors import Fault as Blame
from devices.reading import Code, Fault, Reading, State

MAX_PAYLOAD = 64 * 1024  # bytes, design.md section 4


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """The frame around every native message."""

    id: Code
    at: Annotated[datetime, Meta(tz=True)]
    type: str
    data: msgspec.Raw


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One decoded native message; `at` is device time, time zone aware."""

    id: str
    at: datetime
    reading: Reading


_ENVELOPE = msgspec.json.Decoder(Envelope)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A device family as a declaration: its readings, heartbeat and limits.

    `heartbeat` is how often a healthy device says anything at all; `offline_after`
    is the silence after which DEV-002 calls it offline (domain.md section d).
    """

    family: str
    name_zh: str
    name_en: str
    readings: tuple[type[Reading], ...]
    heartbeat: timedelta
    offline_after: timedelta
    safety: bool = False  # its silence endangers life: DEV-002 severity 3 instead of 4
    _decoders: Mapping[str, msgspec.json.Decoder[Reading]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        every: tuple[type[Reading], ...] = (*self.readings, Fault, State)
        object.__setattr__(self, "_decoders", {r.type: msgspec.json.Decoder(r) for r in every})

    @property
    def types(self) -> tuple[str, ...]:
        """The event types this family may send."""
        return tuple(self._decoders)

    def decode(self, payload: bytes) -> Message:
        """Read one message.

        Raises DecodeError, and nothing else, for whatever bytes it is given.
        """
        if len(payload) > MAX_PAYLOAD:
            raise DecodeError(Blame.TOO_LARGE, f"{len(payload)} bytes, at most {MAX_PAYLOAD} are read")
        try:
            envelope = _ENVELOPE.decode(payload)
            decoder = self._decoders.get(envelope.type)
            if decoder is None:
                raise DecodeError(
                    Blame.BAD_SHAPE,
                    f"type {envelope.type[:64]!r} is not one of {', '.join(self.types)} at `$.type`",
                )
            return Message(id=envelope.id, at=envelope.at, reading=decoder.decode(envelope.data))
        except msgspec.ValidationError as exc:
            raise DecodeError(Blame.BAD_SHAPE, str(exc)) from exc
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            raise DecodeError(Blame.NOT_JSON, str(exc)) from exc

    def encode(self, message: Message) -> bytes:
        """Write one message; refuses, with DecodeError, what `decode` would refuse."""
        data = msgspec.Raw(msgspec.json.encode(message.reading))
        payload = msgspec.json.encode(
            Envelope(id=message.id, at=message.at, type=message.reading.type, data=data)
        )
        self.decode(payload)
        return payload
