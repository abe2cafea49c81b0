"""The orders of one person, and what that person may do with each now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg.rows import DictRow

from console.auth import Caller
from console.database import Connection, Database, fetch
from console.incidents import moves_for
from ingest.store.sql import load
from rules.field_move import ALWAYS, CASE_MOVES, FieldAction, assist_legal
from rules.incident import OVER, State

SQL: Final = load("console.store", "orders.sql")


async def my_orders(
    database: Database, caller: Caller, *, state: str, after: tuple[datetime | None, int | None], limit: int
) -> list[dict[str, Any]]:
    """Answer up to `limit` + 1 rows of the caller's orders, newest first, as a page is built from."""
    wanted = _about(caller, state=state, limit=limit + 1) | {"after_sent": after[0], "after_id": after[1]}
    rows = await database.rows(SQL["my_orders"], wanted)
    return [{**row, "body": _shown(caller, row)} for row in rows]


async def my_order(connection: Connection, caller: Caller, order_id: int) -> dict[str, Any] | None:
    """Answer one order of the caller, whatever its state; None where it is nobody's or another's."""
    row = await fetch(connection, SQL["my_orders"], _about(caller, order_id=order_id))
    return None if row is None else _shown(caller, row)


def _about(
    caller: Caller, *, state: str = "all", limit: int = 1, order_id: int | None = None
) -> dict[str, Any]:
    return {
        "user_name": caller.name,
        "scope": caller.scope,
        "id": order_id,
        "state": state,
        "after_sent": None,
        "after_id": None,
        "limit": limit,
    }


def _shown(caller: Caller, row: DictRow) -> dict[str, Any]:
    body: Mapping[str, Any] = row["body"]
    return {**body, "legal": [*_legal(caller, row)]}


def _legal(caller: Caller, row: DictRow) -> tuple[FieldAction, ...]:
    state = State(row["incident_state"])
    if state in OVER or row["state"] in {"returned", "recalled"}:
        return ()
    if row["role"] != "lead":
        return (*assist_legal(row["state"]), *ALWAYS)
    if row["state"] == "done":
        return ALWAYS
    offered = moves_for(caller, {**row["incident"], "worker": row["worker"]})
    possible = {move.action for move in offered if move.why is None}
    return (*(move for move, action in CASE_MOVES.items() if action in possible), *ALWAYS)
