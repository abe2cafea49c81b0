"""What windows over events share: an event finds its place among those remembered, and they are looked at.

A kind of window says what it remembers of an event (`placed`), and which events make it full
(`reached`); the course of the judgement, its end by quiet and its end by word are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from msgspec.structs import replace

from devices.event import Event
from rules.alert import EventKey, Reason, Verb
from rules.condition import Ears, Listener, Said, Step, Subject, Verdict, key, quiet, silent, too_old
from rules.window import Hit, Marked, Marks, Tally

M = TypeVar("M", Tally, Marks)


@dataclass(frozen=True, kw_only=True, slots=True)
class Windowed(Listener, Generic[M]):
    """Raise when any `window` is full; over after `quiet_for` without a match, or by word."""

    met: ClassVar[Reason]
    counts: ClassVar[str]  # what `explain` calls the number
    least: int
    window: timedelta
    quiet_for: timedelta

    def kept(self, memory: M) -> tuple[Any, ...]:
        """The remembered events, oldest first."""
        raise NotImplementedError

    def empty(self, raised: datetime | None = None) -> M:
        """A memory without events."""
        raise NotImplementedError

    def placed(self, memory: M, event: Event, at: datetime) -> M | Reason | None:
        """The memory with the event at its place; a reason where it counts not, or None."""
        raise NotImplementedError

    def reached(self, memory: M, here: EventKey) -> tuple[EventKey, ...]:
        """The events that make the window full, this one among them; empty where it is not."""
        raise NotImplementedError

    def ears(self, kind: str) -> Ears:
        """Hear matches; a window forgets by itself, so only an explicit `over` ends anything."""
        return Ears(self.when.get(kind), self.over.get(kind, False))

    def judge(
        self,
        memory: M | None,
        said: Said,
        event: Event,
        at: datetime,
        subject: Subject,  # noqa: ARG002
    ) -> Step | None:
        """Put the event into its place, and look at the windows around it."""
        known = memory if memory is not None else self.empty()
        if said is Said.OVER:
            return self._over(known, event, at)
        moved = self.placed(known, event, at)
        if moved is None:
            return None
        if isinstance(moved, Reason):
            return Step(known, (silent(event, at, moved),))
        if too_old(event):
            return Step(moved, (silent(event, at, Reason.TOO_OLD),))
        here = key(event)
        verb, reason = self.again(known.raised, at) if known.fired else (Verb.RAISE, self.met)
        found = self.reached(moved, here) if verb is Verb.RAISE else ()
        if not known.fired and not found:
            return Step(moved)
        verdict = Verdict(
            verb=verb,
            at=at,
            reason=reason,
            explain={self.counts: len(found), "window_s": self.window.total_seconds()} if found else {},
            evidence=found or (here,),
        )
        raised = at if verb is Verb.RAISE else known.raised
        return Step(replace(moved, fired=True, raised=raised), (verdict,))

    def _over(self, known: M, event: Event, at: datetime) -> Step | None:
        """Forget the events; end the alert if one stands."""
        kept = self.kept(known)
        if (not kept and not known.fired) or (kept and at < kept[-1].at):
            return None
        verdict = Verdict(verb=Verb.CLEAR, at=at, reason=Reason.CLEARED_BY_EVENT, evidence=(key(event),))
        return Step(self.empty(known.raised), (verdict,) if known.fired else ())

    def wake(self, memory: M, now: datetime, subject: Subject) -> Step:  # noqa: ARG002
        """Nothing has matched for so long: it is over."""
        at = self.due(memory, subject)
        if at is None:
            return Step(memory)
        return Step(self.empty(memory.raised), (quiet(at, self.quiet_for),))

    def due(self, memory: M, subject: Subject) -> datetime | None:  # noqa: ARG002
        """When it will have been quiet for long enough."""
        kept = self.kept(memory)
        return kept[-1].at + self.quiet_for if memory.fired and kept else None


def insert(kept: tuple[Any, ...], here: Hit | Marked) -> tuple[Any, ...]:
    """Put one in by its time: mostly it is the newest."""
    place = next((i for i in range(len(kept), 0, -1) if kept[i - 1].at <= here.at), 0)
    return (*kept[:place], here, *kept[place:])
