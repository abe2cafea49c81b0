"""So many matching events within so long: five refusals at one gate in a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from devices.event import Event
from rules.alert import Reason, Verb
from rules.condition import Ears, Listener, Said, Step, Subject, Verdict, key, silent, too_old
from rules.window import Hit, Tally

SPARE = 4  # remembered hits per hit needed: bounds the memory when a gate is hammered


@dataclass(frozen=True, kw_only=True, slots=True)
class Count(Listener):
    """Raise when any `window` holds `least` matching events; over after `quiet_for` without one.

    Events count by their own time, in whatever order they come, as far as they are not
    older than the newest by more than two windows.
    """

    remembers = Tally
    least: int
    window: timedelta
    quiet_for: timedelta

    def ears(self, kind: str) -> Ears:
        """Hear matches; a window forgets by itself, so only an explicit `over` ends anything."""
        return Ears(self.when.get(kind), self.over.get(kind, False))

    def judge(
        self,
        memory: Tally | None,
        said: Said,
        event: Event,
        at: datetime,
        subject: Subject,  # noqa: ARG002
    ) -> Step | None:
        """Put the event into its place in the window, and look at the windows around it."""
        known = memory if memory is not None else Tally()
        newest = known.hits[-1].at if known.hits else at
        here = Hit(at, key(event))
        if said is Said.OVER:
            return self._over(known, here) if at >= newest else None
        if at < newest - 2 * self.window:
            return Step(known, (silent(event, at, Reason.OUTDATED),))
        hits = self._insert(known.hits, here)
        moved = replace(known, hits=hits)
        if too_old(event):
            return Step(moved, (silent(event, at, Reason.TOO_OLD),))
        verb, reason = self.again(known.raised, at) if known.fired else (Verb.RAISE, Reason.COUNT_REACHED)
        found = self._reached(hits, here) if verb is Verb.RAISE else ()
        if not known.fired and not found:
            return Step(moved)
        verdict = Verdict(
            verb=verb,
            at=at,
            reason=reason,
            explain={"count": len(found), "window_s": self.window.total_seconds()} if found else {},
            evidence=tuple(h.event for h in found) or (here.event,),
        )
        raised = at if verb is Verb.RAISE else known.raised
        return Step(replace(moved, fired=True, raised=raised), (verdict,))

    def _insert(self, hits: tuple[Hit, ...], here: Hit) -> tuple[Hit, ...]:
        """Keep the hits in the order of their times, as many as can still matter."""
        place = next((i for i in range(len(hits), 0, -1) if hits[i - 1].at <= here.at), 0)
        every = (*hits[:place], here, *hits[place:])
        edge = every[-1].at - 2 * self.window
        return tuple(h for h in every if h.at >= edge)[-SPARE * self.least :]

    def _reached(self, hits: tuple[Hit, ...], here: Hit) -> tuple[Hit, ...]:
        """The latest window that holds enough hits, this one among them; empty if none does."""
        for last in range(len(hits) - 1, self.least - 2, -1):
            run = hits[last - self.least + 1 : last + 1]
            if run[-1].at - run[0].at <= self.window and here in run:
                return tuple(h for h in hits[: last + 1] if run[-1].at - h.at <= self.window)
        return ()

    def _over(self, known: Tally, here: Hit) -> Step | None:
        """Forget the hits; end the alert if one stands."""
        if not known.fired and not known.hits:
            return None
        verdict = Verdict(verb=Verb.CLEAR, at=here.at, reason=Reason.CLEARED_BY_EVENT, evidence=(here.event,))
        return Step(Tally(raised=known.raised), (verdict,) if known.fired else ())

    def wake(self, memory: Tally, now: datetime, subject: Subject) -> Step:  # noqa: ARG002
        """Nothing has matched for so long: it is over."""
        at = self.due(memory, subject)
        if at is None:
            return Step(memory)
        verdict = Verdict(
            verb=Verb.CLEAR,
            at=at,
            reason=Reason.QUIET_FOR,
            explain={"quiet_for_s": self.quiet_for.total_seconds()},
        )
        return Step(Tally(raised=memory.raised), (verdict,))

    def due(self, memory: Tally, subject: Subject) -> datetime | None:  # noqa: ARG002
        """When it will have been quiet for long enough."""
        return memory.hits[-1].at + self.quiet_for if memory.fired and memory.hits else None
