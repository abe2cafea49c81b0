"""The forms of the front half in a real browser, each of them open."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.axe import accessible, fits
from tests.e2e.conftest import Platform, picture, signed_in
from tests.e2e.test_operator import DESK, PHONE, SOON

pytestmark = pytest.mark.browser
FORMS = (
    ("grid", "/organisation", "grid-new", "grid-form"),
    ("post", "/organisation/roster", "post-new", "post-form"),
    ("resource", "/organisation/resources", "resource-new", "resource-form"),
    ("target", "/kpi/goals", "target-new", "target-form"),
    ("point", "/kpi/goals?tab=coverage", "point-new", "point-form"),
    ("channel", "/delivery", "channel-new", "channel-form"),
    ("test-plan", "/delivery?tab=tests", "plan-new", "plan-form"),
)


@pytest.mark.parametrize("size", [DESK, PHONE])
async def test_every_form_can_be_filled_in_by_everybody(
    platform: Platform, browser: Browser, size: tuple[int, int]
) -> None:
    async with signed_in(browser, platform, "admin", size=size) as page:
        await expect(page.get_by_test_id("nav-organisation")).to_be_visible(timeout=SOON)
        for name, path, opens, form in FORMS:
            await page.goto(platform.address + path)
            await page.get_by_test_id(opens).click(timeout=SOON)
            await expect(page.get_by_test_id(form)).to_be_visible(timeout=SOON)
            await accessible(page)
            await fits(page)
            await picture(page, f"form-{name}-{'desk' if size == DESK else 'phone'}")
