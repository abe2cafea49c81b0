"""Commands to devices: asked here, sent by ingest, answered by the device or expired."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from psycopg.types.json import Jsonb

from console import device_registry as registry
from console.access import Data
from console.api.configuration import SQL
from console.api.device_life import must_have
from console.api.devices import actor
from console.auth import Me
from console.database import Connection, fetch_one
from console.device_order_wishes import NewCommand
from console.device_schema import schema_errors
from console.fleet_schemas import DeviceCommand
from console.paging import Cursor, Limit, after, page
from console.problems import Invalid
from console.schemas import Page
from console.writing import Answer, Once
from devices.errors import Conflict, NotFound
from devices.registry.models import model_of
from ingest.store.sql import load

router = APIRouter(prefix="/api", tags=["commands"])
_ORDERS: Final = load("ingest.store", "registry_orders.sql")
LISTENING: Final = ("provisioned", "active", "maintenance")


@router.post("/devices/{device_id}/commands", response_model=DeviceCommand, status_code=HTTPStatus.CREATED)
async def command_device(caller: Me, device_id: str, wish: NewCommand, writer: Once) -> JSONResponse:
    """Order a device to do something; the order is void once it expires."""

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        device = await registry.held(connection, who, device_id, None)
        if device["lifecycle"] not in LISTENING:
            raise Conflict(f"device {device_id!r} is {device['lifecycle']}: it hears no commands")
        model = model_of(device["profile"], device["make"], device["model"])
        command = next((c for c in model.commands if c.name == wish.name), None)
        if command is None:
            known = ", ".join(c.name for c in model.commands)
            raise Invalid({"name": f"this model knows no command {wish.name!r}: take one of {known}"})
        if errors := schema_errors(command.args, wish.args, "args"):
            raise Invalid(errors)
        row = {**wish.model_dump(), "device": device_id, "args": Jsonb(wish.args), "by": who.name}
        number = (await fetch_one(connection, SQL["ask"], row))["id"]
        detail = {"id": number, "name": wish.name, "args": wish.args, "expires_s": wish.expires_s}
        await registry.note(connection, who, device_id, "device.command", reason=wish.reason, detail=detail)
        await connection.execute(_ORDERS["notify_orders"])
        await registry.announce(connection, [device_id])
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
