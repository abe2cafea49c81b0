"""Quiet and thresholds in a browser: asked for, seen, ended; set for an estate, seen where it came from."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from devices.reading import Fault
from tests.e2e.axe import accessible, fits
from tests.e2e.conftest import Platform, picture, signed_in
from tests.e2e.test_operator import DESK, PHONE, say

pytestmark = pytest.mark.browser


async def test_a_maintenance_window_hides_alerts_until_somebody_ends_it(
    platform: Platform, browser: Browser
) -> None:
    camera = next(d for d in platform.community.devices if d.profile == "camera")
    async with signed_in(browser, platform, "admin", size=DESK) as page:
        await page.get_by_test_id("nav-rules").click()
        await page.get_by_test_id("page-quiet").click()
        await page.get_by_test_id("quiet-new").click()
        await expect(page.get_by_test_id("quiet-form")).to_be_visible()
        await page.get_by_test_id("quiet-kind-maintenance").check()
        await page.get_by_test_id("scope-estate").select_option(platform.estate)
        await page.get_by_test_id("scope-device").select_option(camera.id)
        await page.get_by_test_id("quiet-reason").fill("更换电源")
        await accessible(page)
        await picture(page, "quiet-form-zh-desk")
        await page.get_by_test_id("quiet-save").click()
        row = page.get_by_test_id("quiet-row").first
        await expect(row).to_contain_text("更换电源")
        async with platform.gateway() as gateway:
            await say(gateway, camera, "t1", Fault(code="tamper", active=True))
        await page.goto(f"{platform.address}/watch?state=suppressed")
        hidden = page.locator('[data-testid="alert-row"][data-code="DEV-003"]')
        await expect(hidden).to_have_attribute("data-state", "suppressed")
        await hidden.click()
        await expect(page.get_by_test_id("held-by")).to_be_visible()
        await accessible(page)
        await picture(page, "suppressed-zh-desk")
        await page.goto(f"{platform.address}/quiet")
        await expect(row).to_contain_text("1")
        await page.get_by_test_id("quiet-end").click()
        await page.get_by_test_id("confirm-reason").fill("已换好")
        await page.get_by_test_id("confirm-go").click()
        await expect(page.get_by_test_id("quiet-row")).to_have_count(0)
        await page.get_by_test_id("nav-watch").click()
        shown = page.locator('[data-testid="alert-row"][data-code="DEV-003"]')
        await expect(shown).to_have_attribute("data-state", "open")
        await page.goto(f"{platform.address}/quiet")
        await page.get_by_test_id("quiet-state").select_option("ended")
        await expect(row).to_contain_text("已换好")
        await picture(page, "quiet-zh-desk")


async def test_a_threshold_of_one_building_says_where_it_came_from(
    platform: Platform, browser: Browser
) -> None:
    async with signed_in(browser, platform, "property", size=PHONE) as page:
        await page.get_by_test_id("nav-rules").click()
        await page.get_by_test_id("page-thresholds").click()
        await page.get_by_test_id("threshold-q").fill("SEC-005")
        rule = page.locator('[data-testid="threshold-rule"][data-rule-id="SEC-005"]')
        await expect(rule).to_be_visible()
        await rule.get_by_test_id("threshold-edit").click()
        await rule.get_by_test_id("threshold-value").fill("2m")
        await rule.get_by_test_id("threshold-reason").fill("防火门")
        await accessible(page)
        await rule.get_by_test_id("threshold-save").click()
        await expect(rule.get_by_test_id("param-after")).to_contain_text("2 分钟")
        await expect(rule.get_by_test_id("param-after")).to_contain_text("防火门")
        await page.get_by_test_id("scope-place").select_option(index=1)
        await expect(rule.get_by_test_id("param-after")).to_contain_text("来自")
        await accessible(page)
        await fits(page)
        await picture(page, "thresholds-zh-phone")
        await page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        await page.get_by_test_id("threshold-q").fill("")
        await picture(page, "thresholds-zh-desk")


async def test_the_property_manager_arms_a_fence_on_a_week_grid_by_mouse_and_by_keyboard(
    platform: Platform, browser: Browser
) -> None:
    async with signed_in(browser, platform, "property", size=DESK) as page:
        await page.get_by_test_id("nav-rules").click()
        await page.get_by_test_id("page-thresholds").click()
        await page.get_by_test_id("threshold-q").fill("SEC-007")
        rule = page.locator('[data-testid="threshold-rule"][data-rule-id="SEC-007"]')
        armed = rule.get_by_test_id("param-armed")
        await expect(armed).to_contain_text("每天 22:00–06:00")
        await armed.get_by_test_id("threshold-edit").click()
        await page.get_by_test_id("hour-5-8").hover()
        await page.mouse.down()
        await page.get_by_test_id("hour-6-17").hover()
        await page.mouse.up()
        await page.get_by_test_id("hour-0-22").focus()
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Space")
        await expect(page.get_by_test_id("hour-0-21")).to_have_attribute("aria-pressed", "true")
        await rule.get_by_test_id("threshold-reason").fill("周末无人")
        await accessible(page)
        await picture(page, "hours-zh-desk")
        await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        await fits(page)
        await picture(page, "hours-zh-phone")
        await rule.get_by_test_id("threshold-save").click()
        await expect(armed).to_contain_text("周六 08:00–18:00, 22:00–06:00")
        await expect(armed).to_contain_text("周一 21:00–06:00")
        await expect(armed.get_by_test_id("inherited")).to_contain_text("每天 22:00–06:00")
