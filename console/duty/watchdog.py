"""What must count zero: counted by duty, shown in the console and in /metrics, and alarmed.

A count that stays above zero for longer than a moment is told to every console as news of the platform
itself and to the shift leaders by letter, once until it has been zero again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from psycopg.types.json import Jsonb

from console import feed
from console.database import Connection, Database
from console.duty.letters import tell_leaders
from console.duty.timers import SQL
from console.settings import DutySettings

PATIENCE: Final = timedelta(seconds=3)
"""A batch that is being written, a timer that is firing: not an alarm yet."""


async def look(database: Database, settings: DutySettings, now: datetime) -> dict[str, int]:
    """Count everything once, keep the counts and alarm what has lasted; answers the counts."""

    async def work(connection: Connection) -> dict[str, int]:
        limits = {"now": now, "timer_late_s": settings.duty_late_s, "outbox_late_s": settings.outbox_late_s}
        rows = await (await connection.execute(SQL["invariants"], limits)).fetchall()
        bad: list[dict[str, Any]] = []
        for row in rows:
            values = {"name": row["name"], "n": row["n"], "now": now}
            noted = await (await connection.execute(SQL["note_invariant"], values)).fetchall()
            bad += [n for n in noted if n["since"] and not n["alarmed_at"] and now - n["since"] >= PATIENCE]
        for found in bad:
            await connection.execute(SQL["alarmed"], {"name": found["name"], "now": now})
            await _alarm(connection, found, now)
        return {row["name"]: row["n"] for row in rows}

    return await database.write(work)


async def _alarm(connection: Connection, found: dict[str, Any], now: datetime) -> None:
    key = f"watchdog/{found['name']}/{found['since'].isoformat()}"
    count = f"{found['name']} = {found['count']}"
    await tell_leaders(connection, (f"{count}，应为 0", f"{count} instead of 0"), key=key, now=now)
    body = Jsonb({"invariant": found["name"], "count": found["count"], "since": found["since"].isoformat()})
    await feed.lock(connection)
    await connection.execute(SQL["platform_news"], {"ref": found["name"], "body": body, "now": now})
