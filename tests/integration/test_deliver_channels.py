"""Every channel carries a letter to a real receiver, once per key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ingest.deliver.outbox import Channel, Letter
from tests.integration.post_office import PATIENCE, ROBOT, Post, open_post

TEXT = {"text": "烟感报警"}


@pytest.fixture
async def post(database: str, tmp_path: Path) -> AsyncIterator[Post]:
    """A town with receivers."""
    async with open_post(database, tmp_path) as opened:
        yield opened


async def test_a_webhook_is_signed_and_delivered(post: Post) -> None:
    await post.hook("police")
    await post.post(Letter("k1", Channel.WEBHOOK, "police", TEXT, incident_id=1, severity=1))
    async with post.delivering():
        row = await post.until("k1", "delivered")
    assert row["attempts"] == 1
    assert await post.receipts("k1") == ["queued", "sent", "delivered"]
    assert post.ledger.texts("hook") == ["烟感报警"]


async def test_a_wrong_signature_is_refused_for_good(post: Post) -> None:
    (post.folder / "other").write_text("another secret", encoding="utf-8")
    await post.endpoint("police", "webhook", "http", {"url": f"{post.web}/hook", "sign_secret": "other"})
    await post.post(Letter("k1", Channel.WEBHOOK, "police", TEXT))
    async with post.delivering():
        row = await post.until("k1", "failed")
    assert "403" in row["last_error"]
    assert post.ledger.messages == []


async def test_an_sms_leaves_by_http_to_a_persons_phone(post: Post) -> None:
    await post.sms()
    await post.post(
        Letter("k1", Channel.SMS, "", {"template": "order"}, person="p-wg", incident_id=1, severity=1)
    )
    async with post.delivering():
        row = await post.until("k1", "sent")
    assert row["remote_id"] == "sms-1"
    assert [m.to for m in post.ledger.messages] == ["13800000001"]


async def test_a_short_message_names_estate_and_building_but_never_flat_or_resident(post: Post) -> None:
    await post.sms()
    await post.post(
        Letter("order", Channel.SMS, "", {"template": "order"}, person="p-wg", incident_id=1),
        Letter("alert", Channel.SMS, "", {"template": "alert"}, person="p-wg", alert_id=1),
        Letter("typed", Channel.SMS, "13800000001", {"text": "张三 13912345678，510681199001011234"}),
    )
    async with post.delivering():
        for key in ("order", "alert", "typed"):
            await post.until(key, "sent")
    texts = {m.key: m.text for m in post.ledger.messages}
    assert "沱水小区3 栋" in texts["order"]
    assert "烟感报警" in texts["alert"]
    assert not any("张三家" in text or "1201" in text for text in texts.values())
    assert texts["typed"] == "张三 139****5678，******"


async def test_an_sms_leaves_over_smpp_and_its_receipt_comes_back(post: Post) -> None:
    settings = {"host": "127.0.0.1", "port": post.centre.port, "system_id": "shequ", "password_secret": "pw"}
    await post.endpoint("smpp-1", "sms", "smpp", settings)
    long = "沱水小区三栋烟感报警，请立即前往处置。" * 12
    await post.post(
        Letter("k1", Channel.SMS, "13800000001", TEXT),
        Letter("k2", Channel.SMS, "13800000001", {"text": long}),
        Letter("k3", Channel.SMS, "13800000000", TEXT),
    )
    async with post.delivering():
        assert (await post.until("k1", "delivered"))["remote_id"] == "1"
        await post.until("k2", "delivered")
        assert "RINVDSTADR" in (await post.until("k3", "failed"))["last_error"]
    assert post.ledger.texts("smpp") == ["烟感报警", long]


async def test_smpp_comes_back_after_the_line_was_cut(post: Post) -> None:
    settings = {"host": "127.0.0.1", "port": post.centre.port, "system_id": "shequ", "password_secret": "pw"}
    await post.endpoint("smpp-1", "sms", "smpp", settings)
    await post.post(Letter("k1", Channel.SMS, "13800000001", TEXT))
    async with post.delivering():
        await post.until("k1", "delivered")
        await post.centre.hang_up()
        await post.post(Letter("k2", Channel.SMS, "13800000001", TEXT))
        await post.until("k2", "delivered")


async def test_an_email_reaches_the_mail_server(post: Post) -> None:
    settings = {
        "host": "127.0.0.1",
        "port": post.mail.port,
        "sender": "centre@example.org",
        "security": "none",
    }
    await post.endpoint("mail", "email", "smtp", settings)
    await post.post(
        Letter("k1", Channel.EMAIL, "wang@example.org", {"text": "派单", "subject": "案件"}),
        Letter("k2", Channel.EMAIL, "nobody@example.org", TEXT),
    )
    async with post.delivering():
        await post.until("k1", "sent")
        assert "550" in (await post.until("k2", "failed"))["last_error"]
    assert post.ledger.texts("email") == ["案件\n派单"]


@pytest.mark.parametrize(
    ("channel", "settings"),
    [
        (Channel.WECOM, {"key_secret": "robot"}),
        (Channel.DINGTALK, {"token_secret": "robot", "sign_secret": "robot"}),
    ],
)
async def test_group_robots_take_a_text_with_their_own_proof(
    post: Post, channel: Channel, settings: dict[str, Any]
) -> None:
    await post.endpoint("group", channel, "robot", {"url": f"{post.web}/{channel}/send", **settings})
    await post.post(Letter("k1", channel, "group", TEXT))
    async with post.delivering():
        await post.until("k1", "sent")
    assert post.ledger.texts(channel) == ["烟感报警"]
    assert ROBOT not in str(await post.rows("SELECT * FROM outbox, endpoints, receipts"))


async def test_a_robot_that_refuses_says_so_in_its_answer(post: Post) -> None:
    (post.folder / "wrong").write_text("x", encoding="utf-8")
    await post.endpoint("group", "wecom", "robot", {"url": f"{post.web}/wecom/send", "key_secret": "wrong"})
    await post.post(Letter("k1", Channel.WECOM, "group", TEXT))
    async with post.delivering():
        assert "93000" in (await post.until("k1", "failed"))["last_error"]


async def test_a_device_is_commanded_once_and_its_answer_is_the_receipt(post: Post) -> None:
    body = {"name": "siren.on", "args": {"seconds": 30}, "text": "疏散"}
    await post.post(
        Letter("k1", Channel.DEVICE, "siren-1", body), Letter("k2", Channel.DEVICE, "no-such", body)
    )
    async with post.delivering():
        await post.until("k1", "sent")
        await post.until("k2", "failed")
        commands = await post.rows("SELECT id, name, state, reason FROM device_commands")
        assert [(c["name"], c["reason"]) for c in commands] == [("siren.on", "疏散")]
        await post.connection.execute("UPDATE device_commands SET state = 'done'")
        await post.until("k1", "delivered")


async def test_a_missing_secret_is_shown_and_mended_without_a_restart(post: Post) -> None:
    await post.endpoint("late", "webhook", "http", {"url": f"{post.web}/hook", "sign_secret": "later"})
    await post.post(Letter("k1", Channel.WEBHOOK, "late", TEXT))
    async with post.delivering():
        async with asyncio.timeout(PATIENCE):
            while not (await post.rows("SELECT problem FROM endpoints WHERE code = 'late'"))[0]["problem"]:
                await asyncio.sleep(0.02)
        (post.folder / "later").write_text((post.folder / "sign").read_text(), encoding="utf-8")
        await post.until("k1", "delivered")
        assert (await post.rows("SELECT problem FROM endpoints WHERE code = 'late'"))[0]["problem"] is None
