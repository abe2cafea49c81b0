"""The canaries' stop at duty: whoever was heard is written to, as any call for help would be."""

from __future__ import annotations

from datetime import datetime

from console.database import Connection
from console.duty.timers import SQL, Due
from console.pace import Pace


async def on_canary(connection: Connection, timer: Due, _: Pace) -> datetime | None:
    """Put the letter of an estate's canary into the outbox; it reaches no person."""
    await connection.execute(SQL["post_canary"], {"estate": timer.subject})
    return None
