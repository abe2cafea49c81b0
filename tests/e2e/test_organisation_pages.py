"""The pages of the organisation in a real browser, and a plan run with one click on a real alarm."""

from __future__ import annotations

import psycopg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from console.commands.staffing import staff
from devices.profiles.smoke_sensor import Smoke
from tests.e2e.axe import accessible
from tests.e2e.conftest import Platform, picture, signed_in
from tests.e2e.test_operator import DESK, say

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture(loop_scope="session")
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


async def test_a_phone_is_shown_for_a_reason_only(staffed: Platform, browser: Browser) -> None:
    async with signed_in(browser, staffed, "operator", size=DESK) as page:
        await page.get_by_test_id("nav-organisation").click()
        await page.get_by_test_id("page-people").click()
        await page.locator(f'[data-person="{staffed.estate}-gw-1"]').get_by_role("button").click()
        shown = page.get_by_test_id("person-phone")
        await expect(shown).to_contain_text("****")
        await page.get_by_test_id("person-reveal").click()
        dialog = page.locator("dialog[open]")
        await dialog.get_by_test_id("confirm-reason").fill("核对求助电话")
        await dialog.get_by_test_id("confirm-go").click()
        await expect(shown).not_to_contain_text("****")
        await accessible(page)


async def test_one_click_runs_the_plan_and_every_step_is_shown(staffed: Platform, browser: Browser) -> None:
    smoke = staffed.community.family("smoke_sensor")[0]
    async with staffed.gateway() as gateway, signed_in(browser, staffed, "operator", size=DESK) as page:
        await say(gateway, smoke, "1", Smoke(alarm=True))
        await page.get_by_test_id("alert-row").first.click()
        await expect(page.get_by_test_id("plan-why")).to_be_visible()
        await page.get_by_test_id("advice-open").click()
        await expect(page.get_by_test_id("advised").first).to_be_visible()
        await accessible(page)
        await page.get_by_test_id("plan-run").click()
        await page.get_by_role("dialog").get_by_test_id("confirm-go").click()
        plan = page.get_by_test_id("case-plan").first
        await expect(plan).to_have_attribute("data-run", "running")
        await expect(plan.locator('[data-state="done"]').first).to_be_visible()
        await expect(plan.get_by_test_id("step-sent").first).to_be_visible()
        await expect(plan.locator('[data-state="waiting"]').first).to_be_visible()
        await accessible(page)
        await picture(page, "case-plan-desk")
