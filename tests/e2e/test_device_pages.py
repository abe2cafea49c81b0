"""The device pages in a real browser: health, papers, life, login, configuration, import, explanation."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import Browser, FilePayload, Page, expect

from devices.profiles.smoke_sensor import Smoke
from tests.e2e.axe import accessible, fits
from tests.e2e.conftest import Platform, picture, signed_in
from tests.e2e.test_operator import DESK, PHONE, say

pytestmark = pytest.mark.browser


async def go(page: Page, platform: Platform, path: str) -> None:
    """Open a page of somebody who is signed in by now."""
    await expect(page.get_by_test_id("nav-devices")).to_be_visible()
    await page.goto(platform.address + path)


async def test_a_device_is_looked_up_changed_and_maintained(platform: Platform, browser: Browser) -> None:
    smoke = platform.community.family("smoke_sensor")[0]
    async with platform.gateway() as gateway, signed_in(browser, platform, "property", size=DESK) as page:
        await say(gateway, smoke, "1", Smoke(alarm=False))
        await page.get_by_test_id("nav-devices").click()
        await page.get_by_test_id("device-q").fill(smoke.id)
        row = page.locator(f'[data-testid="device-row"][data-device-id="{smoke.id}"]')
        await expect(row).to_be_visible()
        await accessible(page)
        await picture(page, "devices-zh-desk")
        await row.get_by_role("link").click()
        await expect(page.get_by_test_id("device-page")).to_have_attribute("data-device-id", smoke.id)
        await expect(page.get_by_test_id("device-path")).to_contain_text("›")
        await accessible(page)

        await page.get_by_test_id("facts-edit").click()
        await page.get_by_test_id("fact-serial").fill("SN-0042")
        await page.get_by_test_id("facts-save").click()
        await expect(page.get_by_test_id("facts-edit")).to_be_visible()
        await expect(page.get_by_test_id("device-page")).to_contain_text("SN-0042")
        await page.get_by_test_id("life-maintain").click()
        await page.locator("dialog[open]").get_by_test_id("confirm-reason").fill("更换电池")
        await page.locator("dialog[open]").get_by_test_id("confirm-go").click()
        await expect(page.get_by_test_id("device-page")).to_have_attribute("data-lifecycle", "maintenance")
        await page.get_by_test_id("tab-history").click()
        await expect(page.get_by_test_id("history-row").first).to_contain_text("更换电池")
        await accessible(page)
        await page.get_by_test_id("tab-health").click()
        await expect(page.get_by_test_id("health-link")).to_be_visible()
        await expect(page.get_by_test_id("health-data")).to_have_attribute("data-status", "fresh")
        await accessible(page)
        await picture(page, "device-health-zh-desk")


async def test_a_login_is_rotated_and_shown_once(platform: Platform, browser: Browser) -> None:
    smoke = platform.community.family("smoke_sensor")[1]
    async with signed_in(browser, platform, "property", size=DESK) as page:
        await go(page, platform, f"/device/{smoke.id}?tab=credentials")
        await page.get_by_test_id("credential-rotate").click()
        await page.get_by_role("dialog").get_by_test_id("confirm-go").click()
        await expect(page.get_by_test_id("credentials-password")).to_be_visible()
        assert len(await page.get_by_test_id("credentials-password").inner_text()) >= 12
        await page.get_by_test_id("credentials-done").click()
        await expect(page.get_by_test_id("credentials")).to_have_count(0)
        await expect(page.get_by_test_id("credential-state")).to_have_attribute("data-state", "valid")
        await accessible(page)


async def test_a_configuration_waits_for_the_device(platform: Platform, browser: Browser) -> None:
    smoke = platform.community.family("smoke_sensor")[2]
    async with signed_in(browser, platform, "property", size=DESK) as page:
        await go(page, platform, f"/device/{smoke.id}?tab=config")
        await page.get_by_test_id("config-save").click()
        await expect(page.get_by_test_id("config-status")).to_have_attribute("data-status", "pending")
        await accessible(page)
        await picture(page, "device-config-zh-desk")


async def test_a_bad_sheet_says_each_row_and_imports_nothing_a_good_one_all(
    platform: Platform, browser: Browser
) -> None:
    place = next(p for p in platform.community.places if p.kind == "unit").code
    head = "id,place,profile,name_zh,name_en\n"
    good = "".join(f"sheet-{n},{place},smoke_sensor,烟感{n},Smoke {n}\n" for n in range(5))
    bad = head + good + f"sheet 9,{place},smoke_sensor,烟感,Smoke\nsheet-10,nowhere,smoke_sensor,烟感,Smoke\n"
    async with signed_in(browser, platform, "property", size=DESK) as page:
        await page.get_by_test_id("nav-devices").click()
        await page.get_by_test_id("page-import").click()
        await accessible(page)
        chooser = page.get_by_test_id("import-file")
        await chooser.set_input_files({"name": "bad.csv", "mimeType": "text/csv", "buffer": bad.encode()})
        preview = page.get_by_test_id("import-preview")
        await expect(preview).to_have_attribute("data-bad", "2")
        rows = page.get_by_test_id("import-error")
        assert {await rows.nth(n).get_attribute("data-row") for n in range(await rows.count())} == {"7", "8"}
        await expect(page.get_by_test_id("import-go")).to_have_count(0)
        await accessible(page)
        await picture(page, "import-bad-zh-desk")
        await chooser.set_input_files(
            {"name": "good.csv", "mimeType": "text/csv", "buffer": (head + good).encode()}
        )
        await page.get_by_test_id("import-go").click()
        await expect(page.get_by_test_id("import-done")).to_contain_text("5")
        await expect(page.get_by_test_id("import-logins")).to_be_visible()


async def test_why_nothing_fired_is_answered_message_by_message(platform: Platform, browser: Browser) -> None:
    smoke = platform.community.family("smoke_sensor")[3]
    async with platform.gateway() as gateway, signed_in(browser, platform, "operator", size=DESK) as page:
        await say(gateway, smoke, "1", Smoke(alarm=True, test=True))
        await go(page, platform, f"/device/{smoke.id}")
        await expect(page.get_by_test_id("device-page")).to_contain_text("测试键")
        await page.get_by_test_id("tab-why").click()
        await page.get_by_test_id("why-to").fill("2099-01-01T00:00")
        await page.get_by_test_id("whynot-ask").click()
        await expect(page.get_by_test_id("whynot-finding").first).to_be_visible()
        await expect(page.get_by_test_id("whynot-answer")).to_contain_text("test=true")
        await accessible(page)


async def test_the_fleet_fits_a_phone(platform: Platform, browser: Browser) -> None:
    async with signed_in(browser, platform, "property", size=PHONE) as page:
        for path in ("", "/enrolment", "/labels", "/rollouts", "/import"):
            await go(page, platform, f"/devices{path}")
            await expect(page.get_by_test_id("page-devices")).to_be_visible()
            await fits(page)
            await accessible(page)


def floor() -> bytes:
    """A drawing of two rooms, as an image program exports it."""
    image = Image.new("RGBA", (900, 600), (0, 0, 0, 0))
    for box in ((20, 20, 430, 580), (450, 20, 880, 580)):
        ImageDraw.Draw(image).rectangle(box, outline="black", width=8)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


async def test_a_device_hangs_on_a_floor_plan_and_its_alarm_is_seen_there(
    platform: Platform, browser: Browser
) -> None:
    smoke = platform.community.family("smoke_sensor")[3]
    async with platform.gateway() as gateway, signed_in(browser, platform, "property", size=DESK) as page:
        await go(page, platform, f"/device/{smoke.id}")
        plan = FilePayload(name="floor.png", mimeType="image/png", buffer=floor())
        await page.get_by_test_id("plan-file").set_input_files(plan)
        await page.get_by_test_id("plan-place-it").click()
        await page.get_by_test_id("plan-canvas").click(position={"x": 60, "y": 60})
        pin = page.locator(f'[data-testid="plan-pin"][data-device="{smoke.id}"]')
        await expect(pin).to_be_visible()
        before = await pin.get_attribute("style")
        await page.get_by_test_id("plan-canvas").press("ArrowRight")
        await page.get_by_test_id("plan-canvas").press("Enter")
        await expect(pin).not_to_have_attribute("style", str(before))
        await page.get_by_test_id("plan-place-it").click()
        await accessible(page)
        await picture(page, "floor-plan-zh-desk")
        await say(gateway, smoke, "fire", Smoke(alarm=True))
        await page.get_by_test_id("nav-watch").click()
        row = page.locator('[data-testid="alert-row"][data-code="FIRE-001"]').first
        await row.click()
        await expect(page.get_by_test_id("floor-plans").locator(pin)).to_be_visible()
        await page.get_by_test_id("floor-plans").scroll_into_view_if_needed()
        await accessible(page)
        await picture(page, "floor-plan-case-zh-desk")
