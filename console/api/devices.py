"""Devices: the fleet, one device with what it said last, and registering a new one."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final, Protocol

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from console import accounts, feed
from console.access import Data, must_see, place_path
from console.auth import Caller, Me
from console.database import Connection, fetch, fetch_one
from console.paging import Cursor, Limit, after, page
from console.problems import Invalid, NotConfigured
from console.schemas import Device, DeviceCreated, DeviceDetail, Page
from console.wishes import NewDevice
from console.writing import Answer, Once
from devices.errors import Conflict, NotFound
from ingest.store.sql import load

router = APIRouter(prefix="/api/devices", tags=["devices"])
_SQL: Final = load("console.store", "devices.sql")


class Credentials(Protocol):
    """Whoever gives devices their account on the broker."""

    async def add_device(self, estate: str, device: str) -> str:
        """Make an account and return its password."""


@router.get("", response_model=Page[Device])
async def devices(
    *,
    database: Data,
    caller: Me,
    estate: str | None = None,
    profile: str | None = None,
    online: bool | None = None,
    q: Annotated[str | None, Query(max_length=100, description="part of an id or a name")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List devices by id."""
    await must_see(database, caller, estate)
    (last,) = after(cursor, str)
    wanted = {
        "scope": caller.scope,
        "estate": estate,
        "profile": profile,
        "online": online,
        "q": q,
        "after_id": last,
        "limit": limit + 1,
    }
    return page(await database.rows(_SQL["devices"], wanted), limit, "id")


@router.get("/{device_id}", response_model=DeviceDetail)
async def device(database: Data, caller: Me, device_id: str) -> dict[str, Any]:
    """Show one device with where it is and its last 50 events."""
    about = {"id": device_id, "scope": caller.scope}
    row = await database.row(_SQL["device"], about)
    if row is None:
        raise NotFound("device", device_id)
    return {
        **row["body"],
        "place_path": await place_path(database, row["place"]),
        "events": [event["body"] for event in await database.rows(_SQL["device_events"], about)],
    }


@router.post("", response_model=DeviceCreated, status_code=HTTPStatus.CREATED)
async def add_device(request: Request, caller: Me, wish: NewDevice, writer: Once) -> JSONResponse:
    """Register a device and make its account on the broker."""
    credentials: Credentials | None = request.app.state.credentials
    if credentials is None:
        raise NotConfigured("The broker's administration is not configured, so devices get no account.")

    async def work(connection: Connection) -> Answer:
        return await _register(connection, caller, wish, credentials)

    return await writer.once(work)


async def _register(
    connection: Connection, caller: Caller, wish: NewDevice, credentials: Credentials
) -> Answer:
    row = {**wish.model_dump(), "scope": caller.scope}
    _check_place(wish, await fetch(connection, _SQL["place_of_new_device"], row))
    if await fetch(connection, _SQL["add_device"], row) is None:
        raise Conflict(f"there is a device {wish.id!r} already: take another id")
    await accounts.audit(
        connection, caller.name, "device.add", wish.id, detail=wish.model_dump(), source=caller.source
    )
    body = (await fetch_one(connection, _SQL["device"], {"id": wish.id, "scope": caller.scope}))["body"]
    # the broker cannot take part in the transaction, so it is asked when little else can fail ...
    password = await credentials.add_device(wish.estate, wish.id)
    login = {"username": wish.id, "password": password, "topic": f"shequ/v1/{wish.estate}/{wish.id}/event"}
    # ... and nobody else waits for the feed's lock while the broker thinks
    await connection.execute(_SQL["notify_registry"])
    await feed.publish(connection, devices=[wish.id])
    return Answer(
        status=HTTPStatus.CREATED,
        body={**body, "credentials": login},
        kept={**body, "credentials": {**login, "password": None}},
    )


def _check_place(wish: NewDevice, place: dict[str, Any] | None) -> None:
    if place is None:
        raise Invalid({"place": f"there is no place {wish.place!r}: take a code from GET /api/places"})
    if not place["estate_is_one"]:
        raise Invalid({"estate": f"{wish.estate!r} is not an estate: take a place of kind estate"})
    if not place["inside"]:
        raise Invalid({"place": f"{wish.place!r} does not lie in the estate {wish.estate!r}"})
