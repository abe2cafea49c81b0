"""Orders: who is sent to a case, and how far each of them has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from psycopg.rows import DictRow

from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from console.incident_log import write_log
from console.incidents import SQL
from console.orgs import check_org
from console.problems import Beaten, Forbidden, Invalid, Unfit
from devices.errors import NotFound
from rules.incident import OVER, Action, State
from rules.incident_guards import Why

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


async def mark_order(
    connection: Connection, incident_id: int, order: int | None, *, state: str, actor: str, at: datetime
) -> None:
    """Note how far an order has come; without a number the newest lead order is meant."""
    row = {"id": incident_id, "order": order, "order_state": state, "actor": actor, "at": at}
    await connection.execute(SQL["mark_order"], row)


async def recall_orders(connection: Connection, incident_id: int) -> None:
    """Call back whoever leads: somebody else is sent, or nobody is needed any more."""
    await connection.execute(SQL["recall_orders"], {"id": incident_id})


async def find_order(connection: Connection, incident_id: int, order: int | None) -> DictRow | None:
    """Answer the order that is meant, None for the lead order by default; raises NotFound for another's."""
    if order is None:
        return None
    found = await fetch(connection, SQL["order_of"], {"id": incident_id, "order": order})
    if found is None:
        raise NotFound("order", str(order))
    return found


_ASSIST_MOVES: Final[Mapping[tuple[str, Action], str]] = MappingProxyType(
    {
        ("sent", Action.ACKNOWLEDGE): "acknowledged",
        ("sent", Action.RETURN): "returned",
        ("acknowledged", Action.RETURN): "returned",
        ("acknowledged", Action.ARRIVE): "on_scene",
        ("acknowledged", Action.REPORT_BACK): "done",
        ("on_scene", Action.REPORT_BACK): "done",
        ("on_scene", Action.HANDLE): "on_scene",
        ("acknowledged", Action.HANDLE): "acknowledged",
    }
)
"""How an assisting order goes its own way: it never moves the case."""
_NEEDS_WORDS: Final = frozenset({Action.RETURN, Action.REPORT_BACK})


async def act_on_order(
    connection: Connection,
    caller: Caller,
    incident: DictRow,
    order: DictRow,
    *,
    action: Action,
    reason: str | None,
    detail: Mapping[str, Any],
    at: datetime,
) -> None:
    """Move an assisting order on; raises Beaten, Unfit or Invalid where that is not possible."""
    possible = [a for (state, a) in _ASSIST_MOVES if state == order["state"]]
    if not caller.may("incident.field"):
        raise Forbidden
    if State(incident["state"]) in OVER or (order["state"], action) not in _ASSIST_MOVES:
        raise Beaten(
            f"order {order['id']} is {order['state']}: cannot {action}", legal=possible, last=incident["last"]
        )
    if not caller.may("incident.centre") and order["accepted_by"] not in (None, caller.name):
        raise Unfit(f"{action}: somebody else has signed for it", why=Why.NOT_YOURS, legal=())
    if action in _NEEDS_WORDS and not reason:
        raise Invalid({"reason": f"say why or what was done: {action} needs it"})
    state = _ASSIST_MOVES[order["state"], action]
    number = incident["id"]
    await mark_order(connection, number, order["id"], state=state, actor=caller.name, at=at)
    await connection.execute(SQL["touch_incident"], {"id": number})
    await write_log(
        connection,
        caller,
        number,
        action=f"assist_{action}",
        before=incident["state"],
        after=incident["state"],
        reason=reason or "",
        detail={**detail, "order": order["id"], "org": order["org"]},
    )
