"""Incidents as people see them, and what one person may do with one of them now."""

from __future__ import annotations

from typing import Any, Final

from console.auth import Caller
from console.database import Database
from ingest.store.sql import load
from rules.incident import Action, State, legal

SQL: Final = load("console.store", "incidents.sql")

FIELD: Final = frozenset(
    {
        Action.ACKNOWLEDGE,
        Action.RETURN,
        Action.ARRIVE,
        Action.HANDLE,
        Action.SUSPEND,
        Action.RESUME,
        Action.ASK_EXTENSION,
        Action.REPORT_BACK,
    }
)
"""What whoever was sent does; everything else is the centre's."""

CHECKS: Final = frozenset({Action.VERIFY, Action.REOPEN})
"""Judging the work: never by whoever did it."""

UNSUPPORTED: Final = frozenset({Action.MERGE})  # needs to name the other incident, which no request can yet


def permission(action: Action) -> str:
    """Answer the permission an action needs."""
    return "incident.field" if action in FIELD else "incident.centre"


def legal_for(caller: Caller, state: State, *, workers: frozenset[str | None]) -> tuple[Action, ...]:
    """Say what this caller may do now; `workers` are those who signed for it or reported back."""
    return tuple(
        action
        for action in legal(state)
        if action not in UNSUPPORTED
        and caller.may(permission(action))
        and not (action in CHECKS and caller.name in workers)
    )


async def find_incident(database: Database, caller: Caller, incident_id: int) -> dict[str, Any] | None:
    """Answer an incident with its record, orders, alerts and the caller's actions, if it is there."""
    about = {"id": incident_id, "scope": caller.scope}
    row = await database.row(SQL["incident"], about)
    if row is None:
        return None
    body: dict[str, Any] = row["body"]
    workers = frozenset({body["assignee"], row["reporter"]})
    return {
        **body,
        "log": [line["body"] for line in await database.rows(SQL["incident_log"], about)],
        "orders": [order["body"] for order in await database.rows(SQL["incident_orders"], about)],
        "alerts": [alert["body"] for alert in await database.rows(SQL["incident_alerts"], about)],
        "legal": list(legal_for(caller, State(body["state"]), workers=workers)),
    }
