"""Delivery as people see it: channels with their health, letters with their receipts, dead letters."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from psycopg.types.json import Jsonb

from console import accounts
from console.access import Data, must_see
from console.auth import Me
from console.database import Connection, Database, fetch, fetch_one
from console.deliver_schemas import (
    ChangedEndpoint,
    EndpointHealth,
    Endpoints,
    LetterAction,
    LetterDetail,
    LetterRow,
    NewEndpoint,
)
from console.paging import Cursor, Limit, after, page
from console.problems import Beaten, Forbidden, Invalid
from console.schemas import Page
from console.writing import Answer, Once
from devices.errors import Conflict, NotFound, SettingError
from ingest.deliver.endpoint import DIRECT, read
from ingest.deliver.outbox import Channel
from ingest.store.sql import load

router = APIRouter(prefix="/api/deliver", tags=["delivery"])
SQL: Final = load("console.store", "deliver.sql")


@router.get("/channels", response_model=Endpoints)
async def channels(database: Data, caller: Me) -> dict[str, Any]:
    """List every way out with its health."""
    about = {"scope": caller.scope, "code": None, "direct": [str(c) for c in DIRECT]}
    return {"items": [row["body"] for row in await database.rows(SQL["channels"], about)]}


@router.post("/channels", status_code=HTTPStatus.CREATED, response_model=EndpointHealth)
async def add_channel(database: Data, caller: Me, wish: NewEndpoint, writer: Once) -> JSONResponse:
    """Set up a way out; 422 names what is wrong with its settings."""
    await _check(database, caller, wish)

    async def work(connection: Connection) -> Answer:
        if await fetch(connection, SQL["add_endpoint"], _row(wish)) is None:
            raise Conflict(f"there is a channel {wish.code!r} already")
        return Answer(
            status=HTTPStatus.CREATED, body=await _written(connection, caller, wish.code, "channel.add")
        )

    return await writer.once(work)


@router.put("/channels/{code}", response_model=EndpointHealth)
async def change_channel(
    database: Data, caller: Me, code: str, wish: ChangedEndpoint, writer: Once
) -> JSONResponse:
    """Change a way out; 409 where somebody else was faster."""
    if wish.code != code:
        raise Invalid({"code": "a channel keeps its code"})
    if await database.row(SQL["endpoint"], {"code": code, "scope": caller.scope}) is None:
        raise NotFound("channel", code)
    await _check(database, caller, wish)

    async def work(connection: Connection) -> Answer:
        if await fetch(connection, SQL["change_endpoint"], {**_row(wish), "version": wish.version}) is None:
            raise Beaten(f"channel {code} has changed: read it again", legal=(), last=None)
        return Answer(body=await _written(connection, caller, code, "channel.change"))

    return await writer.once(work)


@router.get("/letters", response_model=Page[LetterRow])
async def letters(
    database: Data,
    caller: Me,
    *,
    state: str | None = None,
    channel: Channel | None = None,
    endpoint: str | None = None,
    incident_id: int | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List letters, newest first; `state=dead` are those that wait for a person."""
    (before,) = after(cursor, int)
    about = {
        "scope": caller.scope,
        "id": None,
        "state": state,
        "channel": channel,
        "endpoint": endpoint,
        "incident_id": incident_id,
        "before": before,
        "limit": limit + 1,
    }
    return page(await database.rows(SQL["letters"], about), limit, "id")


@router.get("/letters/{letter_id}", response_model=LetterDetail)
async def letter(database: Data, caller: Me, letter_id: int) -> dict[str, Any]:
    """Show one letter and what became of it."""
    row = await database.row(SQL["letters"], _one(letter_id, caller.scope))
    if row is None:
        raise NotFound("letter", str(letter_id))
    receipts = await database.rows(SQL["receipts"], {"id": letter_id})
    return {**row["body"], "receipts": [receipt["body"] for receipt in receipts]}


@router.post("/letters/{letter_id}/actions", response_model=LetterRow)
async def act_on_letter(caller: Me, letter_id: int, wish: LetterAction, writer: Once) -> JSONResponse:
    """Send a dead letter again, or let it rest; both with a reason."""

    async def work(connection: Connection) -> Answer:
        about = {"id": letter_id, "scope": caller.scope}
        found = await fetch(connection, SQL["lock_letter"], about)
        if found is None:
            raise NotFound("letter", str(letter_id))
        if found["state"] not in {"failed", "expired"}:
            raise Beaten(
                f"letter {letter_id} is {found['state']}: only dead letters wait for you", legal=(), last=None
            )
        row = {**about, "span": found["span"], "reason": wish.reason, "actor": caller.name}
        await connection.execute(SQL[f"{wish.action}_letter"], row)
        await accounts.audit(
            connection,
            caller.name,
            f"letter.{wish.action}",
            str(letter_id),
            detail={"reason": wish.reason},
            source=caller.source,
        )
        if wish.action == "retry":
            await connection.execute(SQL["notify_endpoints"])
        return Answer(
            body=(await fetch_one(connection, SQL["letters"], _one(letter_id, caller.scope)))["body"]
        )

    return await writer.once(work)


def _one(letter_id: int, scope: str | None) -> dict[str, Any]:
    empty = dict.fromkeys(("state", "channel", "endpoint", "incident_id", "before"))
    return {**empty, "id": letter_id, "scope": scope, "limit": 1}


def _row(wish: NewEndpoint) -> dict[str, Any]:
    return {**wish.model_dump(), "settings": Jsonb(wish.settings)}


async def _check(database: Database, caller: Me, wish: NewEndpoint) -> None:
    if caller.scope is not None and wish.place is None:
        raise Forbidden("Your view is a part of the tree: a channel of yours belongs to a place in it.")
    await must_see(database, caller, wish.place)
    try:
        read(wish.channel, wish.driver, wish.settings)
    except SettingError as exc:
        raise Invalid({exc.name: str(exc)}) from exc


async def _written(connection: Connection, caller: Me, code: str, action: str) -> dict[str, Any]:
    await accounts.audit(connection, caller.name, action, code, source=caller.source)
    await connection.execute(SQL["notify_endpoints"])
    about = {"scope": caller.scope, "code": code, "direct": [str(c) for c in DIRECT]}
    body: dict[str, Any] = (await fetch_one(connection, SQL["channels"], about))["body"]
    return body
