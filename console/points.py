"""The ledger of responsibility points: it only grows, and nothing counts before it is published.

A person proposes every entry; there is no path on which the platform deducts points by itself (PIPL art. 24).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from console import accounts
from console.auth import Caller
from console.case_wishes import NewPoints, PointsCorrection, PointsReview, PointsRule
from console.database import Connection, fetch, fetch_one
from console.problems import Beaten, Forbidden, Invalid
from devices.errors import Conflict, NotFound
from ingest.store.sql import load
from rules.points import Bar, Review, Stand, Step, next_step, objection, stand_of

SQL: Final = load("console.store", "points.sql")
EVERYTHING: Final[Mapping[str, Any]] = MappingProxyType(
    {"id": None, "node": None, "holder": None, "stand": None, "before": None}
)
_WHY: Final = MappingProxyType(
    {
        Bar.OWN: "You proposed it: two other people review it.",
        Bar.TWICE: "You have reviewed it already: somebody else must do so now.",
        Bar.LEADER: "A shift leader or an administrator publishes.",
    }
)


async def set_rule(connection: Connection, caller: Caller, wish: PointsRule) -> None:
    """Put a line onto the lists or change it; entries keep the points they were proposed with."""
    if wish.points == 0:
        raise Invalid({"points": "a rule gives or takes at least one point"})
    await connection.execute(SQL["set_rule"], {**wish.model_dump(), "by": caller.name})
    await accounts.audit(
        connection, caller.name, "points.rule", wish.code, detail=wish.model_dump(), source=caller.source
    )


async def propose(connection: Connection, caller: Caller, wish: NewPoints) -> dict[str, Any]:
    """Propose an entry; raises Invalid for a rule that is on no list."""
    rule = await fetch(connection, SQL["rule"], {"code": wish.rule})
    if rule is None:
        raise Invalid({"rule": f"{wish.rule!r} is on neither list"})
    row = {**wish.model_dump(), "points": rule["points"], "corrects": None, "by": caller.name}
    return await _put(connection, caller, row, "points.propose")


async def correct(
    connection: Connection, caller: Caller, number: int, wish: PointsCorrection
) -> dict[str, Any]:
    """Propose the counter-entry of a published entry.

    Raises NotFound outside the caller's places, Conflict where it does not count or is corrected already.
    """
    entry = await _locked(connection, caller, number)
    if stand_of(await _reviews(connection, number)) is not Stand.PUBLISHED or entry["corrects"] is not None:
        raise Conflict("only a published entry that is no correction itself can be taken back")
    row = {**entry, "points": -entry["points"], "reason": wish.reason, "corrects": number, "by": caller.name}
    return await _put(connection, caller, row, "points.correct")


async def review(connection: Connection, caller: Caller, number: int, wish: PointsReview) -> dict[str, Any]:
    """Take the next step of an entry: first review, second review, publication.

    Raises NotFound outside the caller's places, Forbidden for the wrong person, Beaten where nothing
    can follow.
    """
    entry = await _locked(connection, caller, number)
    reviews = await _reviews(connection, number)
    bar = objection(entry["proposed_by"], reviews, caller.name, leader=caller.may("points.publish"))
    step = next_step(stand_of(reviews))
    if bar is Bar.OVER or step is None:
        raise Beaten(f"entry {number} is {stand_of(reviews)}", legal=(), last=None)
    if bar is not None:
        raise Forbidden(_WHY[bar])
    if wish.decision == "refuse" and not wish.note:
        raise Invalid({"note": "say why it is refused"})
    row = {"id": number, "step": step, "decision": wish.decision, "note": wish.note, "by": caller.name}
    await connection.execute(SQL["review"], row)
    await accounts.audit(
        connection, caller.name, f"points.{step}", str(number),
        detail={"decision": wish.decision, "note": wish.note}, source=caller.source,
    )  # fmt: skip
    return await shown(connection, caller, number)


async def shown(connection: Connection, caller: Caller, number: int) -> dict[str, Any]:
    """An entry as the page shows it."""
    wanted = {**EVERYTHING, "scope": caller.scope, "id": number, "limit": 1}
    body: dict[str, Any] = (await fetch_one(connection, SQL["entries"], wanted))["body"]
    return body


async def _put(connection: Connection, caller: Caller, row: Mapping[str, Any], action: str) -> dict[str, Any]:
    made = await fetch(connection, SQL["propose"], row)
    if made is None:
        raise Conflict("this entry is being corrected already")
    detail = {"holder": row["holder"], "points": row["points"], "rule": row["rule"]}
    await accounts.audit(
        connection, caller.name, action, str(made["id"]), detail=detail, source=caller.source
    )
    return await shown(connection, caller, made["id"])


async def _locked(connection: Connection, caller: Caller, number: int) -> dict[str, Any]:
    entry = await fetch(connection, SQL["lock_entry"], {"id": number, "scope": caller.scope})
    if entry is None:
        raise NotFound("points entry", str(number))
    return entry


async def _reviews(connection: Connection, number: int) -> tuple[Review, ...]:
    rows = await (await connection.execute(SQL["reviews"], {"id": number})).fetchall()
    return tuple(
        Review(step=Step(row["step"]), approve=row["decision"] == "approve", by=row["by_whom"])
        for row in rows
    )
