"""Remember costly answers for a moment, so that a wall of screens asks the database once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """Answers by key, each at most `age_s` old; who asks meanwhile waits for the one who fetches."""

    def __init__(self, age_s: float) -> None:
        self._age_s = age_s
        self._answers: dict[Hashable, tuple[float, T]] = {}
        self._turn = asyncio.Lock()

    async def get(self, key: Hashable, fetch: Callable[[], Awaitable[T]]) -> T:
        """Answer from memory, or fetch and remember."""
        now = asyncio.get_running_loop().time
        async with self._turn:
            known = self._answers.get(key)
            if known is not None and now() - known[0] < self._age_s:
                return known[1]
            answer = await fetch()
            self._answers[key] = (now(), answer)
            return answer
