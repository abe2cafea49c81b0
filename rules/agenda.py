"""When which memory must be looked at again: one heap per estate, and nothing in it is ever removed early.

An entry that has become stale (its slot is due at another time, or gone) is dropped or put
back when it comes up. So moving a due time costs nothing on the hot path.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from datetime import datetime

from rules.track import Slot, Track

Entry = tuple[datetime, int, str]  # due, the rule's rank, the subject


class Agenda:
    """The due times of all slots of an engine's tracks."""

    def __init__(self, ranked: Sequence[Track]) -> None:
        self._ranked = ranked
        self._heaps: dict[str, list[Entry]] = {}  # by estate

    @property
    def estates(self) -> tuple[str, ...]:
        """The estates in which something has ever been due."""
        return tuple(self._heaps)

    @property
    def next_due(self) -> datetime | None:
        """When something is due next."""
        firsts = [due for heap in self._heaps.values() if (due := self._first(heap)) is not None]
        return min(firsts, default=None)

    def queue(self, rank: int, slot: Slot) -> None:
        """See that the slot comes up in time; an entry that comes too early queues itself again."""
        if slot.due is not None and (slot.queued is None or slot.due < slot.queued):
            slot.queued = slot.due
            heap = self._heaps.setdefault(slot.key.estate, [])
            heapq.heappush(heap, (slot.due, rank, slot.key.subject))

    def due(self, now: datetime, estate: str | None) -> Iterator[tuple[Track, Slot]]:
        """Take what is due by `now`, estate by estate in order, and what becomes due meanwhile too."""
        for name in (estate,) if estate is not None else sorted(self._heaps):
            heap = self._heaps.get(name, [])
            while heap and heap[0][0] <= now:
                due, rank, subject = heapq.heappop(heap)
                track = self._ranked[rank]
                slot = track.slots.get(subject)
                if slot is None or slot.due != due:
                    self._requeue(rank, slot, due)
                else:
                    slot.queued = None
                    yield track, slot

    def _first(self, heap: list[Entry]) -> datetime | None:
        while heap:
            due, rank, name = heap[0]
            slot = self._ranked[rank].slots.get(name)
            if slot is not None and slot.due == due:
                return due
            heapq.heappop(heap)
            self._requeue(rank, slot, due)
        return None

    def _requeue(self, rank: int, slot: Slot | None, popped: datetime) -> None:
        """Deal with a stale entry."""
        if slot is not None and slot.queued == popped:
            slot.queued = None
            self.queue(rank, slot)
