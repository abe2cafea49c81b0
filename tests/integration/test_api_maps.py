"""The map over HTTP: GeoJSON in the caller's part of the tree, anchors, and tiles that come through us."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any, LiteralString

import httpx

from tests.integration.api_desk import Desk, open_desk

OUTLINE: LiteralString = """
UPDATE places SET outline = '[[0, 0], [0, 50], [100, 50], [100, 0]]' WHERE code IN ('EST1', 'EST2');
UPDATE places SET outline = '[[10, 10], [30, 10], [30, 20], [10, 20]]' WHERE code = 'EST1-B1';
UPDATE devices SET x = 12, y = 11 WHERE id = 'smoke-1';
"""
PNG = b"\x89PNG\r\n\x1a\n" + b"tile"


@asynccontextmanager
async def mapped(database: str, **settings: Any) -> AsyncIterator[Desk]:
    """A desk whose first estate is drawn and anchored, whose second is only drawn."""
    async with open_desk(database, **settings) as desk:
        await desk.connection.execute(OUTLINE)
        answer = await put(desk, "/api/map/anchors/EST1", {"lat": 30.98, "lon": 104.28}, who="boss")
        assert answer.status_code == 200, answer.text
        yield desk


async def put(desk: Desk, path: str, body: dict[str, float], *, who: str) -> httpx.Response:
    """Write as somebody."""
    return await desk.client.put(path, json=body, headers=await desk.as_(who))


async def test_sketches_become_geojson_where_somebody_said_where_they_lie(database: str) -> None:
    async with mapped(database) as desk:
        body = (await desk.get("/api/map")).json()
        assert body["unplaced"] == ["EST2"]
        shapes = {
            one["properties"]["code"]: one["geometry"]["coordinates"][0] for one in body["places"]["features"]
        }
        assert set(shapes) == {"EST1", "EST1-B1"}
        ring = shapes["EST1"]
        assert ring[0] == ring[-1]
        assert min(ring) == [104.28, 30.98]
        north = max(lat for _, lat in ring)
        assert abs((north - 30.98) * 111_320 - 50) < 0.01
        twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
        assert twice > 0  # RFC 7946: counter-clockwise
        points = {
            one["properties"]["id"]: one["geometry"]["coordinates"]
            for one in (await desk.get("/api/map/devices")).json()["features"]
        }
        assert set(points) == {"smoke-1", "cam-1"}
        assert abs((points["smoke-1"][1] - 30.98) * 111_320 - 11) < 0.01


async def test_nobody_sees_or_anchors_what_is_outside_their_places(database: str) -> None:
    async with mapped(database) as desk:
        body = (await desk.get("/api/map", "zhao")).json()
        assert (body["places"]["features"], body["unplaced"]) == ([], ["EST2"])
        assert (await desk.get("/api/map/devices", "zhao")).json()["features"] == []
        assert (await desk.get("/api/map/devices", "zhao", estate="EST1")).status_code == 404
        where = {"lat": 30.0, "lon": 104.0}
        assert (await put(desk, "/api/map/anchors/EST2", where, who="wuye")).status_code == 404
        assert (await put(desk, "/api/map/anchors/EST1", where, who="wang")).status_code == 403
        assert (await put(desk, "/api/map/anchors/EST1-B1", where, who="boss")).status_code == 404


async def test_tiles_come_through_the_console_and_only_pictures_do(database: str) -> None:
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1]
        asked.append(line)
        kind, content = ("text/html", b"no") if line.startswith("/9/") else ("image/png", PNG)
        about = f"Content-Type: {kind}\r\nContent-Length: {len(content)}\r\nConnection: close"
        head = f"HTTP/1.1 200 OK\r\n{about}\r\n\r\n"
        writer.write(head.encode() + content)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with (
        server,
        mapped(
            database, map_tiles=f"http://127.0.0.1:{port}/{{z}}/{{x}}/{{y}}?tk=secret", map_crs="gcj02"
        ) as desk,
    ):
        background = (await desk.get("/api/map")).json()["background"]
        assert (background["layers"], background["crs"]) == (1, "gcj02")
        assert "secret" not in str(background)
        tile = await desk.get("/api/map/tiles/0/2/3/1")
        assert (tile.content, tile.headers["content-type"]) == (PNG, "image/png")
        assert asked == ["/2/3/1?tk=secret"]
        assert (await desk.get("/api/map/tiles/0/9/3/1")).status_code == 404
        assert (await desk.get("/api/map/tiles/0/2/4/1")).status_code == 404  # outside the pyramid
        assert (await desk.get("/api/map/tiles/1/2/3/1")).status_code == 404


async def test_without_a_background_there_are_no_tiles(database: str) -> None:
    async with mapped(database) as desk:
        assert (await desk.get("/api/map")).json()["background"] is None
        assert (await desk.get("/api/map/tiles/0/1/0/0")).status_code == 503
