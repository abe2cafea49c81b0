"""Quiet: silences, maintenance windows, tests and drills (演练), by somebody, for a reason, until a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from console import accounts
from console.access import Data
from console.auth import Caller, Me
from console.database import Connection, fetch
from console.paging import Cursor, Limit, after, page
from console.permissions import allows
from console.problems import Beaten, Forbidden, Invalid
from console.quiet_wire import Quiet, QuietEnd, QuietWish
from console.schemas import Page
from console.writing import Answer, Once
from devices.errors import NotFound
from ingest.clock import system_clock
from ingest.store import wishes
from ingest.store.sql import load
from rules.handling.case import HushKind

router = APIRouter(prefix="/api/hushes", tags=["quiet"])
SQL: Final = load("console.store", "quiet.sql")
_LONGEST: Final = {HushKind.TEST: timedelta(days=1), HushKind.DRILL: timedelta(days=7)}
_LONG: Final = timedelta(days=92)
_ANY: Final = {"id": None, "state": "all", "after_start": None, "after_id": None, "limit": 1}


@router.get("", response_model=Page[Quiet])
async def hushes(
    database: Data,
    caller: Me,
    state: Literal["current", "ended", "all"] = "current",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List who asked for quiet where, newest first; `current` holds what is planned too."""
    start, number = after(cursor, datetime, int)
    wanted = {**_ANY, "scope": caller.scope, "state": state, "limit": limit + 1}
    rows = await database.rows(SQL["hushes"], {**wanted, "after_start": start, "after_id": number})
    return page(rows, limit, "starts_at", "id")


@router.post("", response_model=Quiet, status_code=HTTPStatus.CREATED)
async def ask_for_quiet(caller: Me, wish: QuietWish, writer: Once) -> JSONResponse:
    """Ask for quiet; what is about life stays loud unless the centre asks for `life_safety`."""
    if wish.life_safety and not allows(caller.role, "quiet.life_safety"):
        raise Forbidden
    starts, ends = _span(wish)

    async def work(connection: Connection) -> Answer:
        if await fetch(connection, SQL["scope_of"], {"code": wish.scope, "scope": caller.scope}) is None:
            raise NotFound("place or device", wish.scope)
        number = await wishes.save_hush(
            connection,
            kind=wish.kind,
            scope=wish.scope,
            codes=wish.codes,
            life_safety=wish.life_safety,
            author=caller.name,
            reason=wish.reason,
            starts_at=starts,
            ends_at=ends,
        )
        detail = {
            "scope": wish.scope,
            "until": ends.isoformat(),
            "reason": wish.reason,
            "codes": list(wish.codes),
        }
        await accounts.note(connection, caller, f"quiet.{wish.kind}", str(number), detail)
        return Answer(body=await _body(connection, caller, number), status=HTTPStatus.CREATED)

    return await writer.once(work)


@router.post("/{hush_id}/end", response_model=Quiet)
async def end_quiet(caller: Me, hush_id: int, wish: QuietEnd, writer: Once) -> JSONResponse:
    """End a quiet before its time; what it hid and still stands is shown."""

    async def work(connection: Connection) -> Answer:
        before = await _body(connection, caller, hush_id)
        if await fetch(connection, SQL["scope_of"], {"code": before["scope"], "scope": caller.scope}) is None:
            raise Forbidden  # a wider place asked for it
        if not await wishes.end_hush(connection, hush_id, by=caller.name, reason=wish.reason):
            raise Beaten(f"quiet {hush_id} is over already", legal=(), last=None)
        await accounts.note(connection, caller, "quiet.end", str(hush_id), {"reason": wish.reason})
        return Answer(body=await _body(connection, caller, hush_id))

    return await writer.once(work)


def _span(wish: QuietWish) -> tuple[datetime, datetime]:
    now = system_clock()
    starts = wish.starts_at if wish.starts_at is not None else now
    longest = _LONGEST.get(wish.kind, _LONG)
    for name, moment in (("starts_at", starts), ("ends_at", wish.ends_at)):
        if moment.tzinfo is None:
            raise Invalid({name: "write a time with its offset, as in 2026-03-01T00:00:00+08:00"})
    if not timedelta(0) < wish.ends_at - max(starts, now) or wish.ends_at - starts > longest:
        problem = (
            f"must lie in the future, after the start, by at most {longest.days} day(s) for a {wish.kind}"
        )
        raise Invalid({"ends_at": problem})
    return starts, wish.ends_at


async def _body(connection: Connection, caller: Caller, number: int) -> dict[str, Any]:
    row = await fetch(connection, SQL["hushes"], {**_ANY, "scope": caller.scope, "id": number})
    if row is None:
        raise NotFound("quiet", str(number))
    body: dict[str, Any] = row["body"]
    return body
