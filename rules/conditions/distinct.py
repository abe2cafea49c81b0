"""So many different ones within so long: two smoke sensors of a building in three minutes.

Only the last match of each mark is remembered, and of the marks the newest ones: if so
many of them lie within the window, it is reached, and older ones cannot change that. So
the memory is bounded whatever the window's length.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from msgspec.structs import replace

from devices.event import Event
from rules.alert import EventKey, Reason
from rules.condition import key
from rules.conditions.windowed import Windowed
from rules.window import Marked, Marks

DEVICE = "device"


@dataclass(frozen=True, kw_only=True, slots=True)
class Distinct(Windowed[Marks]):
    """Raise when `least` different marks match within `window`."""

    remembers: ClassVar = Marks
    met: ClassVar = Reason.DISTINCT_REACHED
    counts: ClassVar = "distinct"
    of: Mapping[str, str]  # the field that tells them apart, by event type; `device`: who speaks

    def kept(self, memory: Marks) -> tuple[Marked, ...]:
        """The marks."""
        return memory.marks

    def empty(self, raised: datetime | None = None) -> Marks:
        """No marks."""
        return Marks(raised=raised)

    def placed(self, memory: Marks, event: Event, at: datetime) -> Marks | None:
        """Keep the newest match of each mark, and of the marks twice as many as are needed."""
        mark = self._mark(event)
        if mark is None:
            return None
        marks, here = memory.marks, Marked(at, mark, key(event))
        if any(m.mark == mark and m.at >= at for m in marks):
            return memory
        rest = [m for m in marks if m.mark != mark]
        kept = tuple(sorted((*rest, here), key=lambda m: (m.at, str(m.mark)))[-2 * self.least :])
        return replace(memory, marks=kept)

    def _mark(self, event: Event) -> str | None:
        field = self.of[event.reading.type]
        value = event.device if field == DEVICE else getattr(event.reading, field)
        return None if value is None else str(value)

    def reached(self, memory: Marks, here: EventKey) -> tuple[EventKey, ...]:  # noqa: ARG002 - the newest decide
        """The marks around the newest, if they are enough."""
        marks = memory.marks
        run = marks[-self.least :]
        if len(run) < self.least or run[-1].at - run[0].at > self.window:
            return ()
        return tuple(m.event for m in marks if marks[-1].at - m.at <= self.window)
