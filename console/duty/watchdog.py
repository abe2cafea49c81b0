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
from console.duty.timers import SQL
from console.settings import DutySettings
from ingest.deliver.outbox import Channel, Letter, post

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
    text = f"平台自检异常：{found['name']} = {found['count']}，应为 0"
    key = f"watchdog/{found['name']}/{found['since'].isoformat()}"
    leaders = await (await connection.execute(SQL["leaders"], {"most": 5})).fetchall()
    letters = [
        Letter(
            f"{key}/{row['id']}", Channel.SMS, "", {"text": text}, person=row["id"], party="SL", severity=1
        )
        for row in leaders
    ]
    await post(connection, letters)
    body = Jsonb({"invariant": found["name"], "count": found["count"], "since": found["since"].isoformat()})
    await feed.lock(connection)
    await connection.execute(SQL["platform_news"], {"ref": found["name"], "body": body, "now": now})
