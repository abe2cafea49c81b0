"""How fast a value changes: up or down by so much within so long, or hardly at all for so long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from devices.event import Event
from rules.alert import Reason, Verb
from rules.condition import Ears, Listener, Said, Step, Subject, Verdict, key, quiet, silent, too_old
from rules.window import Marked, Marks, Waiting

MOST = 64  # points of a curve: beyond them it is thinned evenly, the ends stay


class _OfValue:
    """The part that both share: which field is the value."""

    of: Mapping[str, str]

    def value(self, event: Event) -> float | None:
        """The value that an event tells, if any."""
        value = getattr(event.reading, self.of[event.reading.type])
        return None if value is None else float(value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change(Listener, _OfValue):
    """Raise when the value moves by `by` (down, where negative) within `window`; over when quiet."""

    remembers = Marks
    of: Mapping[str, str]
    by: float
    window: timedelta
    quiet_for: timedelta

    def ears(self, kind: str) -> Ears:
        """Hear the values that count."""
        return Ears(self.when.get(kind), over=False)

    def judge(
        self,
        memory: Marks | None,
        said: Said,  # noqa: ARG002
        event: Event,
        at: datetime,
        subject: Subject,  # noqa: ARG002
    ) -> Step | None:
        """Draw the curve on, and measure from its lowest point to here."""
        known = memory if memory is not None else Marks()
        value = self.value(event)
        if value is None or (known.marks and at < known.marks[-1].at):
            return None
        curve = [m for m in known.marks if at - m.at <= self.window]
        points = _thin((*curve, Marked(at, value, key(event))))
        if too_old(event):
            return Step(Marks(points, known.fired, known.raised), (silent(event, at, Reason.TOO_OLD),))
        sign = 1.0 if self.by > 0 else -1.0
        foot = min(points, key=lambda m: sign * float(m.mark))
        moved = sign * (value - float(foot.mark))
        if moved < abs(self.by):
            return Step(Marks(points, known.fired, known.raised))
        verb, reason = self.again(known.raised, at) if known.fired else (Verb.RAISE, Reason.CHANGED_BY)
        verdict = Verdict(
            verb=verb,
            at=at,
            reason=reason,
            explain={"from": foot.mark, "to": value, "window_s": self.window.total_seconds()},
            evidence=(foot.event, key(event)),
        )
        return Step(Marks(points, True, at if verb is Verb.RAISE else known.raised), (verdict,))  # noqa: FBT003

    def wake(self, memory: Marks, now: datetime, subject: Subject) -> Step:  # noqa: ARG002
        """It has not moved so fast again for so long."""
        at = self.due(memory, subject)
        if at is None:
            return Step(memory)
        return Step(Marks(memory.marks, fired=False, raised=memory.raised), (quiet(at, self.quiet_for),))

    def due(self, memory: Marks, subject: Subject) -> datetime | None:  # noqa: ARG002
        """When it will have been quiet for long enough."""
        return memory.raised + self.quiet_for if memory.fired and memory.raised is not None else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Still(Listener, _OfValue):
    """Raise when the value has moved by less than `by` for `window`: a tap that nobody opens."""

    remembers = Waiting
    of: Mapping[str, str]
    by: float
    window: timedelta

    def ears(self, kind: str) -> Ears:
        """Hear the values that count."""
        return Ears(self.when.get(kind), over=False)

    def judge(
        self,
        memory: Waiting | None,
        said: Said,  # noqa: ARG002
        event: Event,
        at: datetime,
        subject: Subject,  # noqa: ARG002
    ) -> Step | None:
        """Start to wait again once it has moved far enough."""
        value = self.value(event)
        if value is None or (memory is not None and at < memory.newest):
            return None
        start = Waiting(since=at, value=value, newest=at, event=key(event))
        if memory is None:
            return Step(start)
        if abs(value - memory.value) < self.by:
            return Step(replace(memory, newest=at))
        ended = Verdict(verb=Verb.CLEAR, at=at, reason=Reason.CLEARED_BY_EVENT, evidence=(key(event),))
        return Step(start, (ended,) if memory.fired else ())

    def wake(self, memory: Waiting, now: datetime, subject: Subject) -> Step:
        """It has hardly moved for so long; a meter that fell silent itself proves nothing."""
        at = self.due(memory, subject)
        if at is None:
            return Step(memory)
        if not memory.fired and at - memory.newest > self.window / 2:
            return Step(replace(memory, since=now))
        verdict = Verdict(
            verb=Verb.RAISE,
            at=at,
            reason=Reason.REPEAT_INTERVAL if memory.fired else Reason.CHANGED_LESS,
            explain={"value": memory.value, "less_than": self.by, "window_s": self.window.total_seconds()},
            evidence=(memory.event,) if memory.event is not None else (),
        )
        raised = at
        if memory.fired and self.repeat:
            raised += (now - at) // self.repeat * self.repeat
        return Step(replace(memory, fired=True, raised=raised), (verdict,))

    def due(self, memory: Waiting, subject: Subject) -> datetime | None:  # noqa: ARG002
        """When it will have stood still for long enough, or when to say so again."""
        if not memory.fired:
            return memory.since + self.window
        return memory.raised + self.repeat if self.repeat is not None and memory.raised is not None else None


def _thin(points: tuple[Marked, ...]) -> tuple[Marked, ...]:
    """Leave out every second point of a long curve, but its ends and extremes."""
    if len(points) <= MOST:
        return points
    ends = {points[0], points[-1], *(f(points, key=lambda m: float(m.mark)) for f in (min, max))}
    return tuple(p for i, p in enumerate(points) if i % 2 == 0 or p in ends)
