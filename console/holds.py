"""Who has which alert open, so that two operators do not work on the same one unknowingly.

A hold forbids nothing: whoever must act acts. It lasts as long as the page renews it; the feed says
who took and let go, and a page that vanished is forgotten when its time is over.
"""

from __future__ import annotations

from typing import Any, Final

from console import feed
from console.auth import Caller
from console.database import Connection, fetch
from devices.errors import NotFound
from ingest.store.sql import load

SQL: Final = load("console.store", "desk.sql")
HOLD_S: Final = 60  # the page renews a hold every 20 s (stores/holds.ts)


async def hold(connection: Connection, caller: Caller, alert_id: int) -> None:
    """Say that the caller has this alert open, and no other.

    Raises NotFound outside the caller's places.
    """
    about: dict[str, Any] = {"id": alert_id, "scope": caller.scope, "who": caller.name, "seconds": HOLD_S}
    if await fetch(connection, SQL["visible_alert"], about) is None:
        raise NotFound("alert", str(alert_id))
    before = await _before(connection, caller)
    await connection.execute(SQL["hold"], about)
    if before is None or before["alert_id"] != alert_id or not before["alive"]:
        await _tell(connection, caller, {alert_id} | ({before["alert_id"]} if before else set()))


async def release(connection: Connection, caller: Caller) -> None:
    """Say that the caller has no alert open."""
    before = await _before(connection, caller)
    if before is not None:
        await connection.execute(SQL["release"], {"who": caller.name})
        await _tell(connection, caller, {before["alert_id"]})


async def _before(connection: Connection, caller: Caller) -> dict[str, Any] | None:
    await connection.execute(SQL["lock_hold"], {"who": caller.name})
    return await fetch(connection, SQL["hold_of"], {"who": caller.name})


async def _tell(connection: Connection, caller: Caller, alerts: set[int]) -> None:
    await feed.lock(connection)
    for number in sorted(alerts):
        await connection.execute(SQL["tell_hold"], {"who": caller.name, "id": number})
