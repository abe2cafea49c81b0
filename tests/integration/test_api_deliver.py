"""Delivery over HTTP: channels, letters, dead letters, receipts, tests, the CAP feed, the cascade."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import xmlschema

from ingest.clock import system_clock
from ingest.deliver.cascade import collect
from ingest.deliver.endpoint import Endpoint
from ingest.deliver.outbox import Channel, Letter, post
from ingest.deliver.secrets import signature
from ingest.store.pool import open_pool
from tests.integration.api_desk import Desk, open_desk
from tests.integration.post_office import SECRET, Post, open_receivers

TOWN_SECRET = "town-secret"
NEW = {
    "code": "sms-1",
    "channel": "sms",
    "driver": "http",
    "name_zh": "短信",
    "name_en": "SMS",
    "settings": {"url": "http://gateway.example/sms", "sign_secret": "sign"},
}
FEED = {
    "code": "cap-1",
    "channel": "cap",
    "driver": "feed",
    "name_zh": "应急局",
    "name_en": "Emergency bureau",
    "settings": {"sender": "centre@guanghan", "addresses": "emergency-bureau", "token_secret": "feed"},
}
LINK = {
    "code": "town",
    "channel": "cascade",
    "driver": "http",
    "name_zh": "雒城镇",
    "name_en": "Luocheng town",
    "settings": {
        "direction": "down",
        "url": "http://town.example",
        "token_secret": "sign",
        "accept_secret": "town",
        "place": "510681",
    },
}


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A console that knows some secrets."""
    for name, secret in {"sign": SECRET, "feed": "feed-secret", "town": TOWN_SECRET}.items():
        (tmp_path / name).write_text(f"{secret}\n", encoding="utf-8")
    async with open_desk(database, secrets=tmp_path) as opened:
        yield opened


@pytest.fixture
async def office(desk: Desk, database: str, tmp_path: Path) -> AsyncIterator[Post]:
    """Receivers, and a delivery process to run."""
    async with open_receivers(database, tmp_path) as opened:
        yield opened


async def put(desk: Desk, path: str, body: dict[str, Any], who: str = "boss") -> httpx.Response:
    return await desk.client.put(path, json=body, headers=await desk.as_(who))


async def receipt(desk: Desk, body: str, secret: str = SECRET, code: str = "sms-1") -> httpx.Response:
    stamp = int(system_clock().timestamp())
    headers = {"X-Shequ-Signature": signature(secret, body.encode(), stamp)}
    return await desk.client.post(f"/api/deliver/receipts/{code}", content=body, headers=headers)


async def test_a_channel_is_set_up_changed_once_and_shows_its_health(desk: Desk) -> None:
    made = await desk.post("/api/deliver/channels", NEW, "boss")
    assert made.status_code == 201, made.text
    assert made.json()["queued"] == 0
    changed = {**NEW, "enabled": False, "version": 1}
    assert (await put(desk, "/api/deliver/channels/sms-1", changed)).json()["enabled"] is False
    assert (await put(desk, "/api/deliver/channels/sms-1", changed)).status_code == 409
    assert (await desk.post("/api/deliver/channels", NEW, "boss")).status_code == 409
    assert (await desk.post("/api/deliver/channels", NEW, "wang")).status_code == 403
    listed = (await desk.get("/api/deliver/channels")).json()["items"]
    assert {item["code"] for item in listed} == {"devices", "sms-1"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"driver": "pigeon"}, "driver"),
        ({"settings": {"url": "ftp://x", "sign_secret": "sign"}}, "settings"),
        ({"settings": {"url": "http://x", "sign_secret": "sign", "password": "hunter2"}}, "settings"),
        ({"settings": {"url": "http://x"}}, "settings"),
    ],
)
async def test_wrong_settings_are_named(desk: Desk, change: dict[str, Any], named: str) -> None:
    answer = await desk.post("/api/deliver/channels", {**NEW, **change}, "boss")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == named


async def test_letters_are_listed_with_masked_numbers_and_their_receipts(desk: Desk) -> None:
    await post(desk.connection, [Letter("k1", Channel.SMS, "13812345678", {"text": "你好"}, estate="EST1")])
    listed = (await desk.get("/api/deliver/letters", channel="sms")).json()["items"]
    assert [item["to"] for item in listed] == ["138****5678"]
    shown = (await desk.get(f"/api/deliver/letters/{listed[0]['id']}")).json()
    assert [r["state"] for r in shown["receipts"]] == ["queued"]
    assert (await desk.get("/api/deliver/letters", "zhao")).json()["items"] == []
    assert (await desk.get(f"/api/deliver/letters/{listed[0]['id']}", "zhao")).status_code == 404


async def test_a_dead_letter_is_sent_again_or_let_rest_by_a_person_with_a_reason(desk: Desk) -> None:
    ids = await post(
        desk.connection, [Letter(f"k{n}", Channel.SMS, "1", {"text": "x"}, estate="EST1") for n in (1, 2, 3)]
    )
    await desk.connection.execute("UPDATE outbox SET state = 'failed' WHERE key <> 'k3'")
    dead = (await desk.get("/api/deliver/letters", state="dead")).json()["items"]
    assert {item["key"] for item in dead} == {"k1", "k2"}
    path = "/api/deliver/letters/{}/actions"
    assert (await desk.post(path.format(ids[0]), {"action": "retry", "reason": ""})).status_code == 422
    again = await desk.post(path.format(ids[0]), {"action": "retry", "reason": "网关已修复"})
    assert (again.status_code, again.json()["state"]) == (200, "queued")
    rest = await desk.post(path.format(ids[1]), {"action": "discard", "reason": "已电话通知"})
    assert rest.json()["state"] == "cancelled"
    assert (await desk.post(path.format(ids[2]), {"action": "retry", "reason": "很急"})).status_code == 409
    receipts = await desk.rows("SELECT reason, actor FROM receipts WHERE reason <> '' ORDER BY id")
    assert [(r["reason"], r["actor"]) for r in receipts] == [("网关已修复", "wang"), ("已电话通知", "wang")]


async def test_acknowledging_an_alert_stops_its_letters(desk: Desk) -> None:
    alert = await desk.alert()
    await post(desk.connection, [Letter("page", Channel.SMS, "1", {"text": "x"}, alert_id=alert)])
    await desk.post(f"/api/alerts/{alert}/actions", {"action": "acknowledge"})
    rows = await desk.rows("SELECT state FROM outbox")
    assert [row["state"] for row in rows] == ["cancelled"]


async def test_a_gateways_receipt_counts_with_its_signature_only(desk: Desk) -> None:
    await desk.post("/api/deliver/channels", NEW, "boss")
    await post(desk.connection, [Letter("k1", Channel.SMS, "13812345678", {"text": "x"})])
    await desk.connection.execute("UPDATE outbox SET state = 'sent', endpoint = 'sms-1', remote_id = 'r1'")
    body = '{"id": "r1", "state": "delivered"}'
    assert (await receipt(desk, body, "wrong")).status_code == 401
    assert (await receipt(desk, body)).status_code == 200
    assert (await receipt(desk, body)).status_code == 200  # said twice
    assert (await receipt(desk, '{"id": "other", "state": "delivered"}')).status_code == 404
    rows = await desk.rows("SELECT state FROM receipts ORDER BY id")
    assert [row["state"] for row in rows] == ["queued", "delivered"]


async def test_a_channel_test_is_answered_by_link_by_reply_or_missed(desk: Desk, office: Post) -> None:
    await office.sms()
    wish = {"endpoint": "sms-1", "to": "13812345678", "window_s": 600}
    for _ in range(2):
        assert (await desk.post("/api/deliver/tests", wish)).status_code == 201
    late = (await desk.post("/api/deliver/tests", wish)).json()["id"]
    async with office.delivering():
        for row in await desk.rows("SELECT key FROM outbox"):
            await office.until(row["key"], "sent")
        by_link, by_reply, _ = office.ledger.texts("sms")
        link = re.search(r"http://\S+(/api/deliver/answer/\S+)", by_link)
        code = re.search(r"\d{6}", by_reply)
        assert link
        assert code
        assert "form" in (await desk.client.get(link[1])).text
        assert "已确认" in (await desk.client.post(link[1])).text
        await receipt(desk, f'{{"text": "收到 {code[0]}", "sender": "13812345678"}}')
        await desk.connection.execute("UPDATE channel_tests SET due_at = now() WHERE id = %s", [late])
        await office.until_rows("SELECT 1 FROM channel_tests WHERE state = 'missed'")
    states = [t["state"] for t in (await desk.get("/api/deliver/tests")).json()["items"]]
    assert states == ["missed", "answered", "answered"]
    assert await desk.rows("SELECT 1 FROM feed WHERE kind = 'platform' AND body->>'state' = 'missed'")
    metrics = (await desk.client.get("/metrics")).text
    assert 'shequ_channel_tests_missed{endpoint="sms-1"} 1.0' in metrics


async def test_a_planned_test_comes_again_and_not_for_every_hour_of_an_outage(
    desk: Desk, office: Post
) -> None:
    await office.hook("hook")
    wish = {"endpoint": "hook", "every_s": 3600, "window_s": 60}
    plans = (await desk.post("/api/deliver/test-plans", wish, "boss")).json()["items"]
    await desk.connection.execute("UPDATE channel_test_plans SET next_at = now() - INTERVAL '9 hours'")
    async with office.delivering():
        await office.until_rows("SELECT 1 FROM channel_tests WHERE state = 'answered'")
    assert len(await desk.rows("SELECT 1 FROM channel_tests")) == 1
    assert await desk.rows("SELECT 1 FROM channel_test_plans WHERE next_at > now()")
    path = f"/api/deliver/test-plans/{plans[0]['id']}"
    gone = await desk.client.delete(path, headers=await desk.as_("boss"))
    assert gone.json()["items"] == []


async def test_the_cap_feed_shows_alert_update_and_cancel_to_whoever_knows_its_secret(
    desk: Desk, office: Post
) -> None:
    await desk.post("/api/deliver/channels", FEED, "boss")
    alert = await desk.alert()
    first, second, third, drill = (
        Letter("c1", Channel.CAP, "cap-1", {"template": "alert"}, alert_id=alert, severity=1),
        Letter(
            "c2",
            Channel.CAP,
            "cap-1",
            {"template": "alert", "values": {"note": "2"}},
            alert_id=alert,
            severity=1,
        ),
        Letter(
            "c3",
            Channel.CAP,
            "cap-1",
            {"template": "cleared", "msg_type": "Cancel"},
            alert_id=alert,
            severity=1,
        ),
        Letter("c4", Channel.CAP, "cap-1", {"text": "疏散"}, drill=True),
    )
    async with office.delivering():
        for letter in (first, second, third, drill):
            await office.post(letter)
            await office.until(letter.key, "sent")
    assert (await desk.client.get("/api/cap/cap-1")).status_code == 401
    headers = {"Authorization": "Bearer feed-secret"}
    feed = (await desk.client.get("/api/cap/cap-1", headers=headers)).text
    names = re.findall(r"<id>(centre[^<]+)</id>", feed)
    assert len(names) == 4
    schema = xmlschema.XMLSchema(str(Path(__file__).parents[1] / "samples" / "cap" / "cap12.xsd"))
    texts = [(await desk.client.get(f"/api/cap/cap-1/{n}", headers=headers)).text for n in reversed(names)]
    for text in texts:
        schema.validate(text)
        assert "<scope>Private</scope>" in text
    kinds = [re.search(r"<msgType>(\w+)</msgType>", text)[1] for text in texts]  # type: ignore[index]
    assert kinds == ["Alert", "Update", "Cancel", "Alert"]
    assert texts[2].count("centre@guanghan,centre@guanghan.") == 2  # refers to both before it
    assert "<status>Exercise</status>" in texts[3]
    assert "【演练】疏散" in texts[3]
    assert "Smoke alarm" in texts[0]
    pulled = await desk.rows("SELECT state FROM outbox WHERE channel = 'cap'")
    assert {row["state"] for row in pulled} == {"delivered"}


def move(seq: int, action: str, to: str, **case: Any) -> dict[str, Any]:
    body = {
        "case_code": "51068120260601010000001",
        "code": "FIRE-001",
        "severity": 1,
        "state": to,
        "estate": "EST1",
        "opened_at": "2026-06-01T08:00:00+08:00",
        **case,
    }
    step = {
        "seq": seq,
        "at": "2026-06-01T08:00:00+08:00",
        "action": action,
        "actor": "li",
        "from": None,
        "to": to,
    }
    return {"kind": "move", "case": body, "move": step}


async def told(desk: Desk, body: dict[str, Any], shown: str = TOWN_SECRET) -> httpx.Response:
    headers = {"Authorization": f"Bearer {shown}"}
    return await desk.client.post("/api/cascade/moves", json=body, headers=headers)


async def test_a_case_from_below_is_mirrored_once_whatever_order_its_moves_come_in(desk: Desk) -> None:
    await desk.post("/api/deliver/channels", LINK, "boss")
    assert (await told(desk, move(1, "report", "reported"), "wrong")).status_code == 401
    first = (await told(desk, move(1, "report", "reported"))).json()
    assert (first["seq"], first["known"]) == (1, False)
    assert (await told(desk, move(3, "dispatch", "dispatched"))).json()["seq"] == 2
    assert (await told(desk, move(2, "accept", "accepted"))).json()["seq"] == 3
    assert (await told(desk, move(3, "dispatch", "dispatched"))).json()["known"] is True
    shown = (await desk.get(f"/api/incidents/{first['incident_id']}")).json()
    assert (shown["state"], shown["case_code"]) == ("dispatched", "51068120260601010000001")
    assert [line["action"] for line in shown["log"]] == ["report", "dispatch", "accept"]
    assert {line["actor"] for line in shown["log"]} == {"li@town"}
    await told(desk, move(4, "close", "closed", outcome="true_alarm"))
    assert (await desk.get(f"/api/incidents/{first['incident_id']}")).json()["closed_at"]


async def test_a_superior_urges_supervises_and_returns_a_case_below_but_moves_it_no_further(
    desk: Desk,
) -> None:
    await desk.post("/api/deliver/channels", LINK, "boss")
    number = (await told(desk, move(1, "report", "reported"))).json()["incident_id"]
    for action in ("urge", "supervise", "send_back"):
        answer = await desk.post(f"/api/incidents/{number}/cascade", {"action": action, "reason": "请抓紧"})
        assert answer.status_code == 200, answer.text
    refused = await desk.post(f"/api/incidents/{number}/actions", {"action": "accept"})
    assert refused.status_code == 409, refused.text
    shown = (await desk.get(f"/api/incidents/{number}")).json()
    assert shown["mirrored"] is True
    assert shown["legal"] == refused.json()["legal"] == ["urge"]  # supervising is a leader's
    assert {move["why"] for move in shown["moves"] if move["action"] not in {"urge", "supervise"}} == {
        "centre_below"
    }
    for action in shown["legal"]:  # what is offered is never refused
        answer = await desk.post(f"/api/incidents/{number}/actions", {"action": action, "reason": "请抓紧"})
        assert answer.status_code == 200, answer.text
    assert [line["action"] for line in shown["log"]][1:] == ["urge", "supervise", "send_back"]
    assert shown["state"] == "reported"
    links = (await desk.get("/api/cascade/links")).json()["items"]
    assert [(link["code"], link["mirrored"]) for link in links] == [("town", 1)]


async def test_a_small_case_passed_on_by_hand_is_told_above_and_the_words_from_above_arrive(
    desk: Desk, database: str
) -> None:
    settings: dict[str, Any] = {"direction": "up", "url": "http://county.example", "worst": 1}
    settings |= {"token_secret": "sign", "accept_secret": "town"}
    up = {**LINK, "code": "county", "settings": settings}
    assert (await desk.post("/api/deliver/channels", up, "boss")).status_code == 201
    await desk.connection.execute(
        "INSERT INTO people (id, name, roles, place) VALUES ('p-sl', '值班长', '{SL}', '510681')"
    )
    alert = await desk.alert(severity=3, code="DEV-003")
    body = (await desk.post(f"/api/alerts/{alert}/actions", {"action": "dispatch", "org": "PM"})).json()
    number = body["incident_id"]
    link = Endpoint(code="county", channel=Channel.CASCADE, driver="http", settings=settings)
    async with open_pool(database, 1, "test") as pool:
        assert await collect(pool, link) == 0  # not grave enough by itself
        wish = {"action": "transfer_up", "reason": "超出权限"}
        assert (await desk.post(f"/api/incidents/{number}/actions", wish)).status_code == 200
        assert await collect(pool, link) > 0
    letters = await desk.rows("SELECT body FROM outbox WHERE channel = 'cascade' ORDER BY id")
    assert letters[-1]["body"]["move"]["action"] == "transfer_up"
    code = (await desk.get(f"/api/incidents/{number}")).json()["case_code"]
    for seq, action in enumerate(("urge", "supervise", "send_back"), 1):
        answer = await told(desk, move(seq, action, "dispatched", case_code=code))
        assert answer.status_code == 200, answer.text
    shown = (await desk.get(f"/api/incidents/{number}")).json()
    assert [line["action"] for line in shown["log"]][-3:] == ["urge", "supervise", "send_back"]
    assert shown["supervised_at"] is not None
    assert shown["mirrored"] is False
    notes = await desk.rows("SELECT body FROM outbox WHERE key LIKE 'above/%' ORDER BY id")
    assert [row["body"]["values"]["note"]["zh"] for row in notes] == ["上级催办", "上级督办", "上级退回"]


async def test_contacts_are_a_leaders_business_and_every_look_is_written_down(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO people (id, name, roles, place) VALUES ('p1', '王', '{GW}', 'EST1')"
    )
    wish = {
        "channel": "email",
        "address": "wang@example.org",
        "worst": 2,
        "quiet_from": "22:00",
        "quiet_to": "07:00",
    }
    assert (await put(desk, "/api/deliver/contacts/p1", wish)).status_code == 200
    assert (await put(desk, "/api/deliver/contacts/p1", {**wish, "address": "x"})).status_code == 422
    assert (await desk.get("/api/deliver/contacts/p1", "wang")).status_code == 403
    items = (await desk.get("/api/deliver/contacts/p1", "boss")).json()["items"]
    assert items[0]["address"] == "wan****.org"
    audit = await desk.rows("SELECT action FROM audit_log WHERE action LIKE 'contacts%'")
    assert {row["action"] for row in audit} >= {"contacts.set", "contacts.read"}
