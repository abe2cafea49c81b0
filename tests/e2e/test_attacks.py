"""What devices and people say is shown as text, whatever it says."""

from __future__ import annotations

import psycopg
import pytest
from playwright.async_api import Browser, expect

from tests.e2e.conftest import Platform, signed_in

pytestmark = pytest.mark.browser
EVIL = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


async def test_markup_in_names_and_payloads_is_text(platform: Platform, browser: Browser) -> None:
    smoke = platform.community.family("smoke_sensor")[0]
    async with await psycopg.AsyncConnection.connect(platform.database, autocommit=True) as connection:
        await connection.execute("UPDATE devices SET name_zh = %s WHERE id = %s", [EVIL, smoke.id])
    async with platform.gateway() as gateway:
        await gateway.publish(f"shequ/v1/{smoke.estate}/{smoke.id}/event", EVIL.encode(), qos=1)
    async with signed_in(browser, platform, "admin", size=(1920, 1080)) as page:
        await expect(page.get_by_test_id("nav-quarantine")).to_be_visible()
        await page.goto(f"{platform.address}/device/{smoke.id}")
        await expect(page.get_by_text("<script>").first).to_be_visible()
        assert "owned" not in await page.title()
        await page.goto(f"{platform.address}/quarantine")
        row = page.get_by_test_id("quarantine-row").filter(has_text=smoke.id)
        await row.locator("summary").first.click()
        await expect(page.get_by_text("onerror").first).to_be_visible()
        assert "owned" not in await page.title()
