"""Who watches the watchman: every console notices that duty has fallen silent, and says so without it.

Duty writes down every two seconds what it counted. Where that grows old, a console raises an alert of the
queue and writes to the shift leaders, in a transaction of its own; the sender is another process.
The alert ends by itself when duty is back. A duty that has never looked at this database is shown as away
(`/api/kpi`) and not alarmed: nobody has promised anything yet.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from console import feed
from console.accounts import PLATFORM
from console.database import Connection, Database, fetch
from console.duty.letters import tell_leaders
from console.duty.timers import SQL
from devices.errors import StoreError
from rules.wording import DUTY_SILENT

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 2.0  # seconds
_WORDS: Final = (
    "值守程序无响应，时限与自动派单已停，请立即检查",
    "the duty process is silent: limits and automatic dispatch have stopped, check at once",
)


async def watch_duty(database: Database, late_s: float) -> None:
    """Look again and again, until cancelled; a database that is away is waited for."""
    while True:
        try:
            await look(database, late_s)
        except StoreError as exc:
            log.warning("nobody knows whether duty runs: %s", exc, extra={"action": "duty_unknown"})
        await asyncio.sleep(LOOK_EVERY)


async def look(database: Database, late_s: float) -> bool:
    """Alarm duty's silence once, or end the alarm; answers whether it is silent."""

    async def work(connection: Connection) -> bool:
        seen = await fetch(connection, SQL["duty"])
        lag = seen["lag_s"] if seen else None
        if lag is None:
            return False
        if lag > late_s:
            await _alarm(connection, lag)
        else:
            await _end(connection)
        return bool(lag > late_s)

    return await database.write(work)


async def _alarm(connection: Connection, lag: float) -> None:
    about = {"code": DUTY_SILENT.code, "severity": DUTY_SILENT.severity, "lag_s": round(lag, 1)}
    raised = await fetch(connection, SQL["raise_silence"], about)
    if raised is None:  # another look, or another console, was first
        return
    log.error("duty is silent for %.1f s", lag, extra={"action": "duty_silent"})
    await tell_leaders(connection, _WORDS, key=f"duty-silent/{raised['id']}", now=raised["raised_at"])
    await feed.publish(connection, alerts=[raised["id"]])


async def _end(connection: Connection) -> None:
    about = {"code": DUTY_SILENT.code, "actor": PLATFORM}
    ended = await fetch(connection, SQL["end_silence"], about)
    if ended is not None:
        log.info("duty is back", extra={"action": "duty_back"})
        await feed.publish(connection, alerts=[ended["id"]])
