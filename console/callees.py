"""Whom to call about a device or a place: people of the one address book, in an order, with what each is for.

A device has a list of its own; those of the places around it follow, the narrowest first. The number stays
sealed: whoever calls opens it with a reason, as on the page of people.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console import accounts
from console import device_registry as registry
from console.auth import Caller
from console.database import Connection, fetch
from console.device_registry import CALLEES as SQL
from console.device_registry import NOTHING, Actor
from console.problems import Invalid
from devices.errors import NotFound


async def listed(
    connection: Connection, caller: Caller, *, device: str | None = None, place: str | None = None
) -> dict[str, Any]:
    """Answer whom to call about a device or a place, each once.

    Raises NotFound outside the caller's places.
    """
    about = {"device": device, "place": place, "scope": caller.scope}
    where = await fetch(connection, SQL["place" if device is None else "device"], about)
    if where is None:
        raise NotFound("place" if device is None else "device", str(place or device))
    rows = await (await connection.execute(SQL["listed"], {**about, "path": where["path"]})).fetchall()
    once: dict[str, dict[str, Any]] = {}
    for row in rows:
        once.setdefault(row["body"]["person"], row["body"])
    return {"items": list(once.values())}


async def of_device(
    connection: Connection, caller: Caller, device: str, wanted: Sequence[dict[str, str]]
) -> dict[str, Any]:
    """Write a device's own list anew.

    Raises NotFound outside the caller's places, Invalid for somebody whom the caller may not name.
    """
    actor = Actor(name=caller.name, scope=caller.scope, source=caller.source)
    await registry.held(connection, actor, device, None)
    await _write(connection, caller, {**NOTHING, "device": device}, wanted)
    people = [one["person"] for one in wanted]
    await registry.note(connection, actor, device, "device.callees", detail={"people": people})
    return await listed(connection, caller, device=device)


async def of_place(
    connection: Connection, caller: Caller, place: str, wanted: Sequence[dict[str, str]]
) -> dict[str, Any]:
    """Write a place's list anew.

    Raises NotFound outside the caller's places, Invalid for somebody whom the caller may not name.
    """
    if await fetch(connection, SQL["place"], {"place": place, "scope": caller.scope}) is None:
        raise NotFound("place", place)
    await _write(connection, caller, {**NOTHING, "place": place}, wanted)
    people = [one["person"] for one in wanted]
    await accounts.note(connection, caller, "place.callees", place, {"people": people})
    return await listed(connection, caller, place=place)


async def _write(
    connection: Connection, caller: Caller, about: dict[str, Any], wanted: Sequence[dict[str, str]]
) -> None:
    people = [one["person"] for one in wanted]
    found = await connection.execute(SQL["may_name"], {**about, "people": people, "scope": caller.scope})
    known = {row["id"] for row in await found.fetchall()}
    strangers = [person for person in people if person not in known]
    if strangers:
        raise Invalid({"callees": f"there is nobody {strangers[0]!r} in your places: add the person first"})
    if len(set(people)) < len(people):
        raise Invalid({"callees": "somebody is named twice: name each one once"})
    await connection.execute(SQL["clear"], about)
    for rank, one in enumerate(wanted, start=1):
        await connection.execute(SQL["add"], {**about, **one, "rank": rank})
