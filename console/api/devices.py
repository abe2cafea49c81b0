"""Devices: the fleet, one device with what it said last, registering and changing."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from console import device_registry as registry
from console.access import Data, must_see, place_path
from console.auth import Caller, Me
from console.credentials import Credentials
from console.database import Connection
from console.device_registry import Actor
from console.device_schemas import DeviceDetail
from console.device_wishes import ChangedDevice, NewDevice
from console.paging import Cursor, Limit, after, page
from console.problems import NotConfigured
from console.schemas import Device, DeviceCreated, Page
from console.writing import Answer, Once
from devices.errors import NotFound
from devices.registry.lifecycle import Lifecycle, legal
from ingest.store.sql import load

router = APIRouter(prefix="/api/devices", tags=["devices"])
_SQL: Final = load("console.store", "devices.sql")


def actor(caller: Caller) -> Actor:
    """Who is written down as having done it."""
    return Actor(name=caller.name, scope=caller.scope, source=caller.source)


def keeper(request: Request) -> Credentials:
    """Whoever makes accounts on the broker; raises NotConfigured where nobody can."""
    credentials: Credentials | None = request.app.state.credentials
    if credentials is None:
        raise NotConfigured("The broker's administration is not configured, so devices get no account.")
    return credentials


@router.get("", response_model=Page[Device])
async def devices(
    *,
    database: Data,
    caller: Me,
    estate: str | None = None,
    profile: str | None = None,
    online: bool | None = None,
    lifecycle: Lifecycle | None = None,
    network: Literal["xueliang", "tianwang", "huiyan", "estate"] | None = None,
    gateway: str | None = None,
    group: str | None = None,
    model: str | None = None,
    q: Annotated[str | None, Query(max_length=100, description="part of an id, a name or a serial")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List devices by id; retired ones only when they are asked for."""
    await must_see(database, caller, estate)
    (last,) = after(cursor, str)
    wanted = {
        "scope": caller.scope,
        "estate": estate,
        "profile": profile,
        "online": online,
        "lifecycle": lifecycle,
        "network": network,
        "gateway": gateway,
        "group": group,
        "model": model,
        "q": q,
        "after_id": last,
        "limit": limit + 1,
    }
    return page(await database.rows(_SQL["devices"], wanted), limit, "id")


@router.get("/{device_id}", response_model=DeviceDetail)
async def device(database: Data, caller: Me, device_id: str) -> dict[str, Any]:
    """Show one device with where it is, what may be done with it, and its last 50 events."""
    about = {"id": device_id, "scope": caller.scope}
    row = await database.row(_SQL["device"], about)
    if row is None:
        raise NotFound("device", device_id)
    credentials = await database.row(registry.SQL["credentials"], about)
    return {
        **row["body"],
        "place_path": await place_path(database, row["place"]),
        "path_use": row["path_use"],
        "legal": legal(Lifecycle(row["lifecycle"])),
        "credentials": credentials and credentials["body"],
        "events": [event["body"] for event in await database.rows(_SQL["device_events"], about)],
    }


@router.post("", response_model=DeviceCreated, status_code=HTTPStatus.CREATED)
async def add_device(request: Request, caller: Me, wish: NewDevice, writer: Once) -> JSONResponse:
    """Register a device and, unless it is only planned, make its account on the broker."""
    credentials = keeper(request) if wish.account and wish.dialect is None else None

    async def work(connection: Connection) -> Answer:
        return await add(connection, actor(caller), wish, credentials)

    return await writer.once(work)


@router.patch("/{device_id}", response_model=Device)
async def change_device(caller: Me, device_id: str, wish: ChangedDevice, writer: Once) -> JSONResponse:
    """Change a device's papers."""

    async def work(connection: Connection) -> Answer:
        await registry.change(connection, actor(caller), device_id, wish.changes(), wish.version)
        await registry.announce(connection, [device_id])
        return Answer(body=await registry.body_of(connection, device_id))

    return await writer.once(work)


async def add(connection: Connection, who: Actor, wish: NewDevice, credentials: Credentials | None) -> Answer:
    """Register a wished device; with `credentials` it gets its account too."""
    papers = await registry.check_new(connection, wish.model_dump(exclude={"account"}), who.scope)
    ready = credentials is not None or wish.dialect is not None  # a bridge has the account of its devices
    state = Lifecycle.PROVISIONED if ready else Lifecycle.PLANNED
    await registry.register(connection, who, papers, state)
    login = None
    if credentials is not None:
        # the broker cannot take part in the transaction, so it is asked when little else can fail ...
        password = await credentials.add_device(wish.estate, wish.id)
        login = {
            "username": wish.id,
            "password": password,
            "topic": f"shequ/v1/{wish.estate}/{wish.id}/event",
        }
        await registry.keep_password(connection, wish.id, password)
    # ... and nobody else waits for the feed's lock while the broker thinks
    await registry.announce(connection, [wish.id])
    body = await registry.body_of(connection, wish.id)
    return Answer(
        status=HTTPStatus.CREATED,
        body={**body, "credentials": login},
        kept={**body, "credentials": login and {**login, "password": None}},
    )
