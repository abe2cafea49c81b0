"""The words that every simulator shares: what is sent when, and what must come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from random import Random
from typing import Any

import msgspec

from devices.adapter import Wire
from devices.errors import Fault
from devices.model import Device
from devices.profile import Message
from devices.profiles import PROFILES
from devices.reading import Reading, State

CHINA = timezone(timedelta(hours=8))
"""China has one time zone and no daylight saving; residents live by it."""

BACKGROUND = "background"
FLOOD = "flood"
LOAD = "load"


def seeded(*parts: object) -> Random:
    """Return a generator that the parts alone decide: believable, repeatable, never secret."""
    return Random(":".join(map(str, parts)))  # noqa: S311 - guards nothing


class Kind(StrEnum):
    """What happens on the wire."""

    SAY = "say"  # the device publishes its message
    LOSE = "lose"  # the message is lost before the broker has it: nothing arrives
    RAW = "raw"  # the gateway account publishes bytes that belong in quarantine
    CUT = "cut"  # the device's connection breaks without a farewell and comes back
    DIE = "die"  # the device's connection breaks and stays broken


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """One thing that happens on the wire at virtual time `when`.

    `source` is `background`, a fault's name or a scenario's instance. `copy` marks a
    message whose id has been sent before: it must change nothing.
    """

    when: datetime
    estate: str
    device: str
    kind: Kind = Kind.SAY
    message: Message | None = None
    profile: str = ""
    source: str = BACKGROUND
    copy: bool = False
    retain: bool = False
    topic: str = ""  # RAW only
    raw: bytes = b""  # RAW only
    blame: Fault | None = None  # RAW only: why it belongs in quarantine
    foreign: Wire | None = None  # what goes out instead, in the device's own dialect
    farewell: tuple[Wire, Wire] | None = None  # CUT, DIE: what a bridge says, and says again later

    @property
    def key(self) -> tuple[str, str]:
        """The identity `(device, id)` of the message."""
        return (self.device, self.message.id if self.message else "")

    def wire(self) -> tuple[str, bytes]:
        """Return topic and payload as they go out."""
        if self.foreign is not None:
            return self.foreign.topic, self.foreign.payload
        if self.message is None:
            return self.topic, self.raw
        channel = "state" if isinstance(self.message.reading, State) else "event"
        return f"shequ/v1/{self.estate}/{self.device}/{channel}", PROFILES[self.profile].encode(self.message)


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """An alert that must be raised exactly once: the ground truth, known without any rule.

    It is due, in virtual time, at `due`. Where one message causes it at once, `trigger`
    is that message's `(device, id)`; otherwise time itself does.
    """

    code: str
    subject: str
    severity: int
    estate: str
    due: datetime
    scenario: str
    trigger: tuple[str, str] | None = None


@dataclass(slots=True)
class Ledger:
    """What a play really did: the left side of the reconciliation.

    `published` counts acknowledged valid messages, each `(device, id)` once; `keys` holds
    the last `keep` of them, so that a long run needs bounded memory (`keep=0` turns it off).
    """

    keep: int = 500_000
    expected_alerts: tuple[Expected, ...] = ()
    published: int = 0
    expected_quarantine: int = 0
    quarantine: dict[str, int] = field(default_factory=dict)  # by blame
    by_source: dict[str, int] = field(default_factory=dict)
    copies: int = 0  # sent again under an id that was sent before
    lost: int = 0  # first attempts that never reached the broker
    cuts: int = 0
    markers: int = 0
    resent: int = 0  # of the gateway, whose undecodable messages nothing tells from their copies
    keys: dict[tuple[str, str], None] = field(default_factory=dict)
    sent_at: dict[tuple[str, str], float] = field(default_factory=dict)  # monotonic s, triggers only
    acked_at: dict[tuple[str, str], float] = field(default_factory=dict)  # monotonic s, triggers only
    _triggers: frozenset[tuple[str, str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._triggers = frozenset(e.trigger for e in self.expected_alerts if e.trigger)

    def record(self, sending: Sending, began: float, acknowledged: float) -> None:
        """Note one acknowledged message."""
        if sending.kind is Kind.RAW:
            self.expected_quarantine += 1
            blame = str(sending.blame)
            self.quarantine[blame] = self.quarantine.get(blame, 0) + 1
            return
        if sending.copy:
            self.copies += 1
            return
        self.published += 1
        source = sending.source.partition("#")[0]
        self.by_source[source] = self.by_source.get(source, 0) + 1
        if self.keep:
            self.keys[sending.key] = None
            if len(self.keys) > self.keep:
                del self.keys[next(iter(self.keys))]
        if sending.key in self._triggers:
            self.sent_at.setdefault(sending.key, began)
            self.acked_at.setdefault(sending.key, acknowledged)


def say(
    device: Device,
    when: datetime,
    reading: Reading,
    id_: str,
    *,
    at: datetime | None = None,
    source: str = "",
) -> Sending:
    """Let a device say something at `when`; `at` is its own idea of the time."""
    return Sending(
        when=when,
        estate=device.estate,
        device=device.id,
        profile=device.profile,
        message=Message(id=id_, at=at or when, reading=reading),
        source=source or BACKGROUND,
        retain=isinstance(reading, State),
    )


def stamp(when: datetime) -> str:
    """Name a moment, to the millisecond, for use in a message id."""
    return f"{int(when.timestamp() * 1000):x}"


def in_steps(
    timeline: list[Sending], start: datetime, end: datetime, step: timedelta
) -> Iterator[tuple[datetime, list[Sending]]]:
    """Cut a time-ordered timeline into steps; yields each step's end and what is sent in it."""
    at, i = start, 0
    while at < end:
        at = min(at + step, end)
        j = i
        while j < len(timeline) and timeline[j].when < at:
            j += 1
        yield at, timeline[i:j]
        i = j


def reading_of(type_: str, data: Mapping[str, Any], readings: Mapping[str, type[Reading]]) -> Reading:
    """Build a reading from plain data."""
    return msgspec.convert(dict(data), readings[type_])
