"""The security administrator lets somebody in, who changes the password first; no script sees a token."""

from __future__ import annotations

import re

import psycopg
from playwright.async_api import Browser, expect
from psycopg.rows import dict_row

from console.accounts import create_user
from console.permissions import Role
from tests.e2e.axe import accessible
from tests.e2e.conftest import Platform, picture, signed_in

DESK = (1920, 1080)
NEW = "seven grey herons fish"


async def test_somebody_is_let_in_and_changes_the_password_first(
    browser: Browser, platform: Platform
) -> None:
    platform.passwords["security"] = "nine brown otters swim"
    async with await psycopg.AsyncConnection.connect(
        platform.database, row_factory=dict_row, autocommit=True
    ) as connection:
        await create_user(connection, "security", platform.passwords["security"], Role.SECURITY_ADMIN)
    async with signed_in(browser, platform, "security", size=DESK) as page:
        await page.get_by_test_id("user-name").fill("zhou")
        await page.get_by_test_id("user-add").click()
        made = page.get_by_test_id("user-password")
        await expect(made).to_have_text(re.compile(r"\S{12,}"))
        platform.passwords["zhou"] = await made.inner_text()
        await picture(page, "users")
        await accessible(page)
    async with signed_in(browser, platform, "zhou", size=DESK) as page:
        await expect(page.get_by_test_id("account-owes")).to_be_visible()
        assert "shequ_session" not in await page.evaluate("document.cookie")
        await picture(page, "account")
        await accessible(page)
        await page.get_by_test_id("password-old").fill(platform.passwords["zhou"])
        await page.get_by_test_id("password-new").fill(NEW)
        await page.get_by_test_id("password-change").click()
        await page.get_by_test_id("login-user").fill("zhou")
        await page.get_by_test_id("login-password").fill(NEW)
        await page.get_by_test_id("login-submit").click()
        await expect(page.get_by_test_id("nav-watch")).to_be_visible()
