"""Grids and people: who is responsible for what, and who may know how to reach them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import cos, radians
from typing import Any, Final

from psycopg.types.json import Jsonb

from console import accounts, revealing
from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from console.problems import Beaten, Invalid
from console.wishes import IncidentAction
from devices.errors import Conflict, NotFound
from devices.organisation import grid_problems
from devices.people_sheet import FIELDS, KnownWords, complete, person_problems
from ingest.store import personal
from ingest.store.sql import load
from ingest.vault import Vault, masked
from rules.position import Source, Spot

SQL: Final = load("console.store", "organisation.sql")
METRES_PER_DEGREE: Final = 111_320.0


async def add_grid(connection: Connection, caller: Caller, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Add a grid to a community.

    Raises NotFound outside the caller's places, Invalid, Conflict where the code is taken.
    """
    place = await _place(connection, caller, wish["community"])
    if errors := grid_problems(wish["code"], wish["community"], place["kind"]):
        raise Invalid(errors)
    if await fetch(connection, SQL["add_grid"], {**wish, "alt_codes": Jsonb(wish["alt_codes"])}) is None:
        raise Conflict(f"there is a grid {wish['code']!r} already")
    await accounts.note(connection, caller, "grid.add", wish["code"])
    return await _grid(connection, caller, wish["code"])


async def change_grid(
    connection: Connection, caller: Caller, code: str, wish: Mapping[str, Any]
) -> dict[str, Any]:
    """Change a grid's name, kind and households.

    Raises NotFound, Beaten where `version` is old.
    """
    await _grid(connection, caller, code)
    if await fetch(connection, SQL["change_grid"], {**wish, "code": code}) is None:
        raise Beaten(f"grid {code} has changed: read it again", legal=(), last=None)
    await accounts.note(connection, caller, "grid.change", code, detail=dict(wish))
    return await _grid(connection, caller, code)


async def end_grid(connection: Connection, caller: Caller, code: str) -> dict[str, Any]:
    """End a grid and what belongs to it from now on; older cases keep it.

    Raises NotFound, Conflict while somebody answers for it.
    """
    grid = await _grid(connection, caller, code)
    if grid["people"]:
        names = ", ".join(one["name"] for one in grid["people"])
        raise Conflict(f"{names} still answer for this grid: give them another one first")
    await connection.execute(SQL["end_grid_places"], {"code": code})
    await connection.execute(SQL["end_grid"], {"code": code})
    await accounts.note(connection, caller, "grid.end", code)
    return grid


async def move_boundary(
    connection: Connection, caller: Caller, code: str, place: str, since: datetime
) -> dict[str, Any]:
    """Put a building into a grid from a moment on; what happened before stays in its old grid.

    Raises NotFound, Invalid for a place outside the grid's community, Conflict for a time before
    the last change.
    """
    grid = await _grid(connection, caller, code)
    inside = await _place(connection, caller, place)
    if grid["community"] not in inside["path"]:
        raise Invalid({"place": f"{place!r} does not lie in {grid['community']}, the grid's community"})
    last = await fetch(connection, SQL["membership"], {"place": place})
    if last is not None and last["grid"] == code:
        raise Conflict(f"{place!r} belongs to this grid already")
    if last is not None and last["since"] >= since:
        raise Conflict(f"{place!r} changed its grid at {last['since'].isoformat()}: take a later time")
    about = {"place": place, "grid": code, "since": since}
    await connection.execute(SQL["end_membership"], about)
    await connection.execute(SQL["begin_membership"], about)
    detail = {"place": place, "since": since.isoformat(), "from": last["grid"] if last else None}
    await accounts.note(connection, caller, "grid.boundary", code, detail=detail)
    return await _grid(connection, caller, code)


async def add_person(
    connection: Connection, caller: Caller, vault: Vault, wish: Mapping[str, Any]
) -> dict[str, Any]:
    """Add somebody.

    Raises Invalid naming every wrong field, Conflict where the id is taken.
    """
    papers = complete(wish)
    known = await known_words(connection, [papers], caller.scope)
    if papers["id"] in known.ids:
        raise Conflict(f"there is somebody {papers['id']!r} already")
    if errors := person_problems(papers, known, fresh=True):
        raise Invalid(errors)
    await put_person(connection, caller, vault, papers)
    return await person(connection, caller, papers["id"])


async def put_person(connection: Connection, caller: Caller, vault: Vault, papers: Mapping[str, Any]) -> None:
    """Write checked papers down, the phone sealed; of family contacts the name as well.

    Raises Conflict where somebody else took the id meanwhile.
    """
    fields: dict[str, str | None] = {"phone": papers.get("phone")}
    if papers.get("cares_for"):
        fields["name"] = papers["name"]
        papers = {**papers, "name": masked(papers["name"])}
    if await fetch(connection, SQL["add_person"], papers) is None:
        raise Conflict(f"there is somebody {papers['id']!r} already")
    await personal.put(connection, vault, personal.person(papers["id"]), fields)
    shown = {name: papers[name] for name in FIELDS if papers.get(name) and name != "phone"}
    await accounts.note(connection, caller, "person.add", papers["id"], detail=shown)


async def change_person(
    connection: Connection,
    caller: Caller,
    vault: Vault,
    id_: str,
    *,
    changes: Mapping[str, Any],
    version: int | None,
) -> dict[str, Any]:
    """Change somebody's papers.

    Raises NotFound, Invalid, Beaten where `version` is old.
    """
    row = await fetch(connection, SQL["lock_person"], {"id": id_, "scope": caller.scope})
    if row is None:
        raise NotFound("person", id_)
    if version is not None and version != row["version"]:
        raise Beaten(f"{id_} has changed: version {row['version']} is not {version}", legal=(), last=None)
    papers = {**row, **changes}
    known = await known_words(connection, [papers], caller.scope)
    if errors := person_problems(papers, known, fresh=False):
        raise Invalid(errors)
    if papers.get("cares_for") and "*" not in papers["name"]:
        await personal.put(connection, vault, personal.person(id_), {"name": papers["name"]})
        changes = {**changes, "name": masked(papers["name"])}
        papers = {**papers, "name": changes["name"]}
    await connection.execute(SQL["change_person"], papers)
    if "phone" in changes:
        await personal.put(connection, vault, personal.person(id_), {"phone": changes["phone"]})
    detail = {name: [row[name], value] for name, value in changes.items() if name != "phone"}
    if "phone" in changes:
        detail["phone"] = ["…", "…"]
    await accounts.note(connection, caller, "person.change", id_, detail=detail)
    return await person(connection, caller, id_)


async def export_people(
    connection: Connection, caller: Caller, vault: Vault, reveal: int | None
) -> list[dict[str, Any]]:
    """Answer everybody's papers; whole phone numbers only by a reveal of the caller's own.

    Raises NotFound where the reveal is somebody else's, over, or of something else.
    """
    if reveal is not None:
        await revealing.opened(connection, caller, reveal, "sheet")
    rows = await (await connection.execute(SQL["export_people"], {"scope": caller.scope})).fetchall()
    detail = {"people": len(rows), "phones": reveal is not None, "reveal": reveal}
    await accounts.note(connection, caller, "people.export", "*", detail=detail)
    if reveal is None:
        return rows
    known = await personal.unseal(connection, vault, [personal.person(row["id"]) for row in rows])
    whole = [known.get(personal.person(row["id"]), {}) for row in rows]
    return [
        {**row, **{name: told.get(name, row[name]) for name in ("phone", "name")}}
        for row, told in zip(rows, whole, strict=True)
    ]


async def person(connection: Connection, caller: Caller, id_: str) -> dict[str, Any]:
    """Answer one person, the phone masked.

    Raises NotFound outside the caller's places.
    """
    row = await fetch(connection, SQL["person"], {"id": id_, "scope": caller.scope})
    if row is None:
        raise NotFound("person", id_)
    body: dict[str, Any] = row["body"]
    return body


async def known_words(
    connection: Connection, papers: Sequence[Mapping[str, Any]], scope: str | None
) -> KnownWords:
    """Read what these papers must be checked against."""

    def every(name: str) -> list[str]:
        return sorted({str(one[name]) for one in papers if one.get(name)})

    row = await fetch_one(
        connection,
        SQL["known_words"],
        {
            "places": every("place"),
            "grids": every("grid"),
            "users": every("user_name"),
            "cared": every("cares_for"),
            "ids": every("id"),
            "scope": scope,
        },
    )
    return KnownWords(
        places=frozenset(row["places"]),
        grids=frozenset(row["grids"]),
        users=frozenset(row["users"]),
        cared=frozenset(row["cared"]),
        taken=set(row["taken"]),
        ids=set(row["ids"]),
    )


async def put_position(
    connection: Connection, subject: str, source: Source, where: Mapping[str, Any], *, at: datetime, by: str
) -> None:
    """Write down where something is by one source's word; no other source's word is touched."""
    row = {"x": None, "y": None, "lat": None, "lon": None, "accuracy_m": None, **where}
    await connection.execute(
        SQL["put_position"], {**row, "subject": subject, "source": source.value, "at": at, "by": by}
    )


async def put_arrival(
    connection: Connection, caller: Caller, incident: Mapping[str, Any], wish: IncidentAction, at: datetime
) -> None:
    """Whoever arrives was last seen there: by the phone's word, else by their own."""
    own = await fetch(connection, SQL["person_of"], {"name": caller.name})
    if own is None:
        return
    where = wish.model_dump(include={"x", "y", "lat", "lon", "accuracy_m"})
    source = Source.REPORTED if wish.lat is None else Source.GPS
    spot = {**where, "place": wish.place or incident["place"]}
    await put_position(connection, f"person:{own['id']}", source, spot, at=at, by=caller.name)


def spot_of(row: Mapping[str, Any]) -> Spot:
    """A stored position; metres in a sketch become degrees where the sketch's origin is known."""
    lat, lon = row["lat"], row["lon"]
    if lat is None and row["x"] is not None and row["origin_lat"] is not None:
        lat, lon = on_globe(row["origin_lat"], row["origin_lon"], row["x"], row["y"])
    return Spot(
        path=tuple(row["path"]),
        source=Source(row["source"]),
        at=row["at"],
        x=row["x"],
        y=row["y"],
        lat=lat,
        lon=lon,
    )


def on_globe(lat: float, lon: float, x: float, y: float) -> tuple[float, float]:
    """A point of a sketch, as latitude and longitude."""
    return lat + y / METRES_PER_DEGREE, lon + x / (METRES_PER_DEGREE * cos(radians(lat)))


async def _grid(connection: Connection, caller: Caller, code: str) -> dict[str, Any]:
    row = await fetch(connection, SQL["grids"], {"scope": caller.scope, "code": code})
    if row is None:
        raise NotFound("grid", code)
    body: dict[str, Any] = row["body"]
    return body


async def _place(connection: Connection, caller: Caller, code: str) -> dict[str, Any]:
    row = await fetch(connection, SQL["place"], {"code": code, "scope": caller.scope})
    if row is None:
        raise NotFound("place", code)
    return row
