"""The minute to confirm a fire, the clocks, and the forms that the guards ask for, in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from devices.profiles.smoke_sensor import Smoke
from tests.e2e.axe import accessible
from tests.e2e.conftest import Platform, picture, signed_in
from tests.e2e.test_operator import DESK, PHONE, say

pytestmark = pytest.mark.browser


async def test_a_fire_is_confirmed_within_the_minute_and_the_case_followed(
    platform: Platform, browser: Browser
) -> None:
    smoke = platform.community.family("smoke_sensor")[3]
    async with platform.gateway() as gateway, signed_in(browser, platform, "operator", size=DESK) as page:
        await page.get_by_test_id("start-shift").click()
        await say(gateway, smoke, "1", Smoke(alarm=True, density=7.0))
        fire = page.locator('[data-testid="alert-row"][data-code="FIRE-001"]')
        await fire.click()
        await page.get_by_test_id("action-acknowledge").click()
        panel = page.get_by_test_id("confirm-panel")
        await expect(panel).to_contain_text("119")
        await page.get_by_test_id("confirm-task-call_resident").check()
        await picture(page, "confirm-zh-desk")
        await page.get_by_test_id("confirm-confirmed").click()
        await expect(panel).to_have_attribute("data-verdict", "confirmed")
        case = page.get_by_test_id("incident-panel")
        await expect(case).to_have_attribute("data-state", "dispatched")
        await expect(page.get_by_test_id("incident-clock")).to_have_count(4)
        await expect(page.locator('[data-clock="accept"]')).to_have_attribute("data-tone", "met")
        await page.get_by_test_id("incident-action-acknowledge").click()
        await expect(case).to_have_attribute("data-state", "acknowledged")
        await page.get_by_test_id("incident-action-arrive").click()
        await expect(page.get_by_test_id("incident-place")).to_be_visible()
        await picture(page, "case-form-zh-desk")
        await page.get_by_test_id("incident-submit").click()
        await expect(case).to_have_attribute("data-state", "on_scene")
        await accessible(page)
        await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        await picture(page, "case-zh-phone")
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        await page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        await page.get_by_test_id("nav-incidents").click()
        await page.get_by_test_id("incident-row").first.click()
        await picture(page, "incidents-zh-desk")
