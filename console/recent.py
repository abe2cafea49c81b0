"""Remember costly answers for a moment, so that a wall of screens asks the database once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Slot(Generic[T]):
    """One key's answer, and whose turn it is to fetch it."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.known: tuple[float, T] | None = None


class Recent(Generic[T]):
    """Answers by key, each at most `age_s` old; who asks meanwhile waits for the one who fetches.

    The `most` keys asked last are remembered; an age of 0 remembers nothing.
    """

    def __init__(self, age_s: float, most: int = 1000) -> None:
        self._age_s, self._most = age_s, most
        self._slots: dict[Hashable, _Slot[T]] = {}

    async def get(self, key: Hashable, fetch: Callable[[], Awaitable[T]]) -> T:
        """Answer from memory, or fetch and remember."""
        now = asyncio.get_running_loop().time
        slot = self._slots.pop(key, None) or _Slot()
        self._slots[key] = slot  # the newest stands last
        if len(self._slots) > self._most:
            del self._slots[next(iter(self._slots))]
        async with slot.turn:
            if slot.known is not None and now() - slot.known[0] < self._age_s:
                return slot.known[1]
            answer = await fetch()
            slot.known = (now(), answer)
            return answer

    def forget(self) -> None:
        """Fetch everything anew when it is asked next."""
        self._slots.clear()
