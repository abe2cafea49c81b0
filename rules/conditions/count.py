"""So many matching events within so long: five refusals at one gate in a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from msgspec.structs import replace

from devices.event import Event
from rules.alert import EventKey, Reason
from rules.condition import key
from rules.conditions.windowed import Windowed, insert
from rules.window import Hit, Tally

SPARE = 4  # remembered hits per hit needed: bounds the memory when a gate is hammered


@dataclass(frozen=True, kw_only=True, slots=True)
class Count(Windowed[Tally]):
    """Raise when any `window` holds `least` matching events.

    Events count by their own time, in whatever order they come, as far as they are not
    older than the newest by more than two windows.
    """

    remembers: ClassVar = Tally
    met: ClassVar = Reason.COUNT_REACHED
    counts: ClassVar = "count"

    def kept(self, memory: Tally) -> tuple[Hit, ...]:
        """The hits."""
        return memory.hits

    def empty(self, raised: datetime | None = None) -> Tally:
        """No hits."""
        return Tally(raised=raised)

    def placed(self, memory: Tally, event: Event, at: datetime) -> Tally | Reason:
        """Keep the hits in the order of their times, as many as can still matter."""
        if memory.hits and at < memory.hits[-1].at - 2 * self.window:
            return Reason.OUTDATED
        every = insert(memory.hits, Hit(at, key(event)))
        edge = every[-1].at - 2 * self.window
        hits = tuple(h for h in every if h.at >= edge)[-SPARE * self.least :]
        return replace(memory, hits=hits)

    def reached(self, memory: Tally, here: EventKey) -> tuple[EventKey, ...]:
        """The latest window that holds enough hits, this one among them."""
        hits = memory.hits
        for last in range(len(hits) - 1, self.least - 2, -1):
            run = hits[last - self.least + 1 : last + 1]
            if run[-1].at - run[0].at <= self.window and any(h.event == here for h in run):
                return tuple(h.event for h in hits[: last + 1] if run[-1].at - h.at <= self.window)
        return ()
