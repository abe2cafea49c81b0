"""Legal holds on cases: while one stands, retention takes nothing of the case."""

from __future__ import annotations

from typing import Any, Final

from console import accounts
from console.auth import Caller
from console.database import Connection, fetch
from devices.errors import Conflict, NotFound
from ingest.store.sql import load

SQL: Final = load("console.store", "case_holds.sql")


async def state(connection: Connection, caller: Caller, incident_id: int) -> dict[str, Any]:
    """Answer who holds a case and why, if anybody does.

    Raises NotFound outside the caller's places.
    """
    row = await fetch(connection, SQL["hold_of"], {"id": incident_id, "scope": caller.scope})
    if row is None:
        raise NotFound("incident", str(incident_id))
    return {"hold": row["body"]}


async def change(
    connection: Connection, caller: Caller, incident_id: int, *, hold: bool, reason: str
) -> dict[str, Any]:
    """Hold a case, or end its hold.

    Raises NotFound outside the caller's places, Conflict where it is so already.
    """
    await state(connection, caller, incident_id)
    about = {"id": incident_id, "reason": reason, "by": caller.name}
    if await fetch(connection, SQL["hold" if hold else "release"], about) is None:
        raise Conflict("this case is on hold already" if hold else "this case is not on hold")
    action = "case.hold" if hold else "case.release"
    detail = {"reason": reason, "incident": incident_id}
    await accounts.note(connection, caller, action, str(incident_id), detail)
    return await state(connection, caller, incident_id)
