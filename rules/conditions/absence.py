"""Silence that alarms: a device that says nothing, a person whom no gate has seen.

To spare writes, a sign of life moves the stored time only when it is newer by at least
the grain: one per cent of the first step, at least a second. The due time has the
grain added, so an absence is never reported early, and at most one per cent late.

A device proves that it lives by being heard, so its messages count when they arrive
(unless they are late): a clock four minutes slow is no silence. A person was seen when
the gate says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from devices.event import Event
from rules.alert import Reason, Severity, Verb
from rules.condition import ANY, Ears, Listener, Said, Step, Subject, Verdict, key, stamp
from rules.window import Memory, Seen

SECOND = timedelta(seconds=1)
_GRAINS: dict[timedelta, timedelta] = {}  # worked out once per span: dividing times is slow


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """One step of an absence; without `after` it is the device's own limit of silence."""

    after: timedelta | None
    severity: Severity
    safety_severity: Severity | None = None  # for devices whose silence endangers life

    def span(self, subject: Subject) -> timedelta:
        """How long a silence this step takes."""
        return self.after if self.after is not None else subject.offline_after

    def grade(self, subject: Subject) -> Severity:
        """How severe it is for this subject."""
        return self.safety_severity if self.safety_severity and subject.safety else self.severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence(Listener):
    """Raise when nothing has matched for as long as each rung says; over with the next match."""

    remembers = Seen
    rungs: tuple[Rung, ...]
    by_arrival: bool = False

    def ears(self, kind: str) -> Ears:
        """Hear signs of life; nothing else means anything."""
        return Ears(self.when.get(kind) or self.when.get(ANY), over=False)

    def grain(self, subject: Subject) -> timedelta:
        """The step in which signs of life are remembered."""
        first = self.rungs[0].after
        span = first if first is not None else subject.offline_after
        found = _GRAINS.get(span)
        if found is None:
            found = _GRAINS.setdefault(span, max(SECOND, span / 100))
        return found

    def judge(
        self,
        memory: Seen | None,
        said: Said,  # noqa: ARG002
        event: Event,
        at: datetime,
        subject: Subject,
    ) -> Step | None:
        """Move the last sign of life; end the absence if that makes it one no more."""
        if memory is None:
            return Step(Seen(seen=at))
        if memory.assumed and not memory.fired and not self.by_arrival:
            return Step(Seen(seen=at))
        if at <= memory.seen or (not memory.fired and at < memory.seen + self.grain(subject)):
            return None
        if memory.step == 0:
            return Step(Seen(at))
        if event.received_at - at >= self.rungs[0].span(subject):
            return Step(replace(memory, seen=at, assumed=False))
        verdict = Verdict(
            verb=Verb.CLEAR,
            at=at,
            reason=Reason.SEEN_AGAIN,
            explain={"absent_since": stamp(memory.seen)},
            evidence=(key(event),),
        )
        return Step(Seen(seen=at), (verdict,))

    def wake(self, memory: Seen, now: datetime, subject: Subject) -> Step:
        """Report the absence, one step at a time."""
        at = self.due(memory, subject)
        if at is None:
            return Step(memory)
        last = memory.step >= len(self.rungs)
        rung = self.rungs[min(memory.step, len(self.rungs) - 1)]
        verdict = Verdict(
            verb=Verb.RAISE,
            at=at,
            reason=Reason.REPEAT_INTERVAL if last else Reason.ABSENT_FOR,
            severity=rung.grade(subject),
            explain={"last_seen": stamp(memory.seen), "after_s": rung.span(subject).total_seconds()},
        )
        raised = at
        if last and self.repeat:
            raised += (
                (now - at) // self.repeat * self.repeat
            )  # one word after a long sleep, not one per night
        step = memory.step if last else memory.step + 1
        return Step(replace(memory, step=step, raised=raised), (verdict,))

    def due(self, memory: Seen, subject: Subject) -> datetime | None:
        """When the next step is reached; a declared absence counts as being seen."""
        seen = memory.seen
        if subject.away_until is not None and subject.away_until > seen:
            seen = subject.away_until
        if memory.step < len(self.rungs):
            return seen + self.rungs[memory.step].span(subject) + self.grain(subject)
        return memory.raised + self.repeat if self.repeat is not None and memory.raised is not None else None

    def deaf_until(self, memory: Seen, subject: Subject) -> datetime | None:
        """Signs of life within the grain change nothing; the first one always counts."""
        if memory.assumed and not memory.fired and not self.by_arrival:
            return None
        return memory.seen if memory.fired else memory.seen + self.grain(subject)

    def arm(self, subject: Subject, now: datetime) -> Memory | None:
        """Count from now: silence before anybody listened proves nothing.

        That is an assumption: a real sighting of a person, even an older one uploaded
        late, replaces it.
        """
        since = max(now, subject.since) if subject.since is not None else now
        return Seen(seen=since, assumed=True)

    def review(self, memory: Seen, now: datetime, subject: Subject) -> Step | None:
        """Take back the absence of a person who is declared away."""
        if not memory.fired or subject.away_until is None or subject.away_until <= now:
            return None
        verdict = Verdict(
            verb=Verb.CLEAR, at=now, reason=Reason.AWAY, explain={"away_until": stamp(subject.away_until)}
        )
        return Step(Seen(seen=memory.seen), (verdict,))
