"""How often somebody may ask: a token bucket per key, in memory, the longest unused forgotten first."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from console.problems import Locked

MOST_KEYS: Final = 10_000


class Rate:
    """So many per second, and bursts of what a few seconds would allow."""

    def __init__(self, per_s: float, *, burst: float, now: Callable[[], float] = time.monotonic) -> None:
        self._per_s, self._burst, self._now = per_s, burst, now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Let one through.

        Raises Locked, with the seconds to wait, where this key has asked too often.
        """
        now = self._now()
        left, at = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_s)
        self._left[key] = (max(0.0, left - 1), now)
        while len(self._left) > MOST_KEYS:
            self._left.popitem(last=False)
        if left < 1:
            raise Locked(int((1 - left) / self._per_s) + 1)
