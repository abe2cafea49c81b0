"""Floor plans: a picture of a building or a floor, and where on it the devices hang.

A plan is encoded anew (console/pictures.py) and kept in the database, so that plan and pins come, go and
are backed up together (docs/adr/050-floor-plans.md). A pin is a share of the picture's width and height.
"""

from __future__ import annotations

from typing import Any, Final

from console import accounts
from console.auth import Caller
from console.database import Connection, Database, fetch
from console.pictures import MEDIA_TYPE, Picture
from console.problems import Invalid
from devices.errors import NotFound
from ingest.store.sql import load

SQL: Final = load("console.store", "floor_plans.sql")
KINDS: Final = ("estate", "building", "unit", "floor", "room", "gate")


async def listed(database: Database, caller: Caller, place: str) -> list[dict[str, Any]]:
    """Answer the plans that a place lies on and those of the places in it, the narrowest around it first."""
    rows = await database.rows(SQL["plans"], {"place": place, "scope": caller.scope})
    return [row["body"] for row in rows]


async def of_device(database: Database, caller: Caller, device: str) -> list[dict[str, Any]]:
    """Answer the plans around a device, the narrowest first; raises NotFound outside the caller's places."""
    row = await database.row(SQL["device_place"], {"device": device, "scope": caller.scope})
    if row is None:
        raise NotFound("device", device)
    return await listed(database, caller, row["place"])


async def picture(database: Database, caller: Caller, place: str) -> bytes:
    """Answer a plan's picture; raises NotFound where there is none, or outside the caller's places."""
    row = await database.row(SQL["picture"], {"place": place, "scope": caller.scope})
    if row is None:
        raise NotFound("floor plan", place)
    content: bytes = row["content"]
    return content


async def put(connection: Connection, caller: Caller, place: str, picture: Picture) -> dict[str, Any]:
    """Keep a plan of a place; pins of the one before stay where they were on it.

    Raises NotFound outside the caller's places, Invalid for a place that is no part of an estate.
    """
    where = await fetch(connection, SQL["plan_place"], {"place": place, "scope": caller.scope})
    if where is None:
        raise NotFound("place", place)
    if where["kind"] not in KINDS:
        raise Invalid({"place": f"{place!r} is a {where['kind']}: name an estate or a place in one"})
    row = {
        "place": place,
        "content": picture.content,
        "sha256": picture.sha256,
        "media_type": MEDIA_TYPE,
        "width": picture.width,
        "height": picture.height,
        "by_whom": caller.name,
    }
    await connection.execute(SQL["put_plan"], row)
    detail = {"sha256": picture.sha256, "width": picture.width, "height": picture.height}
    await accounts.note(connection, caller, "floor_plan.put", place, detail)
    return await one(connection, caller, place)


async def drop(connection: Connection, caller: Caller, place: str) -> None:
    """Delete a plan, its picture and its pins; raises NotFound where there is none."""
    row = await fetch(connection, SQL["drop_plan"], {"place": place, "scope": caller.scope})
    if row is None:
        raise NotFound("floor plan", place)
    await accounts.note(connection, caller, "floor_plan.drop", place, {"sha256": row["sha256"]})


async def pin(
    connection: Connection, caller: Caller, place: str, device: str, *, at: tuple[float, float]
) -> dict[str, Any]:
    """Hang a device where it is on a plan.

    Raises NotFound for a plan or a device outside the caller's places, or a device that is not in the place.
    """
    about = {"place": place, "device": device, "scope": caller.scope}
    if await fetch(connection, SQL["may_pin"], about) is None:
        raise NotFound("floor plan with this device in it", f"{place}, {device}")
    await connection.execute(SQL["put_pin"], {**about, "x": at[0], "y": at[1], "by_whom": caller.name})
    await accounts.note(connection, caller, "floor_plan.pin", place, {"device": device, "at": at})
    return await one(connection, caller, place)


async def unpin(connection: Connection, caller: Caller, place: str, device: str) -> dict[str, Any]:
    """Take a device off a plan; raises NotFound where it is not on it."""
    about = {"place": place, "device": device, "scope": caller.scope}
    if await fetch(connection, SQL["drop_pin"], about) is None:
        raise NotFound("pin", f"{place}, {device}")
    await accounts.note(connection, caller, "floor_plan.unpin", place, {"device": device})
    return await one(connection, caller, place)


async def one(connection: Connection, caller: Caller, place: str) -> dict[str, Any]:
    """Answer one plan as the list has it; raises NotFound where there is none."""
    row = await fetch(connection, SQL["plans"], {"place": place, "scope": caller.scope})
    # the narrowest around a place is its own
    if row is None or row["body"]["place"] != place:
        raise NotFound("floor plan", place)
    body: dict[str, Any] = row["body"]
    return body
