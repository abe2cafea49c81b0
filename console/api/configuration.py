"""Configuration of one device, models and what they accept, groups of devices."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from console import accounts
from console import device_registry as registry
from console.access import Data, must_see
from console.api.device_life import must_have
from console.api.devices import actor
from console.auth import Me
from console.database import Connection, fetch, fetch_one
from console.device_order_wishes import ChangedGroup, NewGroup, WantedConfig
from console.device_registry import Actor
from console.device_schema import schema_errors
from console.fleet_schemas import DeviceConfig, DeviceGroup, DeviceGroups, DeviceModels
from console.problems import Beaten, Invalid
from console.writing import Answer, Once
from devices.errors import Conflict, NotFound
from devices.registry.models import MODELS, model_of, schema_of
from ingest.store.registry_moves import want_config
from ingest.store.sql import load

router = APIRouter(prefix="/api", tags=["configuration"])
SQL: Final = load("console.store", "device_orders.sql")
_DEVICES: Final = load("console.store", "devices.sql")


@router.get("/device-models", response_model=DeviceModels)
async def device_models() -> dict[str, Any]:
    """List what can be configured and ordered, by model."""
    return {
        "items": [
            {
                "profile": m.profile,
                "make": m.make,
                "model": m.model,
                "name_zh": m.name_zh,
                "name_en": m.name_en,
                "config_schema": m.schema,
                "commands": [
                    {
                        "name": c.name,
                        "name_zh": c.name_zh,
                        "name_en": c.name_en,
                        "args_schema": c.args,
                        "danger": c.danger,
                    }
                    for c in m.commands
                ],
            }
            for m in MODELS
        ]
    }


@router.get("/devices/{device_id}/config", response_model=DeviceConfig)
async def device_config(database: Data, caller: Me, device_id: str) -> dict[str, Any]:
    """Show desired and reported configuration, and the schema for the form."""
    await must_have(database, caller, device_id)
    device = await database.row(_DEVICES["visible_device"], {"id": device_id, "scope": caller.scope}) or {}
    row = await database.row(SQL["config"], {"id": device_id}) or {"body": {}}
    model = model_of(device["profile"], device["make"], device["model"])
    return {"schema": schema_of(model, device), **row["body"]}


@router.put("/devices/{device_id}/config", response_model=DeviceConfig)
async def configure_device(caller: Me, device_id: str, wish: WantedConfig, writer: Once) -> JSONResponse:
    """Want a configuration; it is published, and stays pending until the device answers."""

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        device = await registry.held(connection, who, device_id, None)
        if device["lifecycle"] == "retired":
            raise Conflict(f"device {device_id!r} is retired: nothing about it changes any more")
        model = model_of(device["profile"], device["make"], device["model"])
        schema = schema_of(model, device)
        if errors := schema_errors(schema, wish.data, "data"):
            raise Invalid(errors)
        now = await fetch_one(connection, SQL["config"], {"id": device_id})
        if wish.version is not None and wish.version != now["version"]:
            desired = now["body"]["desired"] or {}
            last = {"actor": desired.get("by"), "action": "config", "at": desired.get("at")}
            raise Beaten("the configuration has changed meanwhile: look again", legal=(), last=last)
        await want_config(connection, device_id, wish.data, who.name)
        await accounts.audit(
            connection, who.name, "device.config", device_id, detail={"data": wish.data}, source=who.source
        )
        await registry.announce(connection, [device_id])
        body = (await fetch_one(connection, SQL["config"], {"id": device_id}))["body"]
        return Answer(body={"schema": schema, **body})

    return await writer.once(work)


@router.get("/device-groups", response_model=DeviceGroups)
async def device_groups(database: Data, caller: Me, estate: str | None = None) -> dict[str, Any]:
    """List groups."""
    await must_see(database, caller, estate)
    rows = await database.rows(SQL["groups"], {"scope": caller.scope, "estate": estate, "code": None})
    return {"items": [row["body"] for row in rows]}


@router.get("/device-groups/{code}", response_model=DeviceGroup)
async def device_group(database: Data, caller: Me, code: str) -> dict[str, Any]:
    """Show a group."""
    row = await database.row(SQL["groups"], {"scope": caller.scope, "estate": None, "code": code})
    if row is None:
        raise NotFound("group", code)
    body: dict[str, Any] = row["body"]
    return body


@router.post("/device-groups", response_model=DeviceGroup, status_code=HTTPStatus.CREATED)
async def add_group(caller: Me, wish: NewGroup, writer: Once) -> JSONResponse:
    """Make a group of devices of one estate."""

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        around = await registry.known(connection, [{"place": wish.estate}], who.scope)
        if wish.estate not in around.places or around.places[wish.estate].estate != wish.estate:
            raise Invalid({"estate": f"there is no estate {wish.estate!r}"})
        if await fetch(connection, SQL["add_group"], wish.model_dump()) is None:
            raise Conflict(f"there is a group {wish.code!r} already")
        await _fill(connection, who, wish.code, wish.estate, wish.devices)
        await accounts.audit(connection, who.name, "group.add", wish.code, source=who.source)
        return Answer(status=HTTPStatus.CREATED, body=(await _group(connection, who, wish.code)))

    return await writer.once(work)


@router.patch("/device-groups/{code}", response_model=DeviceGroup)
async def change_group(caller: Me, code: str, wish: ChangedGroup, writer: Once) -> JSONResponse:
    """Change a group's names or devices."""

    async def work(connection: Connection) -> Answer:
        who = actor(caller)
        group = await _group(connection, who, code)
        await connection.execute(SQL["change_group"], {**wish.model_dump(), "code": code})
        if wish.devices is not None:
            await connection.execute(SQL["empty_group"], {"code": code})
            await _fill(connection, who, code, group["estate"], wish.devices)
        await accounts.audit(connection, who.name, "group.change", code, source=who.source)
        return Answer(body=await _group(connection, who, code))

    return await writer.once(work)


@router.delete("/device-groups/{code}", status_code=HTTPStatus.NO_CONTENT)
async def drop_group(database: Data, caller: Me, code: str) -> Response:
    """Delete a group; its devices stay."""

    async def work(connection: Connection) -> None:
        who = actor(caller)
        await _group(connection, who, code)
        await connection.execute(SQL["drop_group"], {"code": code})
        await accounts.audit(connection, who.name, "group.drop", code, source=who.source)

    await database.write(work)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _group(connection: Connection, who: Actor, code: str) -> dict[str, Any]:
    row = await fetch(connection, SQL["groups"], {"scope": who.scope, "estate": None, "code": code})
    if row is None:
        raise NotFound("group", code)
    body: dict[str, Any] = row["body"]
    return body


async def _fill(connection: Connection, who: Actor, code: str, estate: str, devices: list[str]) -> None:
    wanted = sorted(set(devices))
    rows = await (await connection.execute(SQL["targets"], {"ids": wanted, "scope": who.scope})).fetchall()
    here = {row["id"] for row in rows if row["estate"] == estate}
    if missing := [device for device in wanted if device not in here]:
        raise Invalid({"devices": f"not devices of {estate!r}: {', '.join(missing[:10])}"})
    await connection.execute(SQL["fill_group"], {"code": code, "devices": wanted})
