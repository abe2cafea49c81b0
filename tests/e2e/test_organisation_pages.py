"""The pages of the organisation in a real browser, and a plan run with one click on a real alarm."""

from __future__ import annotations

import psycopg
import pytest
from playwright.async_api import Browser, expect

from console.commands.staffing import staff
from devices.profiles.smoke_sensor import Smoke
from tests.e2e.axe import accessible, fits
from tests.e2e.conftest import Platform, picture, signed_in
from tests.e2e.test_operator import DESK, PHONE, SOON, say

pytestmark = pytest.mark.browser
PAGES = (
    ("organisation", "/organisation", "place-tree"),
    ("people", "/organisation/people", "person-row"),
    ("roster", "/organisation/roster", "roster-week"),
    ("resources", "/organisation/resources", "resource-row"),
    ("privacy", "/organisation/privacy", "request-form"),
    ("plans", "/organisation/plans", "plan-row"),
    ("plan", "/organisation/plans/fire-smoke", "plan-readable"),
    ("people-import", "/organisation/people/import", "people-template-csv"),
)


@pytest.fixture
async def staffed(platform: Platform, database: str) -> Platform:
    """The platform with the people of its community."""
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await staff(
            connection,
            platform.community,
            {platform.login("operator"): "op-1", platform.login("second"): "op-2"},
            platform.vault,
        )
    return platform


@pytest.mark.parametrize("size", [DESK, PHONE])
async def test_every_page_of_the_organisation_can_be_read_by_everybody(
    staffed: Platform, browser: Browser, size: tuple[int, int]
) -> None:
    async with signed_in(browser, staffed, "admin", size=size) as page:
        await expect(page.get_by_test_id("nav-organisation")).to_be_visible(timeout=SOON)
        for name, path, must in PAGES:
            await page.goto(staffed.address + path)
            await expect(page.get_by_test_id(must).first).to_be_visible(timeout=SOON)
            await accessible(page)
            await fits(page)
            await picture(page, f"{name}-{'desk' if size == DESK else 'phone'}")


async def test_a_phone_is_shown_for_a_reason_only(staffed: Platform, browser: Browser) -> None:
    async with signed_in(browser, staffed, "operator", size=DESK) as page:
        await page.get_by_test_id("nav-organisation").click(timeout=SOON)
        await page.get_by_test_id("page-people").click()
        await page.locator(f'[data-person="{staffed.estate}-gw-1"]').get_by_role("button").click(timeout=SOON)
        shown = page.get_by_test_id("person-phone")
        await expect(shown).to_contain_text("****", timeout=SOON)
        await page.get_by_test_id("person-reveal").click()
        await page.get_by_test_id("confirm-reason").fill("核对求助电话")
        await page.get_by_test_id("confirm-go").click()
        await expect(shown).not_to_contain_text("****", timeout=SOON)
        await accessible(page)


async def test_one_click_runs_the_plan_and_every_step_is_shown(staffed: Platform, browser: Browser) -> None:
    smoke = staffed.community.family("smoke_sensor")[0]
    async with staffed.gateway() as gateway, signed_in(browser, staffed, "operator", size=DESK) as page:
        await say(gateway, smoke, "1", Smoke(alarm=True))
        await page.get_by_test_id("alert-row").first.click(timeout=SOON)
        await expect(page.get_by_test_id("plan-why")).to_be_visible(timeout=SOON)
        await page.get_by_test_id("advice-open").click()
        await expect(page.get_by_test_id("advised").first).to_be_visible(timeout=SOON)
        await accessible(page)
        await page.get_by_test_id("plan-run").click()
        await page.get_by_role("dialog").get_by_test_id("confirm-go").click()
        plan = page.get_by_test_id("case-plan").first
        await expect(plan).to_have_attribute("data-run", "running", timeout=SOON)
        await expect(plan.locator('[data-state="done"]').first).to_be_visible()
        await expect(plan.get_by_test_id("step-sent").first).to_be_visible()
        await expect(plan.locator('[data-state="waiting"]').first).to_be_visible()
        await accessible(page)
        await picture(page, "case-plan-desk")
