"""What was set aside on the way in: looked at, decoded again, sent the way of the others."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Query

from console.access import Data
from console.accounts import audit
from console.auth import Me
from console.database import Connection
from console.developer_schemas import FoldedRow
from console.paging import Cursor, Limit, after, page
from console.schemas import AskedAgain, Page, QuarantineRow, SecondReading
from console.set_aside import second_reading
from devices.errors import NotFound
from ingest.batch import KEPT_BYTES
from ingest.store.registry import load_registry
from ingest.store.sql import load

router = APIRouter(prefix="/api/quarantine", tags=["platform"])
_SQL: Final = load("console.store", "quarantine.sql")
MOST: Final = 500  # messages read again by one request
_Ids = Annotated[list[int], Body(embed=True, min_length=1, max_length=MOST)]


@router.get("", response_model=Page[QuarantineRow])
async def quarantine(
    database: Data,
    caller: Me,
    *,
    reason: Annotated[str | None, Query(max_length=64)] = None,
    topic: Annotated[str | None, Query(max_length=200, description="a part of the topic")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List messages that were set aside, newest first."""
    (number,) = after(cursor, int)
    about = {"scope": caller.scope, "after_id": number, "reason": reason, "topic": topic, "limit": limit + 1}
    return page(await database.rows(_SQL["quarantine"], about), limit, "id")


@router.get("/folded", response_model=list[FoldedRow])
async def quarantine_folded(database: Data, caller: Me) -> list[dict[str, Any]]:
    """List what quarantine had no room for: how many per day, topic and reason, newest first."""
    return [row["body"] for row in await database.rows(_SQL["folded"], {"scope": caller.scope})]


@router.get("/{number}", response_model=SecondReading)
async def set_aside(
    database: Data,
    caller: Me,
    number: int,
    why: Annotated[
        str | None, Query(min_length=2, max_length=500, description="without one, what is wrong with it")
    ] = None,
) -> dict[str, Any]:
    """Show a message's bytes, and what the decoders of today make of it; look and reason go on record."""

    async def work(connection: Connection) -> dict[str, Any]:
        about = {"ids": [number], "scope": caller.scope}
        found = await (await connection.execute(_SQL["set_aside"], about)).fetchall()
        if not found:
            raise NotFound("quarantined message", str(number))
        reason = {"reason": why or found[0]["reason"]}
        await audit(connection, caller.name, "quarantine.show", str(number), detail=reason)
        return second_reading(found[0], await load_registry(connection))

    return await database.write(work)


@router.post("/again", response_model=AskedAgain, status_code=202)
async def read_again(database: Data, caller: Me, ids: _Ids) -> dict[str, Any]:
    """Let ingest read messages again, as if they came now with their own time of arrival.

    What it understands is stored and judged once, whatever is asked twice; the rest stays aside with what
    is wrong now. Not taken: what was understood already, and what was too long to be kept whole.
    """

    async def work(connection: Connection) -> dict[str, Any]:
        about = {"ids": ids, "scope": caller.scope}
        found = await (await connection.execute(_SQL["set_aside"], about)).fetchall()
        if missing := set(ids) - {row["id"] for row in found}:
            raise NotFound("quarantined message", str(min(missing)))
        refused = {row["id"]: "read" for row in found if row["read_at"] is not None}
        refused |= {row["id"]: "cut" for row in found if row["size"] > KEPT_BYTES}
        asked = [row["id"] for row in found if row["id"] not in refused]
        await connection.execute(_SQL["ask_again"], {"ids": asked, "actor": caller.name, "kept": KEPT_BYTES})
        await audit(connection, caller.name, "quarantine.read_again", "", detail={"ids": asked})
        await connection.execute(_SQL["tell_ingest"])
        return {"asked": asked, "refused": refused}

    return await database.write(work)
