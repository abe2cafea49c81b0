"""What every kind of condition has in common: one signature, values in and values out.

A condition hears a reading, judges it against the memory of its subject, and may be
woken when a time has passed. It changes nothing itself: it returns a `Step`. A new
kind is one file in `rules/conditions/` and one line in its table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple, Protocol

from devices.event import Event, Flag
from devices.reading import Reading
from rules.alert import EventKey, Reason, Severity, Verb
from rules.window import Memory

Predicate = Callable[[Reading], bool]
ANY = "*"
"""In place of an event type: every type that is not named beside it."""


class By(StrEnum):
    """What a rule keeps one memory per."""

    DEVICE = "device"
    PERSON = "person"  # whom the reading names, if they are looked after
    PLACE = "place"  # where the device hangs
    BUILDING = "building"  # the building around it, or where there is none, its place
    ESTATE = "estate"
    ROOM = "room"  # the home that the reading names
    TRACK = "track"  # one object that a camera follows


class Said(IntEnum):
    """What a reading means to a condition."""

    NOTHING = 0
    MET = 1
    OVER = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Whom or what a rule judges, with the facts of the registry that its judgement needs."""

    name: str
    estate: str
    place: str
    device: str | None = None
    offline_after: timedelta = timedelta(0)
    safety: bool = False
    profile: str = ""
    since: datetime | None = None
    away_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """One decision; without a verb it is a silence, kept for its reason."""

    verb: Verb | None
    at: datetime
    reason: Reason
    severity: Severity | None = None  # None: the rule's own
    explain: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[EventKey, ...] = ()


class Ears(NamedTuple):
    """How readings of a type are heard: `when` they match; else `over`: all, by a predicate, or none."""

    when: Predicate | None
    over: Predicate | bool


class Step(NamedTuple):
    """What a condition made of an event or of the time."""

    memory: Memory
    verdicts: tuple[Verdict, ...] = ()


class Condition(Protocol):
    """One kind of condition, compiled."""

    @property
    def remembers(self) -> type[Memory]:
        """The kind of memory it keeps."""

    @property
    def by_arrival(self) -> bool:
        """Whether messages that are not late count when they arrive, whatever the device's clock says."""

    @property
    def settles(self) -> bool:
        """Whether it waits for the watermark: then its timers run at ticks alone."""

    @property
    def types(self) -> tuple[str, ...]:
        """The event types it hears; `ANY` among them means all."""

    def ears(self, kind: str) -> Ears:
        """What readings of a type mean, as predicates: the only ones that are run, and that may fail."""

    def judge(self, memory: Any, said: Said, event: Event, at: datetime, subject: Subject) -> Step | None:
        """Take in an event that means something; None: nothing changes."""

    def wake(self, memory: Any, now: datetime, subject: Subject) -> Step:
        """Go on at the due time of the memory, which `now` has reached."""

    def due(self, memory: Any, subject: Subject) -> datetime | None:
        """When the memory must be looked at again, if ever."""

    def deaf_until(self, memory: Any, subject: Subject) -> datetime | None:
        """Events up to this time change nothing: the engine need not even ask."""

    def arm(self, subject: Subject, now: datetime) -> Memory | None:
        """The memory of a subject never heard of, where silence already means something."""

    def review(self, memory: Any, now: datetime, subject: Subject) -> Step | None:
        """Reconsider when the facts about the subject have changed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listener:
    """The part that conditions on states share: what begins it and what ends it.

    Where no `over` is given for any type, a reading of a type in `when` that does not
    match ends the state.
    """

    when: Mapping[str, Predicate]
    over: Mapping[str, Predicate] = field(default_factory=dict)
    repeat: timedelta | None = None

    @property
    def by_arrival(self) -> bool:
        """States count when they happened."""
        return False

    @property
    def settles(self) -> bool:
        """Judge on arrival; `Settled` is what waits."""
        return False

    @property
    def types(self) -> tuple[str, ...]:
        """The event types it hears."""
        return tuple(sorted({*self.when, *self.over}))

    def ears(self, kind: str) -> Ears:
        """Hear matches, and what ends them."""
        when = self.when.get(kind)
        if self.over:
            return Ears(when, self.over.get(kind, False))
        return Ears(when, when is not None)

    def again(self, raised: datetime | None, at: datetime) -> tuple[Verb, Reason]:
        """What a match says while the alert stands: a hit, or after the repeat interval a new raise."""
        if self.repeat is not None and (raised is None or at - raised >= self.repeat):
            return Verb.RAISE, Reason.REPEAT_INTERVAL
        return Verb.HIT, Reason.STILL_TRUE

    def deaf_until(self, memory: Any, subject: Subject) -> datetime | None:  # noqa: ARG002
        """Hear every event."""
        return None

    def arm(self, subject: Subject, now: datetime) -> Memory | None:  # noqa: ARG002
        """Start from the first event."""
        return None

    def review(self, memory: Any, now: datetime, subject: Subject) -> Step | None:  # noqa: ARG002
        """Go by events alone."""
        return None


def hear(ears: Ears, reading: Reading) -> Said:
    """What a reading means."""
    when, over = ears
    if when is not None and when(reading):
        return Said.MET
    return Said.OVER if over is True or (over and over(reading)) else Said.NOTHING


def too_old(event: Event) -> bool:
    """Whether the event is late and not about life: remembered, but no reason to raise anything."""
    return bool(event.flags) and Flag.LATE in event.flags and not event.reading.life_safety


def key(event: Event) -> EventKey:
    """Name the stored event (by device time, as it is stored)."""
    return EventKey(device=event.device, id=event.id, at=event.at)


def silent(event: Event, at: datetime, reason: Reason) -> Verdict:
    """Build the verdict that nothing is said about this event."""
    return Verdict(verb=None, at=at, reason=reason, evidence=(key(event),))


def stamp(at: datetime) -> str:
    """Write a time for `explain`: in UTC, so that it survives storage unchanged."""
    return at.astimezone(UTC).isoformat()


def earliest(*times: datetime | None) -> datetime | None:
    """The first of the times that there are."""
    known = [t for t in times if t is not None]
    return min(known) if known else None


def quiet(at: datetime, span: timedelta | None) -> Verdict:
    """End what has not been seen for so long."""
    seconds = span.total_seconds() if span is not None else 0.0
    return Verdict(verb=Verb.CLEAR, at=at, reason=Reason.QUIET_FOR, explain={"quiet_for_s": seconds})
