"""The map as GeoJSON (RFC 7946: longitude before latitude, WGS 84), made of sketches and their anchors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from console import accounts, resources
from console.auth import Caller
from console.database import Connection, fetch
from console.organisation import on_globe
from devices.errors import NotFound
from ingest.store.sql import load

SQL: Final = load("console.store", "map.sql")
KINDS: Final = ("estate", "building", "gate")
MOST_SHAPES: Final = 20_000
MOST_DEVICES: Final = 20_000

Feature = dict[str, Any]


async def drawn(connection: Connection, caller: Caller) -> dict[str, Any]:
    """Answer places, grids and resources the caller sees, and the estates nobody has anchored yet."""
    about = {"scope": caller.scope, "kinds": list(KINDS), "most": MOST_SHAPES}
    shapes = await (await connection.execute(SQL["shapes"], about)).fetchall()
    grids = await (await connection.execute(SQL["grids"], about)).fetchall()
    things = await resources.listed(connection, caller)
    return {
        "places": _collection(_place(row) for row in shapes if row["lat"] is not None),
        "grids": _collection(_grids(grids)),
        "resources": _collection(_resource(thing) for thing in things if _known(thing["position"])),
        "unplaced": [row["code"] for row in shapes if row["lat"] is None and row["kind"] == "estate"],
    }


async def devices(connection: Connection, caller: Caller, estate: str | None) -> dict[str, Any]:
    """Answer where the caller's devices are."""
    about = {"scope": caller.scope, "estate": estate, "most": MOST_DEVICES}
    rows = await (await connection.execute(SQL["points"], about)).fetchall()
    return _collection(_device(row) for row in rows)


async def anchor(connection: Connection, caller: Caller, place: str, lat: float, lon: float) -> None:
    """Write down where the south-west corner of an estate's sketch lies.

    Raises NotFound outside the caller's places, and for what is no estate.
    """
    row = await fetch(connection, SQL["is_estate"], {"place": place, "scope": caller.scope})
    if row is None or row["kind"] != "estate":
        raise NotFound("estate", place)
    await connection.execute(SQL["set_anchor"], {"place": place, "lat": lat, "lon": lon})
    detail = {"lat": lat, "lon": lon}
    await accounts.audit(connection, caller.name, "place.anchor", place, detail=detail, source=caller.source)


def on_map(origin: Mapping[str, Any], x: float, y: float) -> list[float]:
    """A point of a sketch as GeoJSON writes it; a tenth of a micro-degree is a centimetre."""
    lat, lon = on_globe(origin["lat"], origin["lon"], x, y)
    return [round(lon, 7), round(lat, 7)]


def _collection(features: Iterable[Feature]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _feature(kind: str, coordinates: Any, properties: Mapping[str, Any]) -> Feature:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": dict(properties),
    }


def _ring(row: Mapping[str, Any]) -> list[list[float]]:
    """A closed ring; RFC 7946 wants the outer one counter-clockwise."""
    corners: Sequence[Sequence[float]] = row["outline"]
    pairs = zip(corners, [*corners[1:], corners[0]], strict=True)
    turned = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) < 0
    ring = [on_map(row, x, y) for x, y in (reversed(corners) if turned else corners)]
    return [*ring, ring[0]]


def _place(row: Mapping[str, Any]) -> Feature:
    names = ("code", "kind", "name_zh", "name_en", "estate")
    return _feature("Polygon", [_ring(row)], {name: row[name] for name in names})


def _grids(rows: Iterable[Mapping[str, Any]]) -> list[Feature]:
    features = []
    for _, group in groupby(rows, key=lambda row: row["code"]):
        members = list(group)
        names = {name: members[0][name] for name in ("code", "kind", "name_zh", "name_en")}
        features.append(_feature("MultiPolygon", [[_ring(row)] for row in members], names))
    return features


def _device(row: Mapping[str, Any]) -> Feature:
    x, y = row["x"], row["y"]
    if x is None or y is None:
        x, y = (sum(corner[n] for corner in row["outline"]) / len(row["outline"]) for n in (0, 1))
    names = ("id", "name_zh", "name_en", "profile", "place", "estate", "online")
    return _feature("Point", on_map(row, x, y), {name: row[name] for name in names})


def _known(position: Mapping[str, Any] | None) -> bool:
    return position is not None and position["lat"] is not None


def _resource(thing: Mapping[str, Any]) -> Feature:
    at = thing["position"]
    names = ("id", "kind", "name_zh", "name_en", "place", "state")
    return _feature(
        "Point", [round(at["lon"], 7), round(at["lat"], 7)], {name: thing[name] for name in names}
    )
