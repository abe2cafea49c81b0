"""Who watches the watchmen: every console notices that a part of the platform has fallen silent, and says so.

Duty writes down every two seconds what it counted, the watch every few that it looked; ingest commits at
least its own marker every second, which has gone through the broker and back. Where one grows old, a
console raises an alert of the queue and writes to the shift leaders, in a transaction of its own; the
sender is another process. The alert ends by itself when the part is back. A part that has never looked at
this database is shown as away (`/api/kpi`) and not alarmed: nobody has promised anything yet.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from console import feed
from console.accounts import PLATFORM
from console.database import Connection, Database, fetch
from console.duty.letters import tell_leaders
from console.duty.timers import SQL
from devices.errors import StoreError
from rules.wording import SILENT

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 2.0  # seconds
_WORDS: Final = {
    "duty": (
        "值守程序无响应，时限与自动派单已停，请立即检查",
        "the duty process is silent: limits and automatic dispatch have stopped, check at once",
    ),
    "ingest": (
        "平台收不到设备消息，新的告警不会出现，请立即检查",
        "the platform hears no device and no new alert appears, check at once",
    ),
    "watch": (
        "平台自检程序无响应，平台故障可能无人知晓，请检查",
        "the platform's own watch is silent: its failures may go unnoticed, check it",
    ),
}


async def watch_platform(database: Database, limits: Mapping[str, float]) -> None:
    """Look again and again, until cancelled; `limits` are the seconds each part may be silent."""
    while True:
        try:
            for part, late_s in limits.items():
                await look(database, part, late_s)
        except StoreError as exc:
            log.warning("nobody knows what runs: %s", exc, extra={"action": "platform_unknown"})
        await asyncio.sleep(LOOK_EVERY)


async def look(database: Database, part: str, late_s: float) -> bool:
    """Alarm a part's silence once, or end the alarm; answers whether it is silent."""

    async def work(connection: Connection) -> bool:
        seen = await fetch(connection, SQL[part])
        lag = seen["lag_s"] if seen else None
        if lag is None:
            return False
        if lag > late_s:
            await _alarm(connection, part, lag)
        else:
            await _end(connection, part)
        return bool(lag > late_s)

    return await database.write(work)


async def _alarm(connection: Connection, part: str, lag: float) -> None:
    entry = SILENT[part]
    about = {"part": part, "code": entry.code, "severity": entry.severity, "lag_s": round(lag, 1)}
    raised: Mapping[str, Any] | None = await fetch(connection, SQL["raise_silence"], about)
    if raised is None:  # another look, or another console, was first
        return
    log.error("%s is silent for %.1f s", part, lag, extra={"action": f"{part}_silent"})
    key = f"{part}-silent/{raised['id']}"
    await tell_leaders(connection, _WORDS[part], key=key, now=raised["raised_at"])
    await feed.publish(connection, alerts=[raised["id"]])


async def _end(connection: Connection, part: str) -> None:
    ended = await fetch(connection, SQL["end_silence"], {"code": SILENT[part].code, "actor": PLATFORM})
    if ended is not None:
        log.info("%s is back", part, extra={"action": f"{part}_back"})
        await feed.publish(connection, alerts=[ended["id"]])
