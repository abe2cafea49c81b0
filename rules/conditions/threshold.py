"""A state that alarms as soon as it is reported, once per stretch of it.

It judges on arrival, because a call for help cannot wait for the watermark. Two messages
that overtook each other by less than `SWAPPED` are therefore put right afterwards: a state
that was over before it was heard of is raised and ended in one breath.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from devices.event import Event, Flag
from rules.alert import Reason, Verb
from rules.condition import Listener, Said, Step, Subject, Verdict, key, quiet, silent, too_old
from rules.window import Edge

SWAPPED = timedelta(seconds=10)  # no network swaps messages of one device by more


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold(Listener):
    """Raise on the change from not met to met; count hits while it stays met."""

    remembers = Edge
    quiet_for: timedelta | None = None  # for states that nobody reports the end of

    def judge(
        self,
        memory: Edge | None,
        said: Said,
        event: Event,
        at: datetime,
        subject: Subject,  # noqa: ARG002
    ) -> Step | None:
        """Take in a state; one older than the newest known flips nothing."""
        if memory is not None and at < memory.newest:
            return _outdated(memory, said, event, at)
        fired = memory is not None and memory.fired
        raised = memory.raised if memory is not None else None
        if said is Said.OVER:
            if memory is None and not event.reading.life_safety:
                return None  # all is well, as with most devices most of the time: nothing to remember
            cleared = at if fired else memory.cleared if memory is not None else None
            over = Edge(newest=at, raised=raised, cleared=cleared)
            if not fired:
                return Step(over)
            verdict = Verdict(verb=Verb.CLEAR, at=at, reason=Reason.CLEARED_BY_EVENT, evidence=(key(event),))
            return Step(over, (verdict,))
        if too_old(event):
            return Step(Edge(newest=at, fired=fired, raised=raised), (silent(event, at, Reason.TOO_OLD),))
        verb, reason = self.again(raised, at) if fired else (Verb.RAISE, Reason.CONDITION_MET)
        if verb is Verb.RAISE:
            raised = at
        verdict = _said(verb, reason, event, at)
        return Step(Edge(newest=at, fired=True, raised=raised), (verdict,))

    def wake(self, memory: Edge, now: datetime, subject: Subject) -> Step:  # noqa: ARG002
        """Nothing has matched for so long: it is over."""
        at = self.due(memory, subject)
        if at is None:
            return Step(memory)
        return Step(replace(memory, fired=False, cleared=at), (quiet(at, self.quiet_for),))

    def due(self, memory: Edge, subject: Subject) -> datetime | None:  # noqa: ARG002
        """When it will have been quiet for long enough, if that ends it."""
        return memory.newest + self.quiet_for if memory.fired and self.quiet_for is not None else None


def _said(verb: Verb, reason: Reason, event: Event, at: datetime) -> Verdict:
    return Verdict(
        verb=verb, at=at, reason=reason, explain={"data": event.reading.fields()}, evidence=(key(event),)
    )


def _outdated(memory: Edge, said: Said, event: Event, at: datetime) -> Step | None:
    """An older state: one more hit of the alert that stands, a swap put right, or nothing."""
    if said is not Said.MET:
        return None
    if memory.fired and not too_old(event):
        return Step(
            memory, (Verdict(verb=Verb.HIT, at=at, reason=Reason.STILL_TRUE, evidence=(key(event),)),)
        )
    known = memory.raised is not None and memory.raised <= at <= (memory.cleared or memory.newest)
    swapped = memory.newest - at <= SWAPPED and Flag.LATE not in event.flags
    if memory.fired or known or not swapped:
        return Step(memory, (silent(event, at, Reason.OUTDATED),))
    ended = Verdict(verb=Verb.CLEAR, at=memory.newest, reason=Reason.CLEARED_BY_EVENT)
    moved = replace(memory, raised=at, cleared=memory.newest)
    return Step(moved, (_said(Verb.RAISE, Reason.CONDITION_MET, event, at), ended))
