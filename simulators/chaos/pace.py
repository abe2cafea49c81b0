"""Virtual time as chaos sees it: how far the play is, and that it does not run away from a fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

TRICKLE = 0.25  # seconds per step while the play waits for chaos: time goes on, so that recovery shows


class Pace:
    """The play reports each marker to `hold`, and is slowed there until chaos has caught up."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self._start, self._end = start, end
        self._moved = asyncio.Condition()
        self._going = asyncio.Event()
        self._going.set()
        self.at = start
        self.until = 1.0  # share of the play that may pass at full speed

    @property
    def share(self) -> float:
        """How much of the play is over."""
        return (self.at - self._start) / (self._end - self._start)

    async def hold(self, at: datetime) -> None:
        """Note that the broker has everything up to `at`; wait where chaos is not so far."""
        self.at = at
        async with self._moved:
            self._moved.notify_all()
        await self._going.wait()
        if self.share >= self.until:
            await asyncio.sleep(TRICKLE)

    async def reach(self, share: float) -> None:
        """Wait until so much of the play is over."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.share >= min(share, 1.0))

    @asynccontextmanager
    async def standing(self) -> AsyncIterator[datetime]:
        """Let virtual time stand still, at the end of a step; answers the time."""
        self._going.clear()
        try:
            async with self._moved:
                await self._moved.wait()  # the marker that ends the present step
            yield self.at
        finally:
            self._going.set()
