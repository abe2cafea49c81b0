"""So many different ones within so long: two smoke sensors of a building in three minutes.

Only the last match of each mark is remembered, and of the marks the newest ones: if so
many of them lie within the window, it is reached, and older ones cannot change that. So
the memory is bounded whatever the window's length.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from devices.event import Event
from rules.alert import Reason, Verb
from rules.condition import Ears, Listener, Said, Step, Subject, Verdict, key, quiet, silent, too_old
from rules.window import Marked, Marks

DEVICE = "device"


@dataclass(frozen=True, kw_only=True, slots=True)
class Distinct(Listener):
    """Raise when `least` different marks match within `window`; over after `quiet_for` without one."""

    remembers = Marks
    of: Mapping[str, str]  # the field that tells them apart, by event type; `device`: who speaks
    least: int
    window: timedelta
    quiet_for: timedelta

    def ears(self, kind: str) -> Ears:
        """Hear matches; a window forgets by itself, so only an explicit `over` ends anything."""
        return Ears(self.when.get(kind), self.over.get(kind, False))

    def judge(
        self,
        memory: Marks | None,
        said: Said,
        event: Event,
        at: datetime,
        subject: Subject,  # noqa: ARG002
    ) -> Step | None:
        """Put the mark into its place, and count those around the newest."""
        known = memory if memory is not None else Marks()
        if said is Said.OVER:
            return self._over(known, event, at)
        mark = self._mark(event)
        if mark is None:
            return None
        marks = self._insert(known.marks, Marked(at, mark, key(event)))
        if too_old(event):
            silence = (silent(event, at, Reason.TOO_OLD),)
            return Step(Marks(marks, known.fired, known.raised), silence)
        verb, reason = self.again(known.raised, at) if known.fired else (Verb.RAISE, Reason.DISTINCT_REACHED)
        run = marks[-self.least :]
        reached = len(run) == self.least and run[-1].at - run[0].at <= self.window
        if not known.fired and not reached:
            return Step(Marks(marks, fired=False, raised=known.raised))
        within = [m for m in marks if marks[-1].at - m.at <= self.window]
        verdict = Verdict(
            verb=verb,
            at=at,
            reason=reason,
            explain={"distinct": len(within), "window_s": self.window.total_seconds()},
            evidence=tuple(m.event for m in within),
        )
        raised = at if verb is Verb.RAISE else known.raised
        return Step(Marks(marks, fired=True, raised=raised), (verdict,))

    def _mark(self, event: Event) -> str | None:
        field = self.of[event.reading.type]
        value = event.device if field == DEVICE else getattr(event.reading, field)
        return None if value is None else str(value)

    def _insert(self, marks: tuple[Marked, ...], here: Marked) -> tuple[Marked, ...]:
        """Keep the newest match of each mark, and of the marks twice as many as are needed."""
        if any(m.mark == here.mark and m.at >= here.at for m in marks):
            return marks
        rest = [m for m in marks if m.mark != here.mark]
        return tuple(sorted((*rest, here), key=lambda m: (m.at, str(m.mark)))[-2 * self.least :])

    def _over(self, known: Marks, event: Event, at: datetime) -> Step | None:
        if not known.marks or at < known.marks[-1].at:
            return None
        verdict = Verdict(verb=Verb.CLEAR, at=at, reason=Reason.CLEARED_BY_EVENT, evidence=(key(event),))
        return Step(Marks(raised=known.raised), (verdict,) if known.fired else ())

    def wake(self, memory: Marks, now: datetime, subject: Subject) -> Step:  # noqa: ARG002
        """Nothing has matched for so long: it is over."""
        at = self.due(memory, subject)
        if at is None:
            return Step(memory)
        return Step(Marks(memory.marks, fired=False, raised=memory.raised), (quiet(at, self.quiet_for),))

    def due(self, memory: Marks, subject: Subject) -> datetime | None:  # noqa: ARG002
        """When it will have been quiet for long enough."""
        return memory.marks[-1].at + self.quiet_for if memory.fired and memory.marks else None
