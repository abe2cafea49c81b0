"""Waiting for the watermark: events are taken in by their own time, in whatever order they came.

The events that a condition heard wait in its memory until everything before them has been
heard; then it judges them in the order of their times, its timers between them. So the
arrival order within the lateness bound decides nothing, at the price of that bound. What
is about life does not wait (`rules/conditions/threshold.py`).
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from devices.event import Event, Flag
from devices.profiles import READINGS
from rules.condition import Condition, Ears, Said, Step, Subject, Verdict, too_old
from rules.window import Memory, Queue, Unsettled

MOST = 64  # events that wait per subject: beyond them the oldest is judged at once


@dataclass(frozen=True, slots=True)
class Settled:
    """Another condition, with its events put in order first."""

    inner: Condition
    remembers = Queue
    settles = True
    by_arrival = False

    @property
    def types(self) -> tuple[str, ...]:
        """Hear what it hears."""
        return self.inner.types

    def ears(self, kind: str) -> Ears:
        """Hear what it hears."""
        return self.inner.ears(kind)

    def judge(self, memory: Queue | None, said: Said, event: Event, at: datetime, subject: Subject) -> Step:
        """Let the event wait at its place in time."""
        known = memory if memory is not None else Queue()
        here, before = _put(said, event, at), known.events
        if not before or _place(before[-1]) < _place(here):
            events = (*before, here)
        else:
            every = list(before)
            insort(every, here, key=_place)
            events = tuple(every)
        if len(events) <= MOST:
            return Step(Queue(known.inner, events))
        return self._take(Queue(known.inner, events), subject)

    def wake(self, memory: Queue, now: datetime, subject: Subject) -> Step:
        """Go through events and timers up to `now`, in their order."""
        verdicts: list[Verdict] = []
        while True:
            first = memory.events[0] if memory.events and memory.events[0].at <= now else None
            due = self._due(memory, subject)
            if due is not None and due <= now and (first is None or (due <= first.at and not _old(first))):
                step = self._wake(memory, first.at if first is not None else now, subject)
            elif first is not None:
                step = self._take(memory, subject)
            else:
                return Step(memory, tuple(verdicts))
            if step.memory == memory and not step.verdicts:  # no condition does that; never turn for ever
                return Step(memory, tuple(verdicts))
            memory = step.memory  # type: ignore[assignment]
            verdicts.extend(step.verdicts)

    def _due(self, memory: Queue, subject: Subject) -> datetime | None:
        return self.inner.due(memory.inner, subject) if memory.inner is not None else None

    def _wake(self, memory: Queue, now: datetime, subject: Subject) -> Step:
        step = self.inner.wake(memory.inner, now, subject)
        return Step(Queue(step.memory, memory.events), step.verdicts)  # type: ignore[arg-type]

    def _take(self, memory: Queue, subject: Subject) -> Step:
        """Judge the first event that waits."""
        first = memory.events[0]
        event = _event(first, subject.estate)
        step = self.inner.judge(memory.inner, Said(first.said), event, first.at, subject)
        inner: Any = memory.inner if step is None else step.memory
        return Step(Queue(inner, memory.events[1:]), () if step is None else step.verdicts)

    def due(self, memory: Queue, subject: Subject) -> datetime | None:
        """When the first event or timer is reached."""
        due = self.inner.due(memory.inner, subject) if memory.inner is not None else None
        if not memory.events:
            return due
        first = memory.events[0].at
        return first if due is None or first < due else due

    def deaf_until(self, memory: Queue, subject: Subject) -> datetime | None:  # noqa: ARG002
        """Hear every event."""
        return None

    def arm(self, subject: Subject, now: datetime) -> Memory | None:
        """Start as the condition does."""
        inner = self.inner.arm(subject, now)
        return None if inner is None else Queue(inner)  # type: ignore[arg-type]

    def review(self, memory: Queue, now: datetime, subject: Subject) -> Step | None:
        """Reconsider as the condition does."""
        step = None if memory.inner is None else self.inner.review(memory.inner, now, subject)
        return None if step is None else Step(Queue(step.memory, memory.events), step.verdicts)  # type: ignore[arg-type]


def _place(one: Unsettled) -> tuple[datetime, int, str, str]:
    """A total order, so that equal times leave nothing to the order of arrival: matches first."""
    return one.at, one.said, one.device, one.id


def _put(said: Said, event: Event, at: datetime) -> Unsettled:
    return Unsettled(
        at=at,
        device=event.device,
        id=event.id,
        told=event.at,
        received=event.received_at,
        said=int(said),
        type=event.reading.type,
        data=msgspec.structs.asdict(event.reading),
        flags=event.flags,
    )


def _event(one: Unsettled, estate: str) -> Event:
    return Event(
        id=one.id,
        device=one.device,
        estate=estate,
        at=one.told,
        received_at=one.received,
        reading=READINGS[one.type](**one.data),
        flags=tuple(Flag(f) for f in one.flags),
    )


def _old(one: Unsettled) -> bool:
    return bool(one.flags) and too_old(_event(one, ""))
