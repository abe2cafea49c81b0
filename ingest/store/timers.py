"""Rows for what the engine waits for: they outlive the process and say what is pending (design law 3).

The engine derives its due times from its memory, so a row may be early, never late: a
timer that moves further away leaves its row alone until that row's time has come. A
camera that speaks ten times a second does not rewrite its silence timer ten times.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import AsyncCursor

from ingest.judge import Verdict
from ingest.store import sql
from rules.engine import TimerKey

Q = sql.load("ingest.store", "queries.sql")


class TimerRows:
    """What stands in the table, as far as this process has committed it."""

    def __init__(self) -> None:
        self._written: dict[TimerKey, datetime] = {}

    async def put(self, cursor: AsyncCursor[Any], verdict: Verdict) -> None:
        """Write the timers that must be written; in two statements whatever their number."""
        due = {
            k: at for k, at in verdict.timers.items() if at is not None and self._news(k, at, verdict.clock)
        }
        done = [k for k, at in verdict.timers.items() if at is None]
        if due:
            subjects = ["/".join(key) for key in due]
            await cursor.execute(Q["save_timers"], {"subjects": subjects, "dues": list(due.values())})
        if done:
            await cursor.execute(Q["forget_timers"], {"subjects": ["/".join(key) for key in done]})

    def committed(self, verdict: Verdict) -> None:
        """Remember what `put` wrote, once it stands: a transaction that rolled back wrote nothing."""
        for key, at in verdict.timers.items():
            if at is None:
                self._written.pop(key, None)
            elif self._news(key, at, verdict.clock):
                self._written[key] = at

    def _news(self, key: TimerKey, at: datetime, clock: datetime | None) -> bool:
        """Whether the row is missing, too late, or past."""
        written = self._written.get(key)
        return written is None or at < written or (clock is not None and written <= clock)
