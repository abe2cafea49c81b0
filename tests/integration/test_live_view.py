"""Live view: marked, for a reason, for the centre, for a while; through the console from a node's server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import LiteralString

import cv2
import httpx
import numpy as np
import pytest

from ingest.camera.live import marked, serve_live
from ingest.camera.settings import LiveSettings
from ingest.registry_ca import Authority
from tests.integration.api_desk import Desk, open_desk

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
GREY = np.full((270, 480, 3), 90, np.uint8)
SECRET = "between node and console"


def shown(viewer: str) -> bytes:
    return marked(GREY, viewer, NOW, 8.0)


@pytest.fixture
async def node() -> AsyncIterator[str]:
    settings = LiveSettings(secret=SECRET, port=0, rate=15.0, viewers=2)
    async with serve_live(settings, SECRET, {("EST1", "cam-1"): shown}) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def desk(database: str, node: str) -> AsyncIterator[Desk]:
    nodes = f"http://127.0.0.1:9, {node}/"
    async with open_desk(database, camera_nodes=nodes, camera_secret=SECRET, live_minutes=0.01) as desk:
        yield desk


@pytest.mark.parametrize("known", [True, False])
async def test_a_node_is_believed_over_tls_by_its_authority_only(
    database: str, tmp_path: Path, *, known: bool
) -> None:
    ours, stranger = Authority.open(tmp_path / "ours"), Authority.open(tmp_path / "stranger")
    issued = (ours if known else stranger).issue_server(["127.0.0.1"])
    certificate, key, ca = (tmp_path / name for name in ("node.pem", "node-key.pem", "ca.pem"))
    certificate.write_text(issued.certificate)
    key.write_text(issued.key or "")
    ca.write_text(ours.pem)
    settings = LiveSettings(secret=SECRET, port=0, rate=15.0, certificate=str(certificate), key=str(key))
    async with serve_live(settings, SECRET, {("EST1", "cam-1"): shown}) as port:
        more = {"camera_nodes": f"https://127.0.0.1:{port}", "camera_secret": SECRET, "camera_ca": ca}
        async with open_desk(database, live_minutes=0.01, **more) as desk:
            answer = await desk.get("/api/cameras/cam-1/live", reason="smoke in the yard")
    assert answer.status_code == (200 if known else 404)


async def test_an_authority_that_cannot_be_read_is_named(database: str, tmp_path: Path) -> None:
    more = {
        "camera_nodes": "https://127.0.0.1:9",
        "camera_secret": SECRET,
        "camera_ca": tmp_path / "none.pem",
    }
    async with open_desk(database, **more) as desk:
        answer = await desk.get("/api/cameras/cam-1/live", reason="smoke in the yard")
    assert answer.status_code == 503
    assert "SHEQU_CAMERA_CA" in answer.text


def test_the_mark_is_all_over_the_picture_and_differs_by_viewer() -> None:
    mine, yours = (cv2.imdecode(np.frombuffer(shown(who), np.uint8), 1) for who in ("wang", "li"))
    assert mine is not None
    assert yours is not None
    touched = np.abs(mine.astype(int) - 90).max(axis=2) > 20
    for part in np.array_split(touched, 4):
        assert part.any()  # no quarter can be cut out without it
    assert np.abs(mine.astype(int) - yours).max() > 50


async def test_an_operator_watches_for_a_reason_and_the_view_ends(desk: Desk) -> None:
    answer = await desk.get("/api/cameras/cam-1/live", reason="smoke in the yard")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-type"].startswith("multipart/x-mixed-replace")
    parts = answer.content.split(b"--shequ-live\r\n")[1:]
    assert 2 <= len(parts) <= 20  # 0.6 s of them
    jpeg = parts[0].split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")
    assert jpeg == shown("wang")
    (row,) = await desk.rows("SELECT who, device, what, reason FROM picture_access")
    assert tuple(row.values()) == ("wang", "cam-1", "live", "smoke in the yard")


@pytest.mark.parametrize(
    "end",
    [
        "DELETE FROM sessions WHERE user_name = 'wang'",
        "UPDATE users SET disabled = true WHERE name = 'wang'",
        "UPDATE users SET scope = 'EST2' WHERE name = 'wang'",
    ],
)
async def test_a_view_ends_with_its_session_and_with_the_right_to_it(
    database: str, node: str, monkeypatch: pytest.MonkeyPatch, end: LiteralString
) -> None:
    monkeypatch.setattr("console.live_view.RECHECK_S", 0.1)
    async with open_desk(database, camera_nodes=node, camera_secret=SECRET, live_minutes=5) as desk:
        await desk.as_("wang")
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            view = group.create_task(
                desk.get("/api/cameras/cam-1/live", reason="smoke in the yard"), name="view"
            )
            while not await desk.rows("SELECT 1 FROM picture_access"):
                await asyncio.sleep(0.02)
            await desk.connection.execute(end)
    assert view.result().status_code == 200


@pytest.mark.parametrize(
    ("who", "path", "why", "status"),
    [
        ("wang", "/api/cameras/cam-1/live", None, 422),
        ("wuye", "/api/cameras/cam-1/live", "curious", 403),
        ("zhao", "/api/cameras/cam-1/live", "another estate", 404),
        ("wang", "/api/cameras/smoke-1/live", "no camera", 404),
        ("boss", "/api/cameras/cam-9/live", "nobody", 404),
    ],
)
async def test_nobody_else_sees_anything(
    desk: Desk, who: str, path: str, why: str | None, status: int
) -> None:
    answer = await desk.get(path, who, **({"reason": why} if why else {}))
    assert answer.status_code == status
    assert await desk.rows("SELECT 1 FROM picture_access") == []


async def test_a_node_that_is_away_is_no_row(database: str) -> None:
    async with open_desk(database, camera_nodes="http://127.0.0.1:9", camera_secret=SECRET) as desk:
        assert (await desk.get("/api/cameras/cam-1/live", reason="check")).status_code == 404
        assert await desk.rows("SELECT 1 FROM picture_access") == []


async def test_the_node_asks_for_the_secret_a_name_and_a_time(node: str) -> None:
    login = {"Authorization": f"Bearer {SECRET}"}
    async with httpx.AsyncClient(base_url=node, timeout=60) as client:
        good = "/live/EST1/cam-1?viewer=wang&seconds=0.1"
        assert (await client.get(good)).status_code == 401
        assert (await client.get(good, headers={"Authorization": "Bearer guess"})).status_code == 401
        assert (await client.get("/live/EST1/cam-2?viewer=w&seconds=1", headers=login)).status_code == 404
        assert (await client.get("/live/EST1/cam-1?viewer=王&seconds=1", headers=login)).status_code == 400
        assert (await client.get("/live/EST1/cam-1?viewer=w&seconds=nan", headers=login)).status_code == 400
        assert (await client.get(good, headers=login)).status_code == 200
        long = [client.get("/live/EST1/cam-1?viewer=w&seconds=1", headers=login) for _ in range(3)]
        assert sorted(answer.status_code for answer in await asyncio.gather(*long)) == [200, 200, 503]
