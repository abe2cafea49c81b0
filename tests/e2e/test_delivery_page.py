"""The delivery page in a real browser: a dead letter is sent again, with a reason, and arrives."""

from __future__ import annotations

import psycopg
from playwright.async_api import Browser, expect
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from ingest.clock import system_clock
from ingest.deliver.outbox import Channel, Letter, post
from simulators.receivers.gateway import Gateway
from simulators.receivers.ledger import Ledger
from simulators.receivers.serving import serving
from tests.e2e.axe import accessible
from tests.e2e.conftest import Platform, picture, signed_in

SECRET = "browser-secret"


async def test_a_dead_letter_is_seen_and_sent_again(
    platform: Platform, browser: Browser, database: str
) -> None:
    ledger = Ledger()
    gateway = Gateway(ledger=ledger, secret=SECRET, clock=lambda: system_clock().timestamp())
    (platform.secrets / "hook-sign").write_text(SECRET, encoding="utf-8")
    async with (
        serving(gateway.app()) as port,
        await psycopg.AsyncConnection.connect(database, autocommit=True, row_factory=dict_row) as connection,
        signed_in(browser, platform, "leader", size=(1920, 1080)) as page,
    ):
        settings = {"url": f"http://127.0.0.1:{port}/hook", "sign_secret": "hook-sign"}
        await connection.execute(
            "INSERT INTO endpoints (code, channel, driver, name_zh, name_en, settings)"
            " VALUES ('partner', 'webhook', 'http', '合作单位', 'Partner', %s)",
            [Jsonb(settings)],
        )
        await post(connection, [Letter("k1", Channel.WEBHOOK, "partner", {"text": "请协助疏散"})])
        await connection.execute(
            "UPDATE outbox SET state = 'failed', last_error = 'out_of_time' WHERE key = 'k1'"
        )
        ours = page.get_by_test_id("letter").filter(has_text="请协助疏散")
        await page.get_by_test_id("nav-delivery").click()
        await expect(page.get_by_test_id("channel-card").filter(has_text="合作单位")).to_have_count(1)
        await accessible(page)
        await page.get_by_test_id("tab-dead").click()
        await expect(ours).to_have_count(1)
        await accessible(page)
        await picture(page, "delivery-dead")
        await ours.get_by_test_id("letter-retry").click()
        await page.get_by_test_id("confirm-reason").first.fill("对方已恢复")
        await page.get_by_test_id("confirm-go").first.click()
        await expect(ours).to_have_count(0)
        await page.get_by_test_id("tab-letters").click()
        await ours.locator("summary").click()
        await expect(ours.get_by_test_id("receipts")).to_contain_text("对方已恢复")
