"""Registering and changing devices: shared by the HTTP API and the `shequ device` command."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from console import accounts, feed
from console.database import Connection, fetch, fetch_one
from console.problems import Beaten, Invalid
from devices.errors import Conflict, NotFound
from devices.registry.lifecycle import Lifecycle, Move, advance, legal
from devices.registry.record import FIELDS, Known, Site, Standing, complete, lawful, problems
from devices.registry.siting import NO_CAMERA
from ingest.store.sql import load

SQL: Final = load("console.store", "device_registry.sql")
CALLEES: Final = load("console.store", "callees.sql")
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({"device": None, "place": None})
_DEVICES: Final = load("console.store", "devices.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who does something, and how much of the place tree is his."""

    name: str
    scope: str | None = None
    source: str = ""


async def known(connection: Connection, papers: Sequence[Mapping[str, Any]], scope: str | None) -> Known:
    """Read what these papers must be checked against."""
    sites = await connection.execute(
        SQL["sites"],
        {
            "codes": _all(papers, "place", "estate"),
            "scope": scope,
            "no_camera": [use.value for use in NO_CAMERA],
        },
    )
    places = {row["code"]: Site(row["estate"], row["forbidding_use"]) for row in await sites.fetchall()}
    standing = await connection.execute(SQL["standing"], {"ids": _all(papers, "id", "gateway")})
    devices = {
        row["id"]: Standing(row["estate"], row["gateway"], row["retired"])
        for row in await standing.fetchall()
    }
    names = await connection.execute(
        SQL["names"], {"national_ids": _all(papers, "gb28181_id"), "serials": _all(papers, "serial")}
    )
    holders = await names.fetchall()
    wanted = sorted({who for row in papers for who in row.get("callees") or ()})
    named: list[DictRow] = []
    if wanted:  # the tool's account has no right on people, and needs none where nobody is named
        people = await connection.execute(CALLEES["may_name"], {"people": wanted, "scope": scope, **NOTHING})
        named = await people.fetchall()
    foreign = await connection.execute(SQL["foreign"], {"names": _all(papers, "foreign_name", "id")})
    return Known(
        places=places,
        devices=devices,
        national_ids={row["gb28181_id"]: row["id"] for row in holders if row["gb28181_id"]},
        serials={(row["make"], row["serial"]): row["id"] for row in holders if row["serial"]},
        foreign={(row["estate"], row["dialect"], row["name"]): row["id"] for row in await foreign.fetchall()},
        people=frozenset(row["id"] for row in named),
    )


def _all(papers: Iterable[Mapping[str, Any]], *fields: str) -> list[str]:
    return sorted({str(row[name]) for row in papers for name in fields if row.get(name)})


async def check_new(connection: Connection, wish: Mapping[str, Any], scope: str | None) -> dict[str, Any]:
    """A wished device's papers, completed.

    Raises Invalid naming every wrong field, Conflict where the id is taken.
    """
    papers = complete(wish)
    around = await known(connection, [papers], scope)
    found = problems(papers, around, fresh=False)
    errors = {each.field: str(each) for each in reversed(found)}
    site = around.places.get(papers["place"])
    estate = around.places.get(papers.get("estate") or "")
    if "place" not in errors and site is not None and papers.get("estate") not in (None, site.estate):
        if estate is None or estate.estate != papers["estate"]:
            errors["estate"] = f"{papers['estate']!r} is not an estate: take a place of kind estate"
        else:
            errors["place"] = f"{papers['place']!r} does not lie in the estate {papers['estate']!r}"
    if errors:
        raise Invalid(errors)
    if papers["id"] in around.devices:
        raise Conflict(f"there is a device {papers['id']!r} already: take another id")
    return {**papers, "estate": site.estate if site else papers["estate"]}


async def register(connection: Connection, actor: Actor, papers: Mapping[str, Any], state: Lifecycle) -> None:
    """Write a new device and the first line of its history.

    Raises Conflict where somebody else took the id meanwhile.
    """
    if await fetch(connection, SQL["add_device"], {**papers, "lifecycle": state.value}) is None:
        raise Conflict(f"there is a device {papers['id']!r} already: take another id")
    for rank, person in enumerate(papers.get("callees") or (), start=1):
        entry = {**NOTHING, "device": papers["id"], "rank": rank, "person": person, "note": ""}
        await connection.execute(CALLEES["add"], entry)
    detail = {name: _plain(papers[name]) for name in FIELDS if papers.get(name) is not None}
    await note(connection, actor, papers["id"], "device.add", to_state=state, detail=detail)


async def change(
    connection: Connection, actor: Actor, device: str, changes: Mapping[str, Any], version: int | None
) -> None:
    """Change a device's papers; the history keeps old and new.

    Raises NotFound, Beaten where `version` is old, Invalid where the papers would be wrong.
    """
    row = await held(connection, actor, device, version)
    papers = {**row, **changes}
    around = await known(connection, [papers], actor.scope)
    errors = {each.field: str(each) for each in problems(papers, around, fresh=False)}
    site = around.places.get(papers["place"])
    if site is not None and site.estate != row["estate"]:
        errors["place"] = (
            f"{papers['place']!r} lies in another estate: retire the device and register it there"
        )
    if row["lifecycle"] == Lifecycle.RETIRED:
        raise Conflict(f"device {device!r} is retired: nothing about it changes any more")
    kept = await fetch(connection, SQL["configured_days"], {"id": device})
    if kept is not None and not lawful(papers["legal_basis"], kept["days"]):
        errors["legal_basis"] = f"the camera is configured to keep {kept['days']} days: change that first"
    if errors:
        raise Invalid(errors)
    detail = {
        name: [_plain(row[name]), _plain(value)] for name, value in changes.items() if row[name] != value
    }
    if not detail:
        return
    await connection.execute(SQL["change_device"], papers)
    await note(connection, actor, device, "device.change", detail=detail)


async def move(
    connection: Connection, actor: Actor, device: str, step: Move, *, reason: str, version: int | None = None
) -> Lifecycle:
    """Take a step in a device's life; answers the state before.

    Raises NotFound, Beaten, IllegalMove, Invalid (retiring needs a reason), Conflict (children).
    """
    row = await held(connection, actor, device, version)
    before = Lifecycle(row["lifecycle"])
    after = advance(device, before, step)
    if after is Lifecycle.RETIRED:
        if not reason:
            raise Invalid({"reason": "say why the device is retired"})
        cursor = await connection.execute(SQL["children"], {"id": device})
        if children := [child["id"] for child in await cursor.fetchall()]:
            raise Conflict(
                f"devices speak through {device!r} ({', '.join(children)}): give them another gateway"
            )
    await connection.execute(SQL["move_device"], {"id": device, "to_state": after.value})
    await note(connection, actor, device, f"device.{step}", from_state=before, to_state=after, reason=reason)
    return before


async def show_again(connection: Connection, device: str) -> list[int]:
    """Put what maintenance held back, and what still stands, on the list; answers the alerts."""
    cursor = await connection.execute(SQL["shown_again"], {"id": device})
    return [row["id"] for row in await cursor.fetchall()]


async def seen(connection: Connection, actor: Actor, device: str) -> dict[str, Any]:
    """A device as lists show it; raises NotFound outside the actor's places."""
    row = await fetch(connection, _DEVICES["device"], {"id": device, "scope": actor.scope})
    if row is None:
        raise NotFound("device", device)
    body: dict[str, Any] = row["body"]
    return body


async def held(connection: Connection, actor: Actor, device: str, version: int | None) -> dict[str, Any]:
    """A device's papers, held until the transaction ends.

    Raises NotFound, Beaten where the version is old.
    """
    row = await fetch(connection, SQL["papers"], {"id": device, "scope": actor.scope})
    if row is None:
        raise NotFound("device", device)
    if version is not None and version != row["version"]:
        last = await fetch(connection, SQL["history"], {"device": device, "before": None, "limit": 1})
        raise Beaten(
            f"device {device!r} has changed meanwhile: look again",
            legal=legal(Lifecycle(row["lifecycle"])),
            last=last and {name: last["body"][name] for name in ("actor", "action", "at")},
        )
    return row


async def note(
    connection: Connection,
    actor: Actor,
    device: str,
    action: str,
    *,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write a line of the device's history, and of the audit log."""
    row = {
        "device": device,
        "action": action.removeprefix("device."),
        "actor": actor.name,
        "from_state": from_state,
        "to_state": to_state,
        "reason": reason,
        "detail": Jsonb(dict(detail or {})),
        "source": actor.source,
    }
    await connection.execute(SQL["note"], row)
    about = {**(detail or {}), **({"reason": reason} if reason else {})}
    await accounts.audit(connection, actor.name, action, device, detail=about, source=actor.source)


async def keep_password(connection: Connection, device: str, password: str) -> None:
    """Keep the hash of a device's password, for brokers that ask over HTTP."""
    digest = hashlib.sha256(password.encode()).digest()
    await connection.execute(SQL["minted"], {"device": device, "hash": digest})


async def announce(connection: Connection, devices: Iterable[str], alerts: Iterable[int] = ()) -> None:
    """Tell ingest and the live feed, as the last act of a transaction."""
    await connection.execute(_DEVICES["notify_registry"])
    await feed.publish(connection, devices=devices, alerts=alerts)


async def body_of(connection: Connection, device: str) -> dict[str, Any]:
    """A device as lists show it."""
    body: dict[str, Any] = (await fetch_one(connection, _DEVICES["device"], {"id": device, "scope": None}))[
        "body"
    ]
    return body


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value
