"""The field page in a real mobile browser whose network is cut: nothing is lost, nothing happens twice."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, BrowserContext, FilePayload, Geolocation, Page, Route, expect
from psycopg.rows import dict_row

from console.accounts import create_user
from console.permissions import Role
from ingest.clock import system_clock
from tests.e2e.axe import accessible, fits
from tests.e2e.conftest import PATIENCE, Platform, picture

pytestmark = pytest.mark.browser

PASSWORD = "outside in the rain 7"
AT: Geolocation = {"latitude": 30.98005, "longitude": 104.28011, "accuracy": 15}
WAYS = ("acknowledge", "arrive", "handle")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A case and the order that waits on the phone."""

    incident: int
    order: int
    centre: httpx.AsyncClient

    async def log(self) -> list[dict[str, Any]]:
        """Read the case's record."""
        answer = (await self.centre.get(f"/api/incidents/{self.incident}")).raise_for_status()
        rows: list[dict[str, Any]] = answer.json()["log"]
        assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
        return rows


def grid(platform: Platform) -> str:
    """The grid worker of the test's estate."""
    return f"grid.{platform.estate}"


@pytest_asyncio.fixture(loop_scope="session")
async def sent(platform: Platform) -> AsyncIterator[Sent]:
    """A grid worker with a login, and one reported case that was sent to the grid half an hour ago."""
    estate = platform.community.estates[0]
    building = next(p.code for p in platform.community.places if p.kind == "building")
    async with await psycopg.AsyncConnection.connect(
        platform.database, row_factory=dict_row, autocommit=True
    ) as connection:
        worker = grid(platform)
        await create_user(connection, worker, PASSWORD, Role.FIELD, display_name="周网格", scope=estate)
        await connection.execute(
            "INSERT INTO people (id, name, roles, org, place, user_name) "
            "VALUES (%s, '周网格', '{GW}', 'GW', %s, %s)",
            (worker, estate, worker),
        )
        await connection.execute("INSERT INTO place_anchors VALUES (%s, 30.98, 104.28)", (estate,))
        async with httpx.AsyncClient(base_url=platform.address, timeout=60) as centre:
            login = {"username": platform.login("operator"), "password": platform.passwords["operator"]}
            token = (await centre.post("/api/token", data=login)).raise_for_status().json()["access_token"]
            centre.headers["Authorization"] = f"Bearer {token}"
            report = {"place": building, "source": "03", "severity": 2, "title": "楼道堆物冒烟"}
            incident = (await centre.post("/api/incidents", json=report)).raise_for_status().json()["id"]
            for step in ({"action": "accept"}, {"action": "assess"}, {"action": "dispatch", "org": "GW"}):
                await _act(centre, incident, step)
            ago = {"id": incident}
            await connection.execute(
                "UPDATE incidents SET opened_at = opened_at - INTERVAL '30 minutes' WHERE id = %(id)s", ago
            )
            cursor = await connection.execute("SELECT id FROM orders WHERE incident_id = %(id)s", ago)
            [order] = await cursor.fetchall()
            yield Sent(incident=incident, order=order["id"], centre=centre)


async def _act(centre: httpx.AsyncClient, incident: int, step: dict[str, str]) -> None:
    answer = await centre.post(f"/api/incidents/{incident}/actions", json=step)
    assert answer.is_success or answer.status_code == 409, answer.text  # a report may be accepted already


@asynccontextmanager
async def phone(browser: Browser, platform: Platform, *, since: datetime) -> AsyncIterator[Page]:
    """A phone whose clock shows `since`, and whose browser may say where it is."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        geolocation=AT,
        permissions=["geolocation"],
    )
    context.set_default_timeout(PATIENCE * 1000)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.clock.install(time=since)
    await page.goto(f"{platform.address}/field")
    await sign_in(page, grid(platform))
    yield page
    await context.close()
    assert errors == []


async def sign_in(page: Page, name: str) -> None:
    await page.get_by_test_id("login-user").fill(name)
    await page.get_by_test_id("login-password").fill(PASSWORD)
    await page.get_by_test_id("login-submit").click()


async def at_hand(page: Page) -> None:
    """Wait until the page is kept on the phone."""
    await expect(page.get_by_test_id("field-order")).to_have_count(1)
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await page.reload()
    await page.wait_for_function("navigator.serviceWorker.controller !== null")


def photo() -> FilePayload:
    out = io.BytesIO()
    Image.radial_gradient("L").resize((2400, 1800)).convert("RGB").save(out, "JPEG")
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


async def work(page: Page) -> None:
    """A whole order from signing to the report, ten minutes long."""
    for action in WAYS:
        await page.get_by_test_id(f"field-do-{action}").click()
        await expect(page.get_by_test_id(f"field-do-{action}")).to_have_count(0)
        await page.clock.fast_forward("03:00")
    await page.get_by_test_id("field-do-report_back").click()
    await page.get_by_test_id("field-text").fill("纸箱阴燃，已浇灭清走")
    await page.get_by_test_id("field-photo").set_input_files(photo())
    await expect(page.get_by_test_id("field-form").locator("img")).to_have_count(1)
    await picture(page, "field-report-zh")
    await page.get_by_test_id("field-send").click()


async def cut(context: BrowserContext) -> None:
    await context.set_offline(True)


async def test_ten_minutes_without_network_and_every_move_arrives_once(
    platform: Platform, browser: Browser, sent: Sent
) -> None:
    since = system_clock() - timedelta(minutes=15)
    async with phone(browser, platform, since=since) as page:
        await at_hand(page)
        await accessible(page)
        await fits(page)
        await picture(page, "field-list-zh")
        await cut(page.context)
        await page.reload()  # the page itself needs no network
        await page.get_by_test_id("field-order").click()
        await expect(page.get_by_test_id("field-offline")).to_be_visible()
        await picture(page, "field-offline-zh")
        await work(page)
        await expect(page.get_by_test_id("field-unsent")).to_have_attribute("data-count", "4")
        await expect(page.get_by_test_id("field-waiting-item")).to_have_count(4)
        await expect(page.get_by_test_id("field-order-page")).to_have_attribute("data-state", "reported_back")
        await accessible(page)
        await fits(page)
        await picture(page, "field-unsent-zh")
        await page.reload()  # nor does what waits depend on the open page
        await expect(page.get_by_test_id("field-unsent")).to_have_attribute("data-count", "4")
        assert [row["action"] for row in await sent.log()][-1] == "dispatch"

        lost: list[str] = []

        async def swallow(route: Route) -> None:
            """Let the server hear the first move, and the phone nothing of it."""
            if lost:
                await route.continue_()
                return
            await route.fetch()
            lost.append(route.request.url)
            await route.abort()

        await page.route("**/api/orders/*/actions", swallow)
        await page.context.set_offline(False)
        for _ in range(20):
            if lost:
                break
            await page.clock.fast_forward(16_000)
        await page.clock.fast_forward(16_000)
        await expect(page.get_by_test_id("field-unsent")).to_have_count(0)
        assert lost
        await expect(page.get_by_test_id("field-gone")).to_be_visible()
    rows = [row for row in await sent.log() if row["actor"] == grid(platform)]
    assert [row["action"] for row in rows] == [*WAYS, "attach", "report_back"]
    moves = [row for row in rows if row["action"] != "attach"]
    told = [datetime.fromisoformat(row["detail"]["acted_at"]) for row in moves]
    gaps = [(after - before).total_seconds() for before, after in pairwise(told)]
    assert all(175 <= gap <= 260 for gap in gaps), gaps
    assert all(
        datetime.fromisoformat(row["at"]) - at > timedelta(minutes=2)
        for row, at in zip(moves, told, strict=True)
    )
    arrive, report = moves[1], moves[3]
    assert (arrive["detail"]["lat"], arrive["detail"]["lon"]) == (AT["latitude"], AT["longitude"])
    assert report["reason"] == "纸箱阴燃，已浇灭清走"
    listed = (await sent.centre.get(f"/api/incidents/{sent.incident}/attachments")).json()["items"]
    assert [item["id"] for item in listed] == report["detail"]["attachments"]


async def test_a_session_that_ends_while_offline_loses_nothing(
    platform: Platform, browser: Browser, sent: Sent
) -> None:
    async with phone(browser, platform, since=system_clock() - timedelta(minutes=5)) as page:
        await at_hand(page)
        await cut(page.context)
        await page.get_by_test_id("field-order").click()
        await page.get_by_test_id("field-do-acknowledge").click()
        await page.get_by_test_id("field-do-ask_help").click()
        await page.get_by_test_id("field-text").fill("需要破门")
        await page.get_by_test_id("field-send").click()
        await expect(page.get_by_test_id("field-unsent")).to_have_attribute("data-count", "2")
        async with await psycopg.AsyncConnection.connect(platform.database, autocommit=True) as connection:
            await connection.execute("DELETE FROM sessions WHERE user_name = %s", [grid(platform)])
        await page.context.set_offline(False)
        await page.clock.fast_forward(16_000)
        await expect(page.get_by_test_id("login-unsent")).to_contain_text("2")
        await picture(page, "field-login-zh")
        await sign_in(page, grid(platform))
        await expect(page.get_by_test_id("field-order-page")).to_have_attribute("data-state", "acknowledged")
        await expect(page.get_by_test_id("field-unsent")).to_have_count(0)
        await page.get_by_test_id("field-back").click()
        await page.get_by_test_id("field-account").click()
        await expect(page.get_by_test_id("session-row")).to_have_count(1)
        await accessible(page)
        await fits(page)
        await picture(page, "field-account-zh")
    rows = [row for row in await sent.log() if row["actor"] == grid(platform)]
    assert [(row["action"], row["reason"]) for row in rows] == [("acknowledge", ""), ("ask_help", "需要破门")]
