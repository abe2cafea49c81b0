"""Incidents as people see them, and what one person may do with one of them now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console.auth import Caller
from console.database import Database
from ingest.store.sql import load
from rules.incident import State
from rules.incident_guards import Actor, Move, Standing, Wish, moves

SQL: Final = load("console.store", "incidents.sql")


def actor_of(caller: Caller) -> Actor:
    """Say what the guards must know of a caller."""
    return Actor(
        name=caller.name,
        centre=caller.may("incident.centre"),
        leader=caller.may("incident.lead"),
        grader=caller.may("incident.grade"),
        platform=caller.platform,
    )


def standing(incident: Mapping[str, Any]) -> Standing:
    """Say what the guards must know of a case; `reporter_name` is who reported back."""
    wish = incident["wish"] or {}
    workers = {incident["assignee"], incident["worker"]} - {None}
    return Standing(
        state=State(incident["state"]),
        assignee=incident["assignee"],
        workers=frozenset(workers),
        wish=Wish(wish["kind"]) if wish else None,
        asked_by=wish.get("by"),
        returns=incident["returns"],
        mirrored=incident["mirrored"],
    )


def moves_for(caller: Caller, incident: Mapping[str, Any]) -> tuple[Move, ...]:
    """List what the state allows, and why not this caller; nothing for whoever works on no case."""
    if not (caller.may("incident.field") or caller.may("incident.centre")):
        return ()
    return moves(actor_of(caller), standing(incident))


async def find_incident(database: Database, caller: Caller, incident_id: int) -> dict[str, Any] | None:
    """Answer an incident with its record, orders, alerts and the caller's actions, if it is there."""
    about = {"id": incident_id, "scope": caller.scope}
    row = await database.row(SQL["incident"], about)
    if row is None:
        return None
    body: dict[str, Any] = row["body"]
    possible = moves_for(caller, {**body, "worker": row["worker"]})
    return {
        **body,
        "reporter": row["reporter"],  # masked; whole with a reason: console/revealing.py
        "reporter_phone": row["reporter_phone"],
        "log": [line["body"] for line in await database.rows(SQL["incident_log"], about)],
        "orders": [order["body"] for order in await database.rows(SQL["incident_orders"], about)],
        "alerts": [alert["body"] for alert in await database.rows(SQL["incident_alerts"], about)],
        "legal": [move.action for move in possible if move.why is None],
        "moves": [{"action": move.action, "needs": list(move.needs), "why": move.why} for move in possible],
    }
