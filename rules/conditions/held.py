"""A state that alarms when it has lasted: a door open for more than five minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from devices.event import Event
from rules.alert import Reason, Verb
from rules.condition import (
    Listener,
    Said,
    Step,
    Subject,
    Verdict,
    key,
    quiet,
    silent,
    stamp,
    too_old,
)
from rules.window import Stretch


@dataclass(frozen=True, kw_only=True, slots=True)
class Held(Listener):
    """Raise when the state has lasted for `span`, whether or not anybody looked at that moment.

    The engine wakes a memory that has become due before it judges a later event, so a
    door that closed after six minutes has alarmed at five. A repeat needs no further
    event: the state still holds.
    """

    remembers = Stretch
    span: timedelta
    quiet_for: timedelta | None = None  # nothing has matched for so long: it is over, unseen

    def judge(
        self,
        memory: Stretch | None,
        said: Said,
        event: Event,
        at: datetime,
        subject: Subject,  # noqa: ARG002
    ) -> Step | None:
        """Take in a state; one older than the newest known flips nothing."""
        known = memory if memory is not None else Stretch(newest=at)
        if at < known.newest:
            return Step(known, (silent(event, at, Reason.OUTDATED),)) if said is Said.MET else None
        if said is Said.OVER:
            return self._over(known, event, at)
        if known.since is None:
            start = replace(known, newest=at, since=at, start=key(event), fired=False)
            return Step(start)
        moved = replace(known, newest=at)
        if not known.fired or too_old(event):
            return Step(moved)
        verb, reason = self.again(known.raised, at)
        if verb is Verb.RAISE:
            moved = replace(moved, raised=at)
        return Step(moved, (Verdict(verb=verb, at=at, reason=reason, evidence=(key(event),)),))

    def _over(self, known: Stretch, event: Event, at: datetime) -> Step:
        """End the stretch; one that a late message ends was never raised and never will be."""
        over = Stretch(newest=at, raised=known.raised)
        if known.fired:
            verdict = Verdict(verb=Verb.CLEAR, at=at, reason=Reason.CLEARED_BY_EVENT, evidence=(key(event),))
            return Step(over, (verdict,))
        lasted = known.since is not None and at - known.since >= self.span
        return Step(over, (silent(event, at, Reason.TOO_OLD),) if lasted else ())

    def wake(self, memory: Stretch, now: datetime, subject: Subject) -> Step:
        """Raise at the due time, or again after the repeat interval."""
        at = self.due(memory, subject)
        if at is None or memory.since is None:
            return Step(memory)
        lost = self._lost(memory)
        if lost is not None and lost <= at:
            ended = quiet(at, self.quiet_for)
            return Step(Stretch(newest=memory.newest, raised=memory.raised), (ended,) if memory.fired else ())
        reason = Reason.REPEAT_INTERVAL if memory.fired else Reason.HELD_FOR
        verdict = Verdict(
            verb=Verb.RAISE,
            at=at,
            reason=reason,
            explain={"since": stamp(memory.since), "for_s": self.span.total_seconds()},
            evidence=(memory.start,) if memory.start is not None else (),
        )
        raised = at
        if memory.fired and self.repeat:
            raised += (
                (now - at) // self.repeat * self.repeat
            )  # one word after a long sleep, not one per night
        return Step(replace(memory, fired=True, raised=raised), (verdict,))

    def due(self, memory: Stretch, subject: Subject) -> datetime | None:  # noqa: ARG002
        """When the stretch will have lasted, or when to say so again."""
        if memory.since is None:
            return None
        due = None
        if not memory.fired:
            due = memory.since + self.span
        elif self.repeat is not None and memory.raised is not None:
            due = memory.raised + self.repeat
        if self.quiet_for is None:
            return due
        lost = memory.newest + self.quiet_for
        return lost if due is None or lost < due else due

    def _lost(self, memory: Stretch) -> datetime | None:
        """When nothing will have matched for too long."""
        return memory.newest + self.quiet_for if self.quiet_for is not None else None
