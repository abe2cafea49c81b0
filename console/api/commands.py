"""Commands to devices: asked here, sent by ingest, answered by the device or expired."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from console.access import Data
from console.api.configuration import SQL
from console.api.device_life import must_have
from console.api.devices import actor
from console.auth import Me
from console.database import Connection, fetch_one
from console.device_command import order_device
from console.device_order_wishes import NewCommand
from console.fleet_schemas import DeviceCommand
from console.paging import Cursor, Limit, after, page
from console.schemas import Page
from console.writing import Answer, Once
from devices.errors import NotFound

router = APIRouter(prefix="/api", tags=["commands"])


@router.post("/devices/{device_id}/commands", response_model=DeviceCommand, status_code=HTTPStatus.CREATED)
async def command_device(caller: Me, device_id: str, wish: NewCommand, writer: Once) -> JSONResponse:
    """Order a device to do something; the order is void once it expires."""

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        number = await order_device(connection, who, device_id, wish)
        about = {"device": device_id, "id": number, "scope": who.scope, "before": None, "limit": 1}
        return Answer(
            status=HTTPStatus.CREATED, body=(await fetch_one(connection, SQL["commands"], about))["body"]
        )

    return await writer.once(work)


@router.get("/devices/{device_id}/commands", response_model=Page[DeviceCommand])
async def device_commands(
    database: Data, caller: Me, device_id: str, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List a device's commands, newest first."""
    await must_have(database, caller, device_id)
    (before,) = after(cursor, int)
    about = {"device": device_id, "id": None, "scope": caller.scope, "before": before, "limit": limit + 1}
    return page(await database.rows(SQL["commands"], about), limit, "id")


@router.get("/commands/{command_id}", response_model=DeviceCommand)
async def command(database: Data, caller: Me, command_id: int) -> dict[str, Any]:
    """Show one command."""
    about = {"device": None, "id": command_id, "scope": caller.scope, "before": None, "limit": 1}
    row = await database.row(SQL["commands"], about)
    if row is None:
        raise NotFound("command", str(command_id))
    body: dict[str, Any] = row["body"]
    return body
