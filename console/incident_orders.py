"""Orders: who is sent to a case, and how far each of them has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from console.auth import Caller
from console.database import Connection, fetch_one
from console.incident_log import write_log
from console.incidents import SQL
from console.orgs import check_org
from rules.incident import State

LEAD: Final = "lead"
ASSIST: Final = "assist"


async def put_order(
    connection: Connection,
    caller: Caller,
    incident_id: int,
    *,
    org: str,
    person: str | None = None,
    role: str = LEAD,
    note: str = "",
    due_at: datetime | None = None,
) -> int:
    """Write one order as a part of a move that is on the record already; answers its id."""
    row = {
        "id": incident_id,
        "org": check_org(org),
        "person": person,
        "role": role,
        "note": note,
        "due_at": due_at,
        "actor": caller.name,
    }
    number: int = (await fetch_one(connection, SQL["send_order"], row))["id"]
    return number


async def send_order(
    connection: Connection,
    caller: Caller,
    incident_id: int,
    *,
    org: str,
    person: str | None = None,
    role: str = ASSIST,
    note: str = "",
    due_at: datetime | None = None,
) -> int:
    """Send an organisation, or one person of it, to an open case; answers the id of the order.

    `person` is people.id. The state of the case does not change: its lead order belongs to `dispatch`. The
    caller publishes the case on the feed at the end of its transaction. Raises Invalid for an unknown
    organisation.
    """
    order = await put_order(
        connection, caller, incident_id, org=org, person=person, role=role, note=note, due_at=due_at
    )
    state = State((await fetch_one(connection, SQL["touch_incident"], {"id": incident_id}))["state"])
    detail: dict[str, Any] = {"order": order, "org": org, "role": role}
    if person is not None:
        detail["person"] = person
    await write_log(
        connection, caller, incident_id, action="order", before=state, after=state, reason=note, detail=detail
    )
    return order
