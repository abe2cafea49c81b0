"""The alert queue, and what an operator does with it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from console.alert_moves import legal
from console.schemas import Alert, AlertDetail
from rules.alert import AlertState
from tests.integration.api_desk import Desk, open_desk


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


async def test_the_queue_is_gravest_first_and_pages_without_gap_or_repetition(desk: Desk) -> None:
    made = [await desk.alert(severity=1 + n % 4) for n in range(11)]
    seen: list[dict[str, int]] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await desk.get("/api/alerts", **params)).json()
        seen += page["items"]
        await desk.alert(severity=1)  # what arrives meanwhile does not shift the pages
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(item["id"] for item in seen) == made
    assert [item["severity"] for item in seen] == sorted(item["severity"] for item in seen)
    assert (await desk.get("/api/alerts", cursor="bm9uc2Vuc2U")).status_code == 422


async def test_filters(desk: Desk) -> None:
    fire = await desk.alert()
    door = await desk.alert(code="SEC-005", severity=3, estate="EST2", place="EST2", device="smoke-2")
    for params, expected in (
        ({"code": "SEC-005"}, [door]),
        ({"severity": 1}, [fire]),
        ({"estate": "EST1"}, [fire]),
        ({"device": "smoke-2"}, [door]),
        ({"state": "ended"}, []),
        ({"state": "all"}, [door, fire]),
    ):
        answer = await desk.get("/api/alerts", **params)
        assert [item["id"] for item in answer.json()["items"]] == expected, params
    assert (await desk.get("/api/alerts", severity=9)).status_code == 422


async def test_an_alert_shows_its_evidence_record_and_place(desk: Desk) -> None:
    number = await desk.alert()
    await desk.post(f"/api/alerts/{number}/actions", {"action": "acknowledge"})
    shown = AlertDetail.model_validate((await desk.get(f"/api/alerts/{number}")).json())
    assert [event.id for event in shown.events] == ["e3", "e2", "e1"]
    assert [step.code for step in shown.place_path] == ["510681", "EST1", "EST1-B1"]
    assert shown.device_info is not None
    assert shown.device_info.last_seen is not None
    assert [line.action for line in shown.log] == ["acknowledge"]


async def test_outside_ones_places_there_is_nothing(desk: Desk) -> None:
    number = await desk.alert()
    incident = (await desk.post(f"/api/alerts/{number}/actions", {"action": "dispatch"})).json()[
        "incident_id"
    ]
    for path in (
        f"/api/alerts/{number}",
        f"/api/incidents/{incident}",
        "/api/devices/smoke-1",
        "/api/alerts?estate=EST1",
        "/api/places?estate=EST1",
        "/api/devices?estate=nowhere",
    ):
        assert (await desk.client.get(path, headers=await desk.as_("zhao"))).status_code == 404, path
    for path in (f"/api/alerts/{number}/actions", f"/api/incidents/{incident}/actions"):
        assert (await desk.post(path, {"action": "close"}, "zhao")).status_code == 404, path
    for path in ("/api/alerts", "/api/incidents"):
        assert (await desk.get(path, "zhao")).json()["items"] == []
    devices = (await desk.get("/api/devices", "zhao")).json()["items"]
    assert [device["id"] for device in devices] == ["smoke-2"]
    places = (await desk.get("/api/places", "zhao")).json()["items"]
    assert [place["code"] for place in places] == ["EST2"]


async def test_acknowledge_then_close_leaves_a_full_record(desk: Desk) -> None:
    number = await desk.alert()
    acked = (await desk.post(f"/api/alerts/{number}/actions", {"action": "acknowledge"})).json()
    assert (acked["state"], acked["acked_by"], acked["version"]) == ("acknowledged", "wang", 2)
    path = f"/api/alerts/{number}/actions"
    refused = await desk.post(path, {"action": "close"})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["outcome", "cause"]
    wish = {"action": "close", "outcome": "false_alarm", "cause": "cooking", "note": "炒菜", "version": 2}
    closed = Alert.model_validate((await desk.post(path, wish)).json())
    assert (closed.state, closed.outcome, closed.legal) == ("false_alarm", "false_alarm", [])
    assert closed.ended_at is not None
    log = await desk.rows("SELECT action, from_state, to_state, reason FROM alert_log ORDER BY at")
    assert [tuple(row.values()) for row in log] == [
        ("acknowledge", "open", "acknowledged", ""),
        ("close", "acknowledged", "false_alarm", "炒菜"),
    ]
    audit = await desk.rows("SELECT action, actor FROM audit_log WHERE action LIKE 'alert.%' ORDER BY at")
    assert [tuple(row.values()) for row in audit] == [("alert.acknowledge", "wang"), ("alert.close", "wang")]


async def test_dispatch_opens_an_incident_with_its_record_and_order(desk: Desk) -> None:
    number = await desk.alert()
    wish = {"action": "dispatch", "org": "PM", "note": "立即核实"}
    alert = (await desk.post(f"/api/alerts/{number}/actions", wish)).json()
    assert (alert["state"], alert["acked_by"], alert["legal"]) == ("escalated_to_incident", "wang", [])
    incident = (await desk.get(f"/api/incidents/{alert['incident_id']}")).json()
    assert incident["state"] == "dispatched"
    assert incident["case_code"].startswith("510681")
    assert incident["case_code"].endswith("01000001")
    assert [(line["seq"], line["action"], line["to_state"]) for line in incident["log"]] == [
        (1, "report", "reported"),
        (2, "accept", "accepted"),
        (3, "assess", "assessed"),
        (4, "dispatch", "dispatched"),
    ]
    assert [(order["org"], order["state"]) for order in incident["orders"]] == [("PM", "sent")]
    assert [row["id"] for row in incident["alerts"]] == [number]
    bad = await desk.post(f"/api/alerts/{await desk.alert()}/actions", {"action": "dispatch", "org": "FBI"})
    assert bad.json()["errors"][0]["field"] == "org"


async def test_a_camera_case_carries_its_source(desk: Desk) -> None:
    number = await desk.alert(device="cam-1", place="EST1")
    await desk.post(f"/api/alerts/{number}/actions", {"action": "dispatch"})
    (row,) = await desk.rows("SELECT substr(case_code, 15, 2) AS source FROM incidents")
    assert row["source"] == "06"


async def test_what_is_not_possible_is_refused_with_what_is(desk: Desk) -> None:
    number = await desk.alert()
    path = f"/api/alerts/{number}/actions"
    await desk.post(path, {"action": "acknowledge"}, "li")
    again = await desk.post(path, {"action": "acknowledge"})
    assert again.status_code == 409
    assert again.json()["legal"] == ["dispatch", "close"]
    assert (again.json()["last"]["actor"], again.json()["last"]["action"]) == ("li", "acknowledge")
    old = await desk.post(path, {"action": "dispatch", "version": 1})
    assert old.status_code == 409
    assert old.json()["legal"] == ["dispatch", "close"]
    assert (await desk.post(path, {"action": "explode"})).status_code == 422
    assert (await desk.post("/api/alerts/999999/actions", {"action": "close"})).status_code == 404


async def test_of_two_who_dispatch_at_once_one_wins_and_the_other_learns_who(desk: Desk) -> None:
    for who in ("wang", "li"):
        await desk.as_(who)
    for _ in range(5):
        number = await desk.alert()
        path = f"/api/alerts/{number}/actions"
        answers = await asyncio.gather(
            desk.post(path, {"action": "dispatch"}, "wang"), desk.post(path, {"action": "dispatch"}, "li")
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        (lost,) = (answer.json() for answer in answers if answer.status_code == 409)
        assert lost["last"]["action"] == "dispatch"
        assert lost["legal"] == []
        (count,) = await desk.rows(
            "SELECT count(*) AS n FROM incident_log WHERE detail->>'alert' = %s", str(number)
        )
        assert count["n"] == 4


async def test_case_codes_are_gapless_under_a_storm(desk: Desk) -> None:
    await desk.as_("wang")
    numbers = [await desk.alert() for _ in range(12)]
    await asyncio.gather(*(desk.post(f"/api/alerts/{n}/actions", {"action": "dispatch"}) for n in numbers))
    rows = await desk.rows("SELECT right(case_code, 6)::int AS n FROM incidents ORDER BY 1")
    assert [row["n"] for row in rows] == list(range(1, 13))


async def test_the_same_key_acts_once(desk: Desk) -> None:
    number = await desk.alert()
    path = f"/api/alerts/{number}/actions"
    await desk.as_("wang")
    answers = await asyncio.gather(*(desk.post(path, {"action": "dispatch"}, key="k1") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(await desk.rows("SELECT id FROM incidents")) == 1
    other = await desk.post(path, {"action": "close", "outcome": "test", "cause": "training"}, key="k1")
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_the_feed_tells_what_the_list_shows(desk: Desk) -> None:
    number = await desk.alert()
    await desk.post(f"/api/alerts/{number}/actions", {"action": "dispatch"})
    feed = await desk.rows("SELECT kind, ref, estate, body FROM feed ORDER BY seq")
    listed = (await desk.get("/api/alerts")).json()["items"][0]
    incident = (await desk.get("/api/incidents")).json()["items"][0]
    assert [(row["kind"], row["estate"]) for row in feed] == [("incident", "EST1"), ("alert", "EST1")]
    assert [row["body"] for row in feed] == [incident, listed]


async def test_the_view_and_the_table_agree_on_what_is_legal(desk: Desk) -> None:
    for state, ended, tied in itertools.product(AlertState, (False, True), (False, True)):
        (row,) = await desk.rows("SELECT alert_legal(%s, %s, %s) AS legal", state, ended, tied)
        assert tuple(row["legal"]) == legal(state, ended=ended, tied=tied), (state, ended, tied)
