"""Somebody on the spot asks for help: the platform whistles (吹哨) for whoever is near and on duty."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from console.auth import PLATFORM
from console.database import Connection, fetch_one
from console.duty.letters import Page, Told, tell
from console.duty.timers import SQL
from console.incident_log import write_log
from rules.incident import Action

_CALLED: Final = ("GW", "SL")  # the grid's people on duty, and the shift leader
_URGENT: Final = 1  # by voice as well, and no quiet hour holds it back


async def whistle(
    connection: Connection, incident_id: int, text: str, *, asker: str | None, key: str, now: datetime
) -> Told:
    """Call the grid's people on duty and the shift leader, never the one who asks; on the case's record.

    `asker` is the person (people.id) who asks. The caller holds the case's lock and publishes it.
    """
    incident = await fetch_one(connection, SQL["incident"], {"id": incident_id})
    page = Page(
        about={**incident, "severity": _URGENT},
        template="help",
        note=(text, text),
        key=f"whistle/{incident_id}/{key}",
        incident_id=incident_id,
    )
    told = await tell(connection, _CALLED, page, now=now, but=asker)
    await write_log(
        connection,
        PLATFORM,
        incident_id,
        action=Action.WHISTLE,
        before=incident["state"],
        after=incident["state"],
        reason=text,
        detail=told.detail,
    )
    return told
