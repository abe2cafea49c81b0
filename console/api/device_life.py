"""A device's life: moves, history, the installation and maintenance book, and what places are used for."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from console import accounts
from console import device_registry as registry
from console.access import Data
from console.api.devices import actor, keeper
from console.auth import Caller, Me
from console.database import Connection, Database, fetch, fetch_one
from console.device_registry import Actor
from console.device_schemas import HistoryRow, Record
from console.device_wishes import LifeMove, NewRecord, PlaceUse
from console.paging import Cursor, Limit, after, page
from console.schemas import Device, Page, Place
from console.writing import Answer, Once
from devices.errors import Conflict, NotFound
from devices.registry.lifecycle import Lifecycle, Move
from devices.registry.siting import NO_CAMERA, WATCHES
from ingest.store.sql import load

router = APIRouter(prefix="/api", tags=["devices"])
_SQL: Final = load("console.store", "devices.sql")


@router.post("/devices/{device_id}/lifecycle", response_model=Device)
async def move_device(
    request: Request, caller: Me, device_id: str, wish: LifeMove, writer: Once
) -> JSONResponse:
    """Take a step in a device's life; retiring deletes its account and cuts its session."""
    credentials = keeper(request) if wish.action is Move.RETIRE else None

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        before = await registry.move(
            connection, who, device_id, wish.action, reason=wish.reason or "", version=wish.version
        )
        if credentials is not None and before is not Lifecycle.PLANNED:
            await connection.execute(registry.SQL["revoked"], {"device": device_id})
            await credentials.remove_device(device_id)
        shown = await registry.show_again(connection, device_id) if before is Lifecycle.MAINTENANCE else []
        await registry.announce(connection, [device_id], shown)
        return Answer(body=await registry.body_of(connection, device_id))

    return await writer.once(work)


@router.get("/devices/{device_id}/history", response_model=Page[HistoryRow])
async def device_history(
    database: Data, caller: Me, device_id: str, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List what was done to a device, newest first."""
    await must_have(database, caller, device_id)
    (last,) = after(cursor, int)
    about = {"device": device_id, "before": last, "limit": limit + 1}
    return page(await database.rows(registry.SQL["history"], about), limit, "id")


@router.get("/devices/{device_id}/records", response_model=Page[Record])
async def device_records(
    database: Data, caller: Me, device_id: str, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List the installation and maintenance book, newest first."""
    await must_have(database, caller, device_id)
    before, number = after(cursor, datetime, int)
    about = {"device": device_id, "before": before, "before_id": number, "limit": limit + 1}
    return page(await database.rows(registry.SQL["records"], about), limit, "at", "id")


@router.post("/devices/{device_id}/records", response_model=Record, status_code=HTTPStatus.CREATED)
async def add_record(caller: Me, device_id: str, wish: NewRecord, writer: Once) -> JSONResponse:
    """Write an entry into the book; the first installation also dates the device."""

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        await registry.held(connection, who, device_id, None)
        row = {**wish.model_dump(exclude={"maintenance_due"}), "device": device_id, "actor": who.name}
        body = (await fetch_one(connection, registry.SQL["add_record"], row))["body"]
        if wish.kind == "installation":
            await connection.execute(
                registry.SQL["installed"], {"device": device_id, "at": body["at"], "by": wish.by}
            )
        await registry.note(
            connection, who, device_id, "device.record", detail={"kind": wish.kind, "by": wish.by}
        )
        if wish.maintenance_due is not None:
            due = {"maintenance_due": wish.maintenance_due}
            await registry.change(connection, who, device_id, due, None)
            await registry.announce(connection, [device_id])
        return Answer(status=HTTPStatus.CREATED, body=body)

    return await writer.once(work)


@router.patch("/places/{code}", response_model=Place)
async def use_place(caller: Me, code: str, wish: PlaceUse, writer: Once) -> JSONResponse:
    """Say what a place is used for; a use that forbids cameras is refused where one stands."""

    async def work(connection: Connection) -> Answer:
        return await _use(connection, actor(caller), code, wish)

    return await writer.once(work)


async def must_have(database: Database, caller: Caller, device: str) -> None:
    """Refuse a device outside the caller's part of the tree; raises NotFound."""
    if await database.row(_SQL["visible_device"], {"id": device, "scope": caller.scope}) is None:
        raise NotFound("device", device)


async def _use(connection: Connection, who: Actor, code: str, wish: PlaceUse) -> Answer:
    about = {"code": code, "scope": who.scope, "use": wish.use}
    place = await fetch(connection, _SQL["place"], about)
    if place is None:
        raise NotFound("place", code)
    if wish.use in NO_CAMERA:
        cursor = await connection.execute(_SQL["cameras_in"], {**about, "watches": list(WATCHES)})
        if cameras := [row["id"] for row in await cursor.fetchall()]:
            raise Conflict(f"cameras stand there, which the law then forbids: {', '.join(cameras)}")
    await connection.execute(_SQL["use_place"], about)
    await accounts.audit(
        connection, who.name, "place.use", code, detail={"use": [place["use"], wish.use]}, source=who.source
    )
    return Answer(body=(await fetch_one(connection, _SQL["place"], about))["body"])
