"""Rules over HTTP: checked, drafted, tried on the past, in the shadow, in force, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from console.past import fill
from ingest.store import rulebook
from tests.integration.api_desk import Desk, open_desk

END = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
NEW = """
rules:
  - code: SEC-010
    names: {zh: 认证连续失败, en: Repeated refusals at a gate}
    severity: 3
    subject: device
    condition:
      kind: count
      at_least: 6
      within: 60s
      quiet_for: 10m
      when:
        gate.pass: data.result == 'denied'
    repeat: 10m
    roles: [PM]
    sla: {accept: 30m, arrive: 4h, close: 72h}
"""


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    """A console over a database whose rulebook holds the shipped rules."""
    async with open_desk(database) as opened:
        await rulebook.import_shipped(opened.connection)
        yield opened


async def test_a_wrong_text_is_told_line_column_and_the_way_to_mend_it(desk: Desk) -> None:
    answer = await desk.post("/api/rules/validate", {"source": NEW.replace("at_least", "at_lest")})
    assert answer.json()["ok"] is False
    (fault,) = answer.json()["errors"]
    assert (fault["line"], fault["column"]) == (9, 7)
    assert "at_least" in fault["problem"]
    assert (await desk.post("/api/rules/validate", {"source": NEW})).json() == {
        "ok": True,
        "rules": ["SEC-010"],
        "errors": [],
    }


async def test_a_change_goes_from_draft_through_shadow_into_force_and_back(desk: Desk) -> None:
    made = await desk.post("/api/rules", {"source": NEW, "reason": "too many"}, "wuye")
    assert (made.status_code, made.json()) == (201, {"id": "SEC-010", "version": 2})
    for action, state in (("shadow", "shadow"), ("promote", "live")):
        done = await desk.post("/api/rules/SEC-010/actions", {"action": action, "reason": "tried"}, "boss")
        assert (done.json()["version"], done.json()["state"]) == (2, state)
    assert done.json()["memory"] == "kept"
    listed = (await desk.get("/api/rules")).json()["items"]
    row = next(r for r in listed if r["id"] == "SEC-010")
    assert (row["live"], row["shadow"], row["author"]) == (2, None, "wuye")
    back = await desk.post("/api/rules/SEC-010/actions", {"action": "rollback", "reason": "no"}, "boss")
    assert (back.json()["version"], back.json()["before"]) == (1, 2)
    detail = (await desk.get("/api/rules/SEC-010")).json()
    assert [(v["version"], v["state"]) for v in detail["versions"]] == [(2, "retired"), (1, "live")]
    assert [line["action"] for line in detail["log"]] == ["rollback", "promote", "shadow", "draft", "import"]
    assert [line["actor"] for line in detail["log"]] == ["boss", "boss", "boss", "wuye", "shipped"]


async def test_only_an_admin_of_everything_puts_a_rule_in_force(desk: Desk) -> None:
    await desk.post("/api/rules", {"source": NEW, "reason": "too many"}, "wuye")
    wish = {"action": "promote", "reason": "mine"}
    assert (await desk.post("/api/rules/SEC-010/actions", wish, "wuye")).status_code == 403
    assert (await desk.post("/api/rules", {"source": NEW, "reason": "x"}, "wang")).status_code == 403


async def test_what_cannot_be_done_is_refused_with_its_reason(desk: Desk) -> None:
    wish = {"action": "promote", "reason": "x"}
    assert (await desk.post("/api/rules/NONE-001/actions", wish, "boss")).status_code == 404
    again = await desk.post("/api/rules/SEC-010/actions", {**wish, "version": 1}, "boss")
    assert (again.status_code, again.json()["legal"]) == (409, ["rollback"])
    broken = await desk.post("/api/rules", {"source": "rules: 5", "reason": "x"}, "boss")
    assert (broken.status_code, broken.json()["errors"][0]["field"]) == (422, "source:1:8")


async def test_a_back_test_and_the_explanations_of_a_stored_past(database: str) -> None:
    async with open_desk(database) as desk:
        past = await fill(database, end=END, days=4)
        span = {"start": past.start.isoformat(), "end": past.end.isoformat()}
        answer = await desk.post("/api/rules/backtest", {"source": NEW, **span}, "boss")
        body = answer.raise_for_status().json()
        counts = body["counts"]
        assert counts["stored"] == counts["live"] > counts["would"]
        assert f"would have raised {counts['would']} alerts" in body["sentence_en"]
        listed = (await desk.get("/api/alerts", state="all", code="SEC-010")).json()["items"]
        explained = (await desk.get(f"/api/alerts/{listed[0]['id']}/explain")).json()
        assert explained["rule_version"] == 1
        assert len(explained["events"]) >= 5
        assert explained["window"]["type"] == "tally"
        assert explained["predicates"] == {"gate.pass": ["data.result == 'denied'"]}
        assert any("at_least" in line for line in explained["rule_source"].splitlines())
        gate = listed[0]["device"]
        times = {"from": past.start.isoformat(), "to": past.end.isoformat()}
        why = (await desk.get(f"/api/devices/{gate}/why", **times)).raise_for_status().json()
        answers = {(f["code"], f["answer"]) for f in why["findings"]}
        assert {("SEC-010", "raised"), ("SEC-010", "remembered")} <= answers
        state = (await desk.get("/api/engine", device=gate)).json()
        assert {item["code"] for item in state["items"]} >= {"DEV-002"}
        assert 0 < state["bytes_per_device"] < 1024


async def test_explanations_stop_at_the_callers_places(desk: Desk) -> None:
    number = await desk.alert()
    assert (await desk.get(f"/api/alerts/{number}/explain", "zhao")).status_code == 404
    assert (await desk.get("/api/devices/smoke-1/why", "zhao")).status_code == 404
    assert (await desk.get("/api/engine", "zhao", device="smoke-1")).status_code == 404
    assert (await desk.get("/api/engine", "zhao", estate="EST1")).status_code == 404
