"""Resources: materials, vehicles, AEDs and extinguishers, with the state an inspection found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console import accounts
from console.advice import SQL, resource_wire
from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from console.organisation import SQL as PEOPLE
from console.organisation import put_position, spot_of
from console.problems import Beaten, Invalid
from devices.errors import Conflict, NotFound
from devices.organisation import RESOURCES
from rules.position import Source, best


async def listed(
    connection: Connection, caller: Caller, *, kind: str | None = None, place: str | None = None,
    id_: str | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Answer the resources the caller sees, each with its best position."""
    about = {
        "scope": caller.scope,
        "kinds": [kind] if kind else None,
        "place": place,
        "id": id_,
        "only_own": True,
    }
    rows = await (await connection.execute(SQL["resources"], about)).fetchall()
    now = (await fetch_one(connection, SQL["now"]))["now"]
    subjects = [f"resource:{row['id']}" for row in rows]
    found = await (await connection.execute(PEOPLE["positions"], {"subjects": subjects})).fetchall()
    return [
        resource_wire(
            row, best([spot_of(one) for one in found if one["subject"] == f"resource:{row['id']}"], now), now
        )
        for row in rows
    ]


async def add(connection: Connection, caller: Caller, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Add a resource; coordinates are those of whoever mounted it.

    Raises Invalid, NotFound outside the caller's places, Conflict where the id is taken.
    """
    await _check(connection, caller, wish)
    if await fetch(connection, SQL["add_resource"], wish) is None:
        raise Conflict(f"there is a resource {wish['id']!r} already")
    await _install(connection, caller, wish)
    await accounts.audit(connection, caller.name, "resource.add", wish["id"], source=caller.source)
    return (await listed(connection, caller, id_=wish["id"]))[0]


async def correct(
    connection: Connection, caller: Caller, id_: str, wish: Mapping[str, Any]
) -> dict[str, Any]:
    """Write a resource's papers anew.

    Raises Invalid, NotFound outside the caller's places, Beaten where `version` is old.
    """
    if wish["id"] != id_:
        raise Invalid({"id": "a resource keeps its id"})
    (before,) = await _standing(connection, caller, id_)
    await _check(connection, caller, wish)
    if await fetch(connection, SQL["correct_resource"], wish) is None:
        raise Beaten(f"{id_} has changed: read it again", legal=(), last=None)
    await _install(connection, caller, wish)
    detail = {
        name: [str(before[name]), str(wish[name])]
        for name in wish
        if name in before and str(before[name]) != str(wish[name])
    }
    await accounts.audit(
        connection, caller.name, "resource.correct", id_, detail=detail, source=caller.source
    )
    return (await listed(connection, caller, id_=id_))[0]


async def retire(connection: Connection, caller: Caller, id_: str) -> dict[str, Any]:
    """Take a resource off the list; its record stays.

    Raises NotFound.
    """
    (row,) = await _standing(connection, caller, id_)
    await connection.execute(SQL["retire_resource"], {"id": id_})
    await accounts.audit(connection, caller.name, "resource.retire", id_, source=caller.source)
    return row


async def _check(connection: Connection, caller: Caller, wish: Mapping[str, Any]) -> None:
    if wish["kind"] not in RESOURCES:
        raise Invalid({"kind": f"there is no kind {wish['kind']!r}: take one of {', '.join(RESOURCES)}"})
    if (wish["x"] is None) != (wish["y"] is None):
        raise Invalid({"x": "x and y go together"})
    if await fetch(connection, PEOPLE["place"], {"code": wish["place"], "scope": caller.scope}) is None:
        raise NotFound("place", wish["place"])
    about = {"id": wish["keeper"], "scope": None}
    if wish["keeper"] and await fetch(connection, PEOPLE["person"], about) is None:
        raise Invalid({"keeper": f"there is nobody {wish['keeper']!r}"})


async def _install(connection: Connection, caller: Caller, wish: Mapping[str, Any]) -> None:
    if wish["x"] is None:
        return
    now = (await fetch_one(connection, SQL["now"]))["now"]
    where = {name: wish[name] for name in ("place", "x", "y")}
    await put_position(connection, f"resource:{wish['id']}", Source.INSTALLED, where, at=now, by=caller.name)


async def _standing(connection: Connection, caller: Caller, id_: str) -> list[dict[str, Any]]:
    found = await listed(connection, caller, id_=id_)
    if not found:
        raise NotFound("resource", id_)
    return found


async def change(
    connection: Connection, caller: Caller, id_: str, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Write down what an inspection found.

    Raises NotFound, Beaten where `version` is old.
    """
    (row,) = await _standing(connection, caller, id_)
    version = changes.get("version")
    if version is not None and version != row["version"]:
        raise Beaten(f"{id_} has changed: version {row['version']} is not {version}", legal=(), last=None)
    kept = ("state", "quantity")
    sent = {n: v for n, v in changes.items() if v is not None or n not in kept}
    await connection.execute(SQL["change_resource"], {"checked": True, **row, **sent, "id": id_})
    detail = {name: str(value) for name, value in sent.items()}
    await accounts.audit(connection, caller.name, "resource.change", id_, detail=detail, source=caller.source)
    return (await listed(connection, caller, id_=id_))[0]
