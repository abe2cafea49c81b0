"""Quiet and thresholds over HTTP: asked for by somebody, for a reason, until a time, within their places."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final

import pytest

from ingest.clock import system_clock
from ingest.store import rulebook
from tests.integration.api_desk import Desk, open_desk


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    """A console over a database whose rulebook holds the shipped rules."""
    async with open_desk(database) as opened:
        await rulebook.import_shipped(opened.connection)
        yield opened


def wish(**more: Any) -> dict[str, Any]:
    """Quiet for two hours."""
    until = (system_clock() + timedelta(hours=2)).isoformat()
    return {"kind": "maintenance", "scope": "EST1", "reason": "painting", "ends_at": until, **more}


async def test_quiet_is_asked_for_listed_and_ended_early_with_names_and_reasons(desk: Desk) -> None:
    made = await desk.post("/api/hushes", wish(codes=["DEV-002"]), "wuye")
    assert made.status_code == 201
    body = made.json()
    assert (body["author"], body["state"], body["scope_zh"]) == ("wuye", "active", "沱水小区")
    listed = (await desk.get("/api/hushes")).json()["items"]
    assert [h["id"] for h in listed] == [body["id"]]
    ended = await desk.post(f"/api/hushes/{body['id']}/end", {"reason": "dry"}, "wang")
    assert (ended.json()["ended_by"], ended.json()["ended_reason"], ended.json()["state"]) == (
        "wang",
        "dry",
        "ended",
    )
    assert (await desk.get("/api/hushes")).json()["items"] == []
    assert len((await desk.get("/api/hushes", state="ended")).json()["items"]) == 1
    again = await desk.post(f"/api/hushes/{body['id']}/end", {"reason": "dry"}, "wang")
    assert again.status_code == 409
    audit = await desk.rows("SELECT action FROM audit_log WHERE action LIKE 'quiet.%' ORDER BY at")
    assert [row["action"] for row in audit] == ["quiet.maintenance", "quiet.end"]


async def test_the_property_manager_cannot_silence_calls_for_help(desk: Desk) -> None:
    assert (await desk.post("/api/hushes", wish(life_safety=True), "wuye")).status_code == 403
    assert (await desk.post("/api/hushes", wish(life_safety=True), "wang")).status_code == 201


REFUSED: Final[tuple[tuple[dict[str, str], int], ...]] = (  # a wish for quiet, and the answer
    ({"reason": ""}, 422),
    ({"ends_at": "2020-01-01T00:00:00+08:00"}, 422),
    ({"ends_at": "2036-01-01T00:00:00+08:00"}, 422),
    ({"ends_at": "2036-01-01T00:00:00"}, 422),
    ({"scope": "nowhere"}, 404),
    ({"scope": "EST2"}, 404),
    ({"kind": "holiday"}, 422),
)


async def test_quiet_without_reason_end_or_a_place_of_ones_own_is_refused(desk: Desk) -> None:
    for more, status in REFUSED:
        assert (await desk.post("/api/hushes", wish(**more), "wuye")).status_code == status, more
    assert (await desk.get("/api/hushes")).json()["items"] == []


async def test_a_device_under_test_is_seen_by_its_own_estate_alone(desk: Desk) -> None:
    made = await desk.post("/api/hushes", wish(kind="test", scope="smoke-1"), "wuye")
    assert made.json()["scope_kind"] == "device"
    assert (await desk.get("/api/hushes", "zhao")).json()["items"] == []
    ended = await desk.post(f"/api/hushes/{made.json()['id']}/end", {"reason": "x"}, "zhao")
    assert ended.status_code == 404


async def test_what_a_wider_place_asked_for_is_seen_below_but_not_ended_there(desk: Desk) -> None:
    made = (await desk.post("/api/hushes", wish(scope="510681"), "wang")).json()
    assert [h["id"] for h in (await desk.get("/api/hushes", "zhao")).json()["items"]] == [made["id"]]
    refused = await desk.post(f"/api/hushes/{made['id']}/end", {"reason": "x"}, "zhao")
    assert refused.status_code == 403


async def test_suppressed_alerts_have_a_list_of_their_own_and_say_what_holds_them(desk: Desk) -> None:
    shown, hidden = await desk.alert(), await desk.alert(code="DEV-002", severity=4)
    holder = (await desk.rows("SELECT fingerprint FROM alerts WHERE id = %s", shown))[0]["fingerprint"]
    await desk.connection.execute(
        "UPDATE alerts SET state = 'suppressed', hush_reason = 'inhibited', hushed_by = %s, "
        "muted_until = '2036-01-01T00:00:00+00:00' WHERE id = %s",
        (holder, hidden),
    )
    (row,) = (await desk.get("/api/alerts", state="suppressed")).json()["items"]
    assert (row["id"], row["hush_reason"], row["held_by"]["ref"]) == (hidden, "inhibited", holder)
    assert row["muted_until"].startswith("2036-01-01")
    assert [a["id"] for a in (await desk.get("/api/alerts")).json()["items"]] == [shown]
    detail = (await desk.get(f"/api/alerts/{shown}")).json()
    assert [a["id"] for a in detail["held_back"]] == [hidden]


async def test_the_operators_list_has_one_row_per_building_and_hazard(desk: Desk) -> None:
    numbers = [await desk.alert(severity=severity) for severity in (2, 1, 3)]
    await desk.connection.execute("UPDATE alerts SET group_key = 'EST1/EST1-B1/fire', confidence = 0.9")
    alone = await desk.alert(code="DEV-003", severity=2)
    groups = (await desk.get("/api/alerts/groups")).json()["items"]
    assert [(g["alerts"], g["lead"]["id"]) for g in groups] == [(3, numbers[1]), (1, alone)]
    assert (groups[0]["severity"], groups[0]["confidence"], sorted(groups[0]["ids"])) == (1, 0.9, numbers)
    page = (await desk.get("/api/alerts/groups", limit=1)).json()
    rest = (await desk.get("/api/alerts/groups", limit=1, cursor=page["next"])).json()
    assert [g["lead"]["id"] for g in (*page["items"], *rest["items"])] == [numbers[1], alone]
    assert (await desk.get("/api/alerts/groups", "zhao")).json()["items"] == []


async def test_a_threshold_is_set_where_it_holds_and_says_where_it_came_from(desk: Desk) -> None:
    async def value(scope: str) -> tuple[Any, str, str]:
        answer = await desk.get("/api/thresholds", "wuye", scope=scope, rule="SEC-005")
        (rule,) = answer.raise_for_status().json()["items"]
        (param,) = [p for p in rule["params"] if p["param"] == "after"]
        return param["value"], param["from_scope"], param["author"]

    assert await value("EST1-B1") == ("5m", "rule", "")
    for scope, limit in (("EST1", "4m"), ("EST1-B1", "2m")):
        wanted = {"rule": "SEC-005", "scope": scope, "param": "after", "value": limit, "reason": "fire door"}
        assert (await desk.post("/api/thresholds", wanted, "wuye")).status_code == 200
    assert await value("EST1") == ("4m", "EST1", "wuye")
    assert await value("EST1-B1") == ("2m", "EST1-B1", "wuye")
    shown = (await desk.get("/api/thresholds", "wuye", scope="EST1-B1", rule="SEC-005")).json()
    after = shown["items"][0]["params"][0]
    assert (after["inherited"], after["inherited_zh"], after["shipped"]) == ("4m", "沱水小区", "5m")
    dropped = {"rule": "SEC-005", "scope": "EST1-B1", "param": "after", "reason": "no fire door"}
    answer = (await desk.post("/api/thresholds/drop", dropped, "wuye")).json()
    assert answer["items"][0]["params"][0]["from_zh"] == "沱水小区"
    assert await value("EST1-B1") == ("4m", "EST1", "wuye")
    assert (await desk.post("/api/thresholds/drop", dropped, "wuye")).status_code == 404


async def test_the_armed_hours_of_an_estate_are_kept_as_the_rules_read_them(desk: Desk) -> None:
    hours = {"workday": ["18:00-24:00"], "weekend": ["00:00-24:00"], "holiday": ["00:00-24:00"]}
    wanted = {"rule": "SEC-007", "scope": "EST1", "param": "armed", "value": hours, "reason": "a night watch"}
    answer = (await desk.post("/api/thresholds", wanted, "wuye")).raise_for_status().json()
    (armed,) = [p for p in answer["items"][0]["params"] if p["param"] == "armed"]
    assert (armed["value"], armed["inherited"], armed["own"]) == (hours, {"daily": ["22:00-06:00"]}, True)
    (kept,) = await desk.rows("SELECT value FROM rule_overrides WHERE rule = 'SEC-007'")
    assert kept["value"] == hours
    refused = await desk.post("/api/thresholds", {**wanted, "value": {"daily": ["25:00-26:00"]}}, "wuye")
    assert refused.status_code == 422
    assert "no span of hours" in refused.text


WRONG_VALUES: Final[
    tuple[tuple[dict[str, Any], str, int], ...]
] = (  # what is wrong with the wish for a threshold, who wants it, and the answer
    ({"value": "soon"}, "wuye", 422),
    ({"value": 5}, "wuye", 422),
    ({"param": "before"}, "wuye", 422),
    ({"rule": "NONE-001"}, "wuye", 404),
    ({"scope": "EST2"}, "wuye", 404),
    ({"reason": ""}, "wuye", 422),
    ({}, "wang", 403),
)


async def test_a_value_that_cannot_be_is_refused(desk: Desk) -> None:
    good = {"rule": "SEC-005", "scope": "EST1", "param": "after", "value": "2m", "reason": "x"}
    for more, who, status in WRONG_VALUES:
        answer = await desk.post("/api/thresholds", {**good, **more}, who)
        assert answer.status_code == status, more
    assert await desk.rows("SELECT * FROM rule_overrides") == []


async def test_a_device_is_shown_the_rules_of_its_family_alone(desk: Desk) -> None:
    shown = (await desk.get("/api/thresholds", scope="smoke-1")).json()
    codes = {item["code"] for item in shown["items"]}
    assert "DEV-001" in codes
    assert codes.isdisjoint({"SEC-005", "FIRE-005", "CARE-002"})


async def test_an_estate_behind_a_slow_link_is_given_a_lateness_of_its_own(desk: Desk) -> None:
    wanted = {"estate": "EST1", "seconds": 30, "reason": "4G"}
    assert (await desk.post("/api/thresholds/lateness", wanted, "wuye")).json() == {
        "estate": "EST1",
        "seconds": 30.0,
    }
    assert await desk.rows("SELECT lateness_s FROM places WHERE code = 'EST1'") == [{"lateness_s": 30.0}]
    for more, status in (({"estate": "EST1-B1"}, 422), ({"estate": "EST2"}, 404), ({"seconds": 4000}, 422)):
        assert (await desk.post("/api/thresholds/lateness", {**wanted, **more}, "wuye")).status_code == status
