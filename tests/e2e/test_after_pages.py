"""After a case, in a browser: family link, dossier, rating, repairs, points, indicators and the report."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.axe import accessible, fits
from tests.e2e.conftest import Platform, picture, signed_in
from tests.e2e.office import Office, a_case
from tests.e2e.test_operator import DESK, PHONE

pytestmark = pytest.mark.browser


async def step_done(family: Page, step: str) -> None:
    """Wait until the family sees a step."""
    row = family.locator(f'[data-step="{step}"]')
    await expect(row).to_have_attribute("data-done", "true")


async def follow(family: Page, office: Office, incident: int) -> None:
    """The family watches the case to its end, and rates it."""
    await step_done(family, "called")
    await accessible(family)
    await fits(family)
    await picture(family, "family-zh-phone")
    await office.move(incident, "acknowledge", "property")
    await office.move(incident, "arrive", "property", reason="到了", lat=30.98, lon=104.28)
    await step_done(family, "arrived")
    for action in ("handle", "report_back"):
        await office.move(incident, action, "property", reason="已处理")
    await office.move(incident, "verify", "second", outcome="true_alarm")
    await office.move(incident, "close", "second", outcome="true_alarm", cause="cooking")
    await expect(family.get_by_test_id("family-rate-5")).to_be_attached()
    await family.get_by_test_id("family-rate-5").check(force=True)
    await accessible(family)
    await picture(family, "family-rate-zh-phone")
    await family.get_by_test_id("family-send").click()
    await expect(family.get_by_test_id("family-thanks")).to_be_visible()


async def take_dossier(page: Page, copy: Path) -> None:
    """Check the chain on the page of the case and export a copy."""
    await page.get_by_test_id("dossier-check").click()
    await expect(page.get_by_test_id("dossier-whole")).to_be_visible()
    await page.get_by_test_id("dossier-export").click()
    await page.locator("dialog[open]").get_by_test_id("confirm-reason").fill("上级检查")
    await picture(page, "dossier-zh-desk")
    async with page.expect_download() as download:
        await page.locator("dialog[open]").get_by_test_id("confirm-go").click()
    await (await download.value).save_as(copy)


async def test_a_family_follows_a_case_and_its_dossier_is_handed_out(
    platform: Platform, browser: Browser, tmp_path: Path
) -> None:
    office, copy = Office(platform), tmp_path / "case.zip"
    incident, device = await a_case(office, platform)
    async with signed_in(browser, platform, "operator", size=DESK) as page:
        await expect(page.get_by_test_id("nav-kpi")).to_be_visible()
        await page.goto(f"{platform.address}/incidents/{incident}")
        await page.get_by_test_id("link-relation").fill("女儿")
        await page.get_by_test_id("link-make").click()
        url = await page.get_by_test_id("link-url").get_attribute("href")
        assert url is not None
        phone = await browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN")
        family = await phone.new_page()
        await family.goto(f"{platform.address}/family#{url.partition('#')[2]}")
        await follow(family, office, incident)
        await phone.close()
        await page.goto(f"{platform.address}/incidents/{incident}")
        await take_dossier(page, copy)
        await page.goto(f"{platform.address}/kpi/verify")
        await page.get_by_test_id("verify-file").set_input_files(copy)
        await expect(page.get_by_test_id("dossier-whole")).to_be_visible()
        await accessible(page)
        await picture(page, "verify-zh-desk")
        await page.goto(f"{platform.address}/device/{device}")
        await expect(page.get_by_test_id("verdicts")).to_contain_text("75%")
        await see_figures(page)
    await office.close()


async def see_figures(page: Page) -> None:
    """The board, the report on screen and on paper, repairs and ratings."""
    await page.get_by_test_id("nav-kpi").click()
    await expect(page.get_by_test_id("kpi-card").first).to_be_visible()
    await accessible(page)
    await picture(page, "kpi-zh-desk")
    await page.get_by_test_id("page-report").click()
    await expect(page.get_by_test_id("report")).to_be_visible()
    await accessible(page)
    await picture(page, "report-zh-desk")
    await page.emulate_media(media="print")
    await picture(page, "report-print-zh")
    await page.emulate_media(media="screen")
    await page.get_by_test_id("page-repairs").click()
    await expect(page.locator('[data-testid="repair"][data-kind="clean"]')).to_be_visible()
    await accessible(page)
    await picture(page, "repairs-zh-desk")
    await page.get_by_test_id("repair-done").click()
    await page.locator("dialog[open]").get_by_test_id("confirm-reason").fill("已清洁")
    await page.locator("dialog[open]").get_by_test_id("confirm-go").click()
    await expect(page.get_by_test_id("repair")).to_have_count(0)
    await page.get_by_test_id("page-ratings").click()
    await expect(page.get_by_test_id("rating")).to_have_count(1)
    await picture(page, "ratings-zh-desk")


async def test_points_are_proposed_reviewed_by_two_and_published(
    platform: Platform, browser: Browser
) -> None:
    office = Office(platform)
    estate = platform.community.devices[0].estate
    async with signed_in(browser, platform, "property", size=DESK) as page:
        await expect(page.get_by_test_id("nav-kpi")).to_be_visible()
        await page.goto(f"{platform.address}/kpi/points?tab=propose")
        await page.get_by_test_id("points-holder").fill("张三")
        await page.get_by_test_id("points-place").select_option(estate)
        await page.get_by_test_id("points-rule").select_option("elder_visit")
        await page.get_by_test_id("points-reason").fill("探访三楼老人")
        await accessible(page)
        await page.get_by_test_id("points-propose").click()
        await expect(page.get_by_test_id("points-form")).to_contain_text("等待审议")
        await page.get_by_test_id("tab-entries").click()
        await expect(page.locator('[data-testid="points-entry"][data-stand="proposed"]')).to_be_visible()
    for who in ("operator", "second"):
        await office.post("/api/points/1/reviews", {"decision": "approve"}, who)
    async with signed_in(browser, platform, "admin", size=DESK) as page:
        await expect(page.get_by_test_id("nav-kpi")).to_be_visible()
        await page.goto(f"{platform.address}/kpi/points?tab=entries")
        await page.get_by_test_id("points-approve").click()
        await expect(page.locator('[data-testid="points-entry"][data-stand="published"]')).to_be_visible()
        await accessible(page)
        await picture(page, "points-zh-desk")
        await page.get_by_test_id("tab-totals").click()
        await expect(page.get_by_test_id("points-places")).to_contain_text("3")
        await picture(page, "points-totals-zh-desk")
    await office.close()
