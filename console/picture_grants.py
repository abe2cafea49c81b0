"""Pictures opened to another unit: which, until when, why; it ends by itself, or at once when withdrawn.

A grant is looked at whenever somebody looks (`camera_pictures.found`), so nothing has to be told of its end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any, Final

import anyio.to_thread

from console import accounts
from console.auth import Caller
from console.camera_pictures import MEDIA, SQL, Piece, asked_camera, check_span, store_of
from console.database import Connection, Database, fetch, fetch_one
from console.problems import Invalid
from devices.errors import Conflict, NotFound
from ingest.camera.archive import recorded_at
from ingest.camera.store import PictureStore
from ingest.clock import system_clock

LONGEST: Final = timedelta(days=90)
"""Of a grant; who needs longer is given another, by somebody who thinks of it anew."""
MOST_REFS: Final = 500


async def give(connection: Connection, caller: Caller, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Open pictures to a unit.

    Raises NotFound for a camera outside the caller's places, Invalid for what does not fit.
    """
    camera = await asked_camera(connection, caller, wish["device"])
    if await fetch(connection, SQL["known_place"], wish) is None:
        raise Invalid({"place": "there is no such place: name the one the unit's people are responsible for"})
    _check(wish, camera)
    number: int = (await fetch_one(connection, SQL["add_grant"], {**wish, "by": caller.name}))["id"]
    told = {
        "grant": number,
        "unit": wish["unit"],
        "place": wish["place"],
        "until": wish["expires_at"].isoformat(),
        "reason": wish["reason"],
    }
    await accounts.note(connection, caller, "picture.grant", wish["device"], told)
    return await one(connection, caller, number)


async def withdraw(connection: Connection, caller: Caller, number: int, why: str) -> dict[str, Any]:
    """End a grant now.

    Raises NotFound outside the caller's places, Conflict where it is over.
    """
    grant = await one(connection, caller, number)
    about = {"id": number, "by": caller.name, "why": why}
    if await fetch(connection, SQL["withdraw_grant"], about) is None:
        raise Conflict("this grant is over already")
    told = {"grant": number, "reason": why}
    await accounts.note(connection, caller, "picture.withdraw", grant["device"], told)
    return await one(connection, caller, number)


async def one(connection: Connection, caller: Caller, number: int) -> dict[str, Any]:
    """Answer a grant.

    Raises NotFound outside the caller's places.
    """
    about = {"scope": caller.scope, "id": number, "device": None, "after": None, "limit": 1}
    row = await fetch(connection, SQL["grants"], about)
    if row is None:
        raise NotFound("grant", str(number))
    body: dict[str, Any] = row["body"]
    return body


async def refs(database: Database, caller: Caller, store: PictureStore | None, number: int) -> dict[str, Any]:
    """List what a grant opens to the caller, without showing any of it.

    Raises NotFound where it is not open to the caller's unit, NotConfigured without a storage.
    """
    grant = await database.row(SQL["grants_to"], {"who": caller.name, "id": number})
    if grant is None:
        raise NotFound("grant", str(number))
    return await anyio.to_thread.run_sync(_listed, store_of(store), grant)


def _listed(store: PictureStore, grant: Mapping[str, Any]) -> dict[str, Any]:
    if grant["ref"] is not None:
        return {"refs": [grant["ref"]] if store.has(grant["ref"]) else [], "more": False}
    names = sorted(filter(_opened(grant), store.names(f"{grant['estate']}/{grant['device']}/")), reverse=True)
    return {"refs": list(islice(names, MOST_REFS)), "more": len(names) > MOST_REFS}


def _opened(grant: Mapping[str, Any]) -> Callable[[str], bool]:
    def fits(name: str) -> bool:
        at = recorded_at(name)
        if at is None or not name.lower().endswith(tuple(MEDIA)):
            return False
        inside = grant["recorded_from"] <= at < grant["recorded_until"]
        return inside and Piece(ref=name, device=grant["device"]).what in grant["what"]

    return fits


def _check(wish: Mapping[str, Any], camera: Mapping[str, Any]) -> None:
    now = system_clock()
    check_span(wish)
    if not now < wish["expires_at"] <= now + LONGEST:
        raise Invalid({"expires_at": f"name a time within the next {LONGEST.days} days"})
    ref = wish["ref"]
    if ref is not None and not ref.startswith((f"{camera['estate']}/{camera['id']}/", f"{camera['id']}/")):
        raise Invalid(
            {"ref": "this is no picture of that camera: its reference begins with estate and camera"}
        )
