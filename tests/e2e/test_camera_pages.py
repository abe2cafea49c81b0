"""A camera's page in a real browser: zones drawn on its picture, live view, the register of looks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import cv2
import numpy as np
import psycopg
import pytest
from playwright.async_api import Browser, Page, expect
from psycopg.rows import dict_row

from devices.model import Device
from ingest.camera.live import marked, serve_live
from ingest.clock import system_clock
from tests.e2e.axe import accessible, fits
from tests.e2e.conftest import Platform, picture, signed_in
from tests.e2e.test_operator import DESK

pytestmark = pytest.mark.browser
SEEN = np.full((270, 480, 3), 90, np.uint8)
CORNERS = ((0.2, 0.9), (0.3, 0.4), (0.6, 0.4), (0.7, 0.9))
LINE = ((0.8, 0.2), (0.8, 0.9))


def shown(viewer: str) -> bytes:
    return marked(SEEN, viewer, system_clock(), 8.0)


async def draw(page: Page, tool: str, points: tuple[tuple[float, float], ...]) -> None:
    """Click a shape's points on the picture."""
    await page.get_by_test_id(f"draw-tool-{tool}").click()
    canvas = page.get_by_test_id("draw-canvas")
    box = await canvas.bounding_box()
    assert box is not None
    for x, y in points:
        await canvas.click(position={"x": x * box["width"], "y": y * box["height"]})


async def wanted(platform: Platform, camera: Device) -> dict[str, list[dict[str, object]]]:
    """Return the configuration the registry holds."""
    async with await psycopg.AsyncConnection.connect(platform.database, row_factory=dict_row) as connection:
        query = "SELECT data FROM device_config WHERE device = %s"
        (row,) = await (await connection.execute(query, [camera.id])).fetchall()
        data: dict[str, list[dict[str, object]]] = row["data"]
        return data


@asynccontextmanager
async def desk(browser: Browser, platform: Platform, who: str, camera: Device) -> AsyncIterator[Page]:
    """The camera's page as somebody sees it."""
    async with signed_in(browser, platform, who, size=DESK) as page:
        await expect(page.get_by_test_id("nav-devices")).to_be_visible()
        await page.goto(f"{platform.address}/device/{camera.id}?tab=camera")
        yield page


async def test_zones_are_drawn_on_the_cameras_picture(platform: Platform, browser: Browser) -> None:
    camera = platform.community.family("camera")[0]
    view = platform.pictures / camera.estate / camera.id / "view.jpg"
    view.parent.mkdir(parents=True)
    view.write_bytes(cv2.imencode(".jpg", SEEN)[1].tobytes())
    async with desk(browser, platform, "admin", camera) as page:
        await page.get_by_test_id("draw-load").click()
        await expect(page.get_by_test_id("draw-load")).to_have_count(0)
        await draw(page, "zone", CORNERS)
        await page.get_by_test_id("draw-finish").click()
        await draw(page, "line", LINE)
        await expect(page.get_by_test_id("draw-shape")).to_have_count(2)
        await page.get_by_test_id("draw-name-0").fill("fire-lane")
        await page.get_by_test_id("draw-watch-0-blocking").check()
        await accessible(page)
        await fits(page)
        await picture(page, "camera-zones-zh-desk")
        await page.get_by_test_id("draw-save").click()
        await expect(page.get_by_test_id("draw-status")).to_have_attribute("data-status", "pending")
        await expect(page.get_by_test_id("tab-register")).to_have_count(0)
    data = await wanted(platform, camera)
    (zone,), (line,) = data["zones"], data["lines"]
    assert (zone["name"], zone["watch"]) == ("fire-lane", ["intrusion", "blocking"])
    assert np.allclose(np.array(zone["points"], float), CORNERS, atol=0.02)
    assert np.allclose(np.array([line["a"], line["b"]], float), LINE, atol=0.02)


async def test_a_live_view_is_watched_for_a_reason_and_stands_on_the_register(
    platform: Platform, browser: Browser
) -> None:
    camera = platform.community.family("camera")[0]
    node, offered = platform.camera_node, {(camera.estate, camera.id): shown}
    async with (
        serve_live(node, node.secret or "", offered),
        desk(browser, platform, "leader", camera) as page,
    ):
        await page.get_by_test_id("tab-live").click()
        await page.get_by_test_id("live-reason").fill("院内有烟")
        await page.get_by_test_id("live-start").click()
        await expect(page.get_by_test_id("live-picture")).to_be_visible()
        await accessible(page)
        await fits(page)
        await picture(page, "camera-live-zh-desk")
        await page.get_by_test_id("live-stop").click()
        await expect(page.get_by_test_id("live-picture")).to_have_count(0)
        await page.get_by_test_id("tab-register").click()
        register = page.get_by_test_id("register")
        await expect(register).to_contain_text("院内有烟")
        await expect(register.locator("tbody tr")).to_have_count(1)
        await accessible(page)
