"""The rules page in a browser: read, change, try on the past, put in force, go back; an alert explained."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from devices.profiles.smoke_sensor import Smoke
from tests.e2e.axe import accessible, fits
from tests.e2e.conftest import Platform, picture, signed_in
from tests.e2e.test_operator import DESK, PHONE, say

pytestmark = pytest.mark.browser


async def test_a_rule_is_changed_tried_promoted_and_taken_back(platform: Platform, browser: Browser) -> None:
    async with signed_in(browser, platform, "admin", size=DESK) as page:
        await page.get_by_test_id("nav-rules").click()
        await expect(page.get_by_test_id("rule-row").first).to_be_visible()
        await accessible(page)
        await picture(page, "rules-zh-desk")
        await page.get_by_test_id("rule-q").fill("SEC-010")
        await page.get_by_test_id("rule-row").first.click()
        await expect(page.get_by_test_id("rule-sentence")).to_be_visible()
        await accessible(page)

        await page.get_by_test_id("tab-edit").click()
        source = page.get_by_test_id("rule-source")
        await expect(page.get_by_test_id("rule-valid")).to_be_visible()
        text = await source.input_value()
        await source.fill(text.replace("kind: count", "kind: cuont"))
        await expect(page.get_by_test_id("rule-faults")).to_contain_text("第")
        assert await page.get_by_test_id("rule-save").is_disabled()
        await accessible(page)
        await source.fill(text.replace("severity: 3", "severity: 2"))
        await expect(page.get_by_test_id("rule-valid")).to_be_visible()
        await page.get_by_test_id("rule-reason").fill("试一试：级别调高")
        await page.get_by_test_id("rule-save").click()
        await expect(page.get_by_test_id("rule-note")).to_contain_text("2")

        await page.get_by_test_id("tab-backtest").click()
        await page.get_by_test_id("backtest-days").select_option("1")
        await page.get_by_test_id("backtest-run").click()
        await expect(page.get_by_test_id("backtest-report")).to_be_visible()
        await expect(page.get_by_test_id("day-chart")).to_be_visible()
        await accessible(page)
        await picture(page, "rule-backtest-zh-desk")

        await page.get_by_test_id("tab-versions").click()
        await expect(page.get_by_test_id("diff-added")).to_contain_text("severity: 2")
        newest = page.locator('[data-testid="rule-version"][data-version="2"]')
        await newest.get_by_test_id("version-promote").click()
        await page.get_by_test_id("confirm-reason").fill("回测无误")
        await page.get_by_test_id("confirm-go").click()
        await expect(newest).to_have_attribute("data-state", "live")
        await accessible(page)
        await page.get_by_test_id("rule-rollback").click()
        await page.get_by_test_id("confirm-reason").fill("改回原来的级别")
        await page.get_by_test_id("confirm-go").click()
        await expect(page.locator('[data-testid="rule-version"][data-version="1"]')).to_have_attribute(
            "data-state", "live"
        )
        await page.get_by_test_id("tab-log").click()
        await expect(page.get_by_test_id("rule-log")).to_contain_text("改回原来的级别")


async def test_an_operator_reads_rules_on_a_phone_and_changes_none(
    platform: Platform, browser: Browser
) -> None:
    async with signed_in(browser, platform, "operator", size=PHONE) as page:
        await page.get_by_test_id("nav-rules").click()
        await expect(page.get_by_test_id("rule-row").first).to_be_visible()
        await expect(page.get_by_test_id("rule-new")).to_have_count(0)
        await fits(page)
        await page.get_by_test_id("rule-row").first.get_by_role("link").click()
        await expect(page.get_by_test_id("rule-sentence")).to_be_visible()
        await fits(page)
        await page.get_by_test_id("tab-versions").click()
        await expect(page.get_by_test_id("rule-version").first).to_be_visible()
        await expect(page.get_by_test_id("version-promote")).to_have_count(0)
        await fits(page)


async def test_an_alert_says_why_it_was_raised(platform: Platform, browser: Browser) -> None:
    smoke = platform.community.family("smoke_sensor")[0]
    async with platform.gateway() as gateway, signed_in(browser, platform, "operator", size=DESK) as page:
        await say(gateway, smoke, "1", Smoke(alarm=True, density=6.5))
        fire = page.locator('[data-testid="alert-row"][data-code="FIRE-001"]')
        await fire.click()
        await page.get_by_test_id("why-open").click()
        await expect(page.get_by_test_id("why-chain")).to_be_visible()
        await expect(page.get_by_test_id("why-events")).to_contain_text("alarm = true")
        await expect(page.get_by_test_id("why-silences")).to_be_visible()
        await accessible(page)
        await picture(page, "why-zh-desk")
        await page.get_by_test_id("why-rule").click()
        await expect(page.get_by_test_id("rule-page")).to_have_attribute("data-rule-id", "FIRE-001")
