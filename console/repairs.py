"""From verdicts to repairs: what false alarms ask for is ordered in the transaction of the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from psycopg.types.json import Jsonb

from console import accounts
from console.auth import Caller
from console.case_wishes import RepairAction
from console.database import Connection, fetch, fetch_one
from console.problems import Beaten, Invalid
from devices.errors import IllegalMove, NotFound
from ingest.store.sql import load
from rules.repairs import KINDS, advice_for, legal, move

SQL: Final = load("console.store", "repairs.sql")
DAYS: Final = 30  # of verdicts, for a rate
_OVER: Final = frozenset({"done", "dismissed"})


async def consider(connection: Connection, alerts: Sequence[int]) -> list[int]:
    """Order what the false alarms among these ask for; answers the orders' numbers."""
    if not alerts:
        return []
    ordered: list[int] = []
    rows = await (await connection.execute(SQL["false_devices"], {"alerts": list(alerts)})).fetchall()
    for row in rows:
        for advice in advice_for(row["profile"]):
            about = {"device": row["id"], "kind": advice.kind, "within": advice.within}
            count: int = (await fetch_one(connection, SQL["count_false"], about))["n"]
            if count < advice.at_least:
                continue
            facts = {"false_alarms": count, "days": advice.within.days}
            order = {**about, **row, "device": row["id"], "facts": Jsonb(facts)}
            ordered.append((await fetch_one(connection, SQL["order_repair"], order))["id"])
    return ordered


async def act(connection: Connection, caller: Caller, number: int, wish: RepairAction) -> dict[str, Any]:
    """Move a repair order on and answer it as it is then.

    Raises NotFound outside the caller's places, Invalid and Beaten where the wish does not fit.
    """
    row = await fetch(connection, SQL["lock_repair"], {"id": number, "scope": caller.scope})
    if row is None:
        raise NotFound("repair order", str(number))
    subject = f"repair order {number}"
    if wish.version is not None and wish.version != row["version"]:
        raise Beaten(f"{subject} has changed", legal=legal(row["state"]), last=None)
    try:
        state = move(row["state"], wish.action, subject)
    except IllegalMove as exc:
        raise Beaten(str(exc), legal=legal(row["state"]), last=None) from exc
    if wish.action == "dismiss" and not wish.note:
        raise Invalid({"note": "say why nothing needs to be done"})
    if wish.action == "assign" and not wish.assignee:
        raise Invalid({"assignee": "say who does it"})
    change = {
        "id": number,
        "state": state,
        "assignee": wish.assignee,
        "note": wish.note or "",
        "by": caller.name,
        "over": state in _OVER,
    }
    await connection.execute(SQL["move_repair"], change)
    await accounts.audit(
        connection,
        caller.name,
        f"repair.{wish.action}",
        str(number),
        detail={"note": wish.note, "assignee": wish.assignee},
        source=caller.source,
    )
    wanted = {**EVERYTHING, "scope": caller.scope, "state": "all", "id": number, "limit": 1}
    return shown((await fetch_one(connection, SQL["repairs"], wanted))["body"])


EVERYTHING: Final[dict[str, Any]] = {"id": None, "device": None, "rule": None, "before": None}


def shown(body: dict[str, Any]) -> dict[str, Any]:
    """A repair order with its words and what may be done with it."""
    advice = KINDS[body["kind"]]
    return {**body, "advice_zh": advice.zh, "advice_en": advice.en, "legal": list(legal(body["state"]))}
