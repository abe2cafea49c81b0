"""More of one than of the other: persons through a gate minus those it let in (尾随).

Events that follow each other by less than `window` are one passage; when it is over, both
sides are counted. It must be given its events in order (`Settled` does that).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from devices.event import Event
from rules.alert import Reason, Verb
from rules.condition import (
    Ears,
    Listener,
    Predicate,
    Said,
    Step,
    Subject,
    Verdict,
    earliest,
    key,
    quiet,
    too_old,
)
from rules.window import Marked, Marks

MOST = 64  # events of one passage


@dataclass(frozen=True, kw_only=True, slots=True)
class Excess(Listener):
    """Raise when a passage with at least one of `than` had at least `more` of `when` beyond it."""

    remembers = Marks
    than: Mapping[str, Predicate]
    more: int
    window: timedelta
    quiet_for: timedelta

    @property
    def types(self) -> tuple[str, ...]:
        """Both sides."""
        return tuple(sorted({*self.when, *self.than}))

    def ears(self, kind: str) -> Ears:
        """Those who go through match; those who are let in are the other side."""
        return Ears(self.when.get(kind), self.than.get(kind, False))

    def judge(
        self,
        memory: Marks | None,
        said: Said,
        event: Event,
        at: datetime,
        subject: Subject,  # noqa: ARG002
    ) -> Step | None:
        """Add to the passage."""
        known = memory if memory is not None else Marks()
        if too_old(event) or (known.marks and at < known.marks[-1].at):
            return None
        marks = (*known.marks, Marked(at, float(said is Said.MET), key(event)))
        return Step(Marks(marks[-MOST:], known.fired, known.raised))

    def wake(self, memory: Marks, now: datetime, subject: Subject) -> Step:  # noqa: ARG002
        """Count a passage that is over, or end what has been quiet."""
        over = self._passed(memory)
        if over is None or over > now:
            at = self._quiet(memory)
            ended = (quiet(at, self.quiet_for),) if at is not None else ()
            return Step(Marks(memory.marks, fired=False, raised=memory.raised), ended)
        through = sum(1 for m in memory.marks if m.mark)
        allowed = len(memory.marks) - through
        if not allowed or through - allowed < self.more:
            return Step(Marks((), memory.fired, memory.raised))
        at = memory.marks[-1].at
        verb, reason = self.again(memory.raised, at) if memory.fired else (Verb.RAISE, Reason.EXCESS)
        verdict = Verdict(
            verb=verb,
            at=at,
            reason=reason,
            explain={"through": through, "allowed": allowed},
            evidence=tuple(m.event for m in memory.marks),
        )
        return Step(Marks((), fired=True, raised=at), (verdict,))

    def _passed(self, memory: Marks) -> datetime | None:
        return memory.marks[-1].at + self.window if memory.marks else None

    def _quiet(self, memory: Marks) -> datetime | None:
        return memory.raised + self.quiet_for if memory.fired and memory.raised is not None else None

    def due(self, memory: Marks, subject: Subject) -> datetime | None:  # noqa: ARG002
        """When the passage is over, or the quiet long enough."""
        return earliest(self._passed(memory), self._quiet(memory))
