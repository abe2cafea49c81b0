"""Grids, posts and resources are changed and ended over HTTP; the record keeps what was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from tests.integration.api_desk import Desk, open_desk
from tests.integration.test_api_organisation import COUNTY, GRID, hire, roll

POST = {"code": "desk", "name_zh": "值班台", "name_en": "Desk", "role": "OP", "place": "510681", "minimum": 1}
AED = {"id": "aed-1", "kind": "aed", "name_zh": "除颤仪", "name_en": "AED", "place": "e1", "x": 3, "y": 4}


@pytest.fixture
async def county(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        await desk.connection.execute(COUNTY)
        yield desk


async def ask(
    desk: Desk, method: str, path: str, body: Mapping[str, Any] | None = None, who: str = "sun"
) -> httpx.Response:
    return await desk.client.request(method, path, json=body, headers=await desk.as_(who))


async def test_a_grid_is_renamed_once_per_version_and_ended_when_nobody_answers_for_it(county: Desk) -> None:
    code = GRID["code"]
    assert (await county.post("/api/grids", GRID, "sun")).status_code == 201
    for place, since in (("e1-b1", "2026-01-01T00:00:00+08:00"), ("e1", "2099-01-01T00:00:00+08:00")):
        moved = await county.post(f"/api/grids/{code}/places", {"place": place, "since": since}, "sun")
        assert moved.status_code == 200, moved.text
    wish = {"kind": "special", "name_zh": "专属网格", "name_en": "Special", "households": 300, "version": 1}
    changed = await ask(county, "PATCH", f"/api/grids/{code}", wish)
    assert (changed.json()["name_zh"], changed.json()["households"]) == ("专属网格", 300)
    assert (await ask(county, "PATCH", f"/api/grids/{code}", wish)).status_code == 409
    assert (await ask(county, "PATCH", f"/api/grids/{code}", wish, "wuye")).status_code == 403
    await hire(county, "gw1", grid=code)
    assert (await ask(county, "DELETE", f"/api/grids/{code}")).status_code == 409
    await county.connection.execute("UPDATE people SET grid = NULL")
    assert (await ask(county, "DELETE", f"/api/grids/{code}")).status_code == 200
    assert (await county.get("/api/grids")).json()["items"] == []
    (past,) = await county.rows("SELECT place, until IS NOT NULL AS over FROM grid_places")
    assert past == {"place": "e1-b1", "over": True}


async def test_a_post_changes_its_hours_and_ends_with_the_shifts_that_have_not_begun(county: Desk) -> None:
    assert (await county.post("/api/posts", POST, "sun")).status_code == 201
    await hire(county, "op1", "OP", "510681")
    assert (await roll(county, "op1", 2, 8)).status_code == 201
    wish = {
        "name_zh": "总值班",
        "name_en": "Duty",
        "minimum": 2,
        "opens": "08:00",
        "closes": "20:00",
        "version": 1,
    }
    changed = (await ask(county, "PATCH", "/api/posts/desk", wish)).json()
    assert (changed["minimum"], changed["opens"], changed["version"]) == (2, "08:00", 2)
    assert (await ask(county, "PATCH", "/api/posts/desk", wish)).status_code == 409
    assert (await ask(county, "DELETE", "/api/posts/desk", who="wuye")).status_code == 404
    assert (await ask(county, "DELETE", "/api/posts/desk")).status_code == 200
    (shift,) = await county.rows("SELECT cancelled_at IS NOT NULL AS gone FROM rosters")
    assert shift["gone"]
    assert (await ask(county, "DELETE", "/api/posts/desk")).status_code == 404


async def test_a_resource_is_corrected_and_retired_and_its_installed_place_is_the_installer_s(
    county: Desk,
) -> None:
    assert (await county.post("/api/resources", AED, "sun")).status_code == 201
    papers = {**AED, "name_zh": "大堂除颤仪", "place": "e1-b1", "x": None, "y": None, "version": 1}
    changed = await ask(county, "PUT", "/api/resources/aed-1", papers)
    assert (changed.json()["name_zh"], changed.json()["place"]) == ("大堂除颤仪", "e1-b1")
    assert (changed.json()["position"]["x"], changed.json()["position"]["source"]) == (3, "installed")
    assert (await ask(county, "PUT", "/api/resources/aed-1", papers)).status_code == 409
    moved = await ask(county, "PUT", "/api/resources/aed-1", {**papers, "x": 9, "y": 9, "version": 2}, "wuye")
    assert moved.json()["position"]["x"] == 9
    assert (await ask(county, "DELETE", "/api/resources/aed-1", who="wang")).status_code == 403
    assert (await ask(county, "DELETE", "/api/resources/aed-1")).status_code == 200
    assert (await county.get("/api/resources")).json()["items"] == []
