"""How often somebody may ask: buckets of one process that spare it, shared ones that stop guessing."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from psycopg.rows import DictRow

from console.database import Database
from console.problems import Locked
from ingest.store.sql import load

MOST_KEYS: Final = 10_000
_SQL: Final = load("console.store", "access.sql")


class Rate:
    """So many per second, and bursts of what a few seconds would allow: of one process, in its memory.

    The longest unused key is forgotten first.
    """

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


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedRate:
    """The same for all console processes together, in the database: for tries without an account."""

    kind: str
    per_s: float
    burst: float

    async def take(self, database: Database, source: str) -> None:
        """Let one try of this address through.

        Raises Locked, with the seconds to wait, where there were too many.
        """
        self._judge(await database.row(_SQL["take_rate"], self._about(source)))

    async def check(self, database: Database, source: str) -> None:
        """Raise Locked where `take` would; takes nothing."""
        self._judge(await database.row(_SQL["rate_left"], self._about(source)))

    def _about(self, source: str) -> dict[str, object]:
        return {"key": f"{self.kind}:{source}", "per_s": self.per_s, "burst": self.burst}

    def _judge(self, row: DictRow | None) -> None:
        if row is not None and row["tokens"] < 0:
            raise Locked(int(-row["tokens"] / self.per_s) + 1)
