"""The map: GeoJSON of places, grids, resources and devices, the background, and where a sketch lies."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from console import maps, tiles
from console.access import Data, must_see
from console.auth import Me
from console.database import Connection
from console.schemas import Wire
from console.settings import ConsoleSettings
from console.wishes import Wish
from console.writing import Answer, Once

router = APIRouter(prefix="/api/map", tags=["map"])

Zoom = Annotated[int, Path(ge=0, le=22)]
Index = Annotated[int, Path(ge=0, lt=2**22)]


class Geometry(Wire):
    """A GeoJSON geometry (RFC 7946), WGS 84, longitude first."""

    type: Literal["Point", "Polygon", "MultiPolygon"]
    coordinates: list[Any]


class Feature(Wire):
    """A GeoJSON feature."""

    type: Literal["Feature"]
    geometry: Geometry
    properties: dict[str, Any]


class FeatureCollection(Wire):
    """A GeoJSON feature collection."""

    type: Literal["FeatureCollection"]
    features: list[Feature]


class Background(Wire):
    """What lies under the map; its tiles come through `/api/map/tiles`."""

    layers: int
    crs: Literal["wgs84", "gcj02"]
    attribution: str
    max_zoom: int


class MapBody(Wire):
    """Everything drawn that seldom changes."""

    places: FeatureCollection
    grids: FeatureCollection
    resources: FeatureCollection
    unplaced: list[str]
    background: Background | None


class Anchor(Wish):
    """Where the south-west corner of an estate's sketch lies, WGS 84."""

    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class Anchored(Wire):
    """An estate and its anchor."""

    place: str
    lat: float
    lon: float


@router.get("", response_model=MapBody)
async def map_body(request: Request, database: Data, caller: Me) -> dict[str, Any]:
    """Answer places, grids and resources as GeoJSON; `unplaced` are estates without an anchor."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await maps.drawn(connection, caller)

    settings: ConsoleSettings = request.app.state.settings
    count = len(tiles.layers(settings))
    background = {
        "layers": count,
        "crs": settings.map_crs,
        "attribution": settings.map_attribution,
        "max_zoom": settings.map_max_zoom,
    }
    return {**await database.write(work), "background": background if count else None}


@router.get("/devices", response_model=FeatureCollection)
async def map_devices(database: Data, caller: Me, estate: str | None = None) -> dict[str, Any]:
    """Answer the caller's devices as GeoJSON points, at most 20 000."""
    await must_see(database, caller, estate)

    async def work(connection: Connection) -> dict[str, Any]:
        return await maps.devices(connection, caller, estate)

    return await database.write(work)


@router.get("/tiles/{layer}/{z}/{x}/{y}", response_class=Response)
async def map_tile(
    request: Request,
    *,
    layer: Annotated[int, Path(ge=0, le=9)],
    z: Zoom,
    x: Index,
    y: Index,
) -> Response:
    """Pass on one tile of the configured background."""
    content, media = await tiles.tile(request.app.state.settings, layer, z, x, y)
    return Response(content, media_type=media, headers={"Cache-Control": "private, max-age=86400"})


@router.put("/anchors/{place}", response_model=Anchored)
async def set_anchor(caller: Me, place: str, wish: Anchor, writer: Once) -> JSONResponse:
    """Write down where an estate's sketch lies."""

    async def work(connection: Connection) -> Answer:
        await maps.anchor(connection, caller, place, wish.lat, wish.lon)
        return Answer(body={"place": place, "lat": wish.lat, "lon": wish.lon})

    return await writer.once(work)
