"""A state that alarms as soon as it is reported, once per stretch of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from devices.event import Event
from rules.alert import Reason, Verb
from rules.condition import Listener, Said, Step, Subject, Verdict, key, silent, too_old
from rules.window import Edge


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold(Listener):
    """Raise on the change from not met to met; count hits while it stays met."""

    remembers = Edge

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
            over = Edge(newest=at, raised=raised)
            if not fired:
                return Step(over)
            verdict = Verdict(verb=Verb.CLEAR, at=at, reason=Reason.CLEARED_BY_EVENT, evidence=(key(event),))
            return Step(over, (verdict,))
        if too_old(event):
            return Step(Edge(newest=at, fired=fired, raised=raised), (silent(event, at, Reason.TOO_OLD),))
        verb, reason = self.again(raised, at) if fired else (Verb.RAISE, Reason.CONDITION_MET)
        if verb is Verb.RAISE:
            raised = at
        verdict = Verdict(
            verb=verb, at=at, reason=reason, explain={"data": event.reading.fields()}, evidence=(key(event),)
        )
        return Step(Edge(newest=at, fired=True, raised=raised), (verdict,))

    def wake(self, memory: Edge, now: datetime, subject: Subject) -> Step:  # noqa: ARG002
        """Do nothing: only events move it."""
        return Step(memory)

    def due(self, memory: Edge, subject: Subject) -> datetime | None:  # noqa: ARG002
        """Never."""
        return None


def _outdated(memory: Edge, said: Said, event: Event, at: datetime) -> Step | None:
    """An older state: one more hit of the alert that stands, or nothing."""
    if said is not Said.MET:
        return None
    if not memory.fired or too_old(event):
        return Step(memory, (silent(event, at, Reason.OUTDATED),))
    hit = Verdict(verb=Verb.HIT, at=at, reason=Reason.STILL_TRUE, evidence=(key(event),))
    return Step(memory, (hit,))
