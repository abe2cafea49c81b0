"""Dispatch plans on real cases: one click, every step on record, 119 never too early and never in a drill."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import pytest
from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow

from console import plans
from console.auth import PLATFORM
from ingest.store.roles import group
from tests.integration.api_desk import Desk, open_desk
from tests.integration.test_api_organisation import COUNTY, hire

HOME: LiteralString = """
INSERT INTO devices (id, estate, place, profile, name_zh, name_en, online, x, y) VALUES
    ('s1', 'e1', 'e1-b1-u1', 'smoke_sensor', '烟感', 'Smoke', true, 50, 50),
    ('gate', 'e1', 'e1', 'access_gate', '南门', 'South gate', true, 50, 0),
    ('cam', 'e1', 'e1-b1', 'camera', '楼道', 'Corridor', true, 52, 50);
INSERT INTO personal.cared (person, estate, place) VALUES ('p1', 'e1', 'e1-b1-u1'), ('p2', 'EST2', 'EST2');
"""
OWN = """plans:
  - id: jinyan-fire
    names: {zh: 金雁苑火警, en: Fire at Jinyan}
    codes: [FIRE-001]
    place: e1
    stages:
      - steps: [{do: send, role: FS, people: 2}, {do: send, role: PM}]
"""


@pytest.fixture
async def town(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        await desk.connection.execute(COUNTY)
        await desk.connection.execute(HOME)
        await hire(desk, "fs1", "FS", "510681101001", skills=["fire"])
        await hire(desk, "pm1", "PM")
        await hire(desk, "gw1", "GW", user_name="grid")
        await hire(desk, "fam1", "FAM", "e1-b1-u1", cares_for="p1")
        await hire(desk, "fam2", "FAM", "EST2", cares_for="p2")
        await hire(desk, "bl1", "BL", "e1-b1")
        yield desk


async def burning(town: Desk, *, drill: bool = False) -> int:
    alert = await town.alert(estate="e1", place="e1-b1-u1", device="s1")
    if drill:
        await town.connection.execute("UPDATE alerts SET drill = true WHERE id = %s", (alert,))
    return alert


async def click(town: Desk, alert: int) -> dict[str, Any]:
    answer = await town.post(f"/api/alerts/{alert}/plan", {})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def later(town: Desk, run: int, seconds: int) -> None:
    """Time passes for a run, and the duty process looks at it."""
    await town.connection.execute(
        "UPDATE plan_runs SET started_at = started_at - %s * INTERVAL '1 second' WHERE id = %s",
        (seconds, run),
    )
    await look(town, run)


@asynccontextmanager
async def as_duty(town: Desk) -> AsyncIterator[AsyncConnection[DictRow]]:
    """A transaction with the rights of the duty process."""
    async with town.connection.transaction():
        await town.connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(group("duty"))))
        yield town.connection


async def look(town: Desk, run: int) -> None:
    async with as_duty(town) as duty:
        await plans.go_on(duty, PLATFORM, run)


async def confirm(town: Desk, alert: int) -> None:
    confirmed: LiteralString = (
        "UPDATE alerts SET verdict = 'confirmed', verdict_at = now(), verdict_by = 'wang' WHERE id = %s"
    )
    await town.connection.execute(confirmed, (alert,))


def states(case: dict[str, Any]) -> dict[str, str]:
    return {
        f"{step['do']}:{step['role'] or step['to'] or step['name'] or ''}": step["state"]
        for step in case["runs"][0]["steps"]
    }


async def test_one_click_sends_everybody_opens_the_gates_and_shows_the_camera(town: Desk) -> None:
    alert = await burning(town)
    shown = (await town.get(f"/api/alerts/{alert}/plan")).json()
    assert (shown["choice"]["plan"]["id"], shown["choice"]["code"], shown["runs"]) == (
        "fire-smoke",
        "exact",
        [],
    )
    case = await click(town, alert)
    (run,) = case["runs"]
    assert states(case) == {
        "camera:": "done", "send:FS": "done", "send:PM": "done", "send:GW": "done", "tell:FAM": "done",
        "command:open_door": "done", "advise:": "done", "tell:119": "waiting", "tell:building": "waiting",
        "send:CP": "waiting", "command:open_fire_door": "waiting", "command:raise_barrier": "waiting",
            "send:BL": "waiting", "send:VOL": "waiting",
    }  # fmt: skip
    outcome = {step["do"]: step["outcome"] for step in reversed(run["steps"])}
    assert [camera["id"] for camera in outcome["camera"]["cameras"]] == ["cam"]
    assert [command["id"] for command in outcome["command"]["commands"]] == ["gate"]
    assert next(s for s in run["steps"] if s["role"] == "FS")["outcome"]["short"] == 1
    orders = await town.rows("SELECT org, person, role FROM orders ORDER BY id")
    assert [(o["org"], o["person"], o["role"]) for o in orders] == [
        ("FS", "fs1", "lead"), ("PM", "pm1", "assist"), ("GW", "gw1", "assist"),
    ]  # fmt: skip
    letters = await town.rows("SELECT channel, person FROM outbox WHERE person IS NOT NULL ORDER BY id")
    assert [(x["channel"], x["person"]) for x in letters] == [
        ("sms", "fs1"), ("sms", "pm1"), ("sms", "gw1"), ("voice", "fam1"),
    ]  # fmt: skip
    log = await town.rows("SELECT detail FROM incident_log WHERE action = 'plan'")
    assert log[0]["detail"]["choice"] == {"code": "exact", "place": None, "beaten": ["general"]}
    assert await town.rows("SELECT 1 FROM timers WHERE kind = 'plan' AND subject = %s", str(run["id"])) != []


async def test_a_second_click_changes_nothing(town: Desk) -> None:
    alert = await burning(town)
    first = await click(town, alert)
    again = await town.post(f"/api/incidents/{first['incident_id']}/plan", {}, "li")
    assert again.json()["runs"] == first["runs"]
    assert len(await town.rows("SELECT 1 FROM orders")) == 3


async def test_119_waits_for_the_confirmation_and_then_is_called_once(town: Desk) -> None:
    alert = await burning(town)
    case = await click(town, alert)
    number = case["runs"][0]["id"]
    await later(town, number, 30)
    assert await town.rows("SELECT 1 FROM orders WHERE org = '119'") == []
    await confirm(town, alert)
    await look(town, number)
    await look(town, number)
    assert len(await town.rows("SELECT 1 FROM orders WHERE org = '119'")) == 1
    letters = await town.rows("SELECT state FROM outbox WHERE party = '119'")
    assert [letter["state"] for letter in letters] == ["queued"]


async def test_a_drill_never_reaches_119_though_everything_else_is_practised(town: Desk) -> None:
    alert = await burning(town, drill=True)
    case = await click(town, alert)
    await confirm(town, alert)
    await look(town, case["runs"][0]["id"])
    after = (await town.get(f"/api/alerts/{alert}/plan")).json()
    assert states(after)["tell:119"] == "withheld"
    assert await town.rows("SELECT 1 FROM orders WHERE org = '119'") == []
    assert await town.rows("SELECT 1 FROM outbox WHERE party = '119'") == []
    assert await town.rows("SELECT 1 FROM outbox WHERE NOT drill") == []


async def test_nobody_answers_and_the_next_are_sent_one_after_the_other(town: Desk) -> None:
    case = await click(town, await burning(town))
    number = case["runs"][0]["id"]
    await later(town, number, 121)
    assert await town.rows("SELECT person FROM orders WHERE org = 'BL'") == [{"person": "bl1"}]
    assert await town.rows("SELECT 1 FROM orders WHERE org = 'VOL'") == []
    await town.connection.execute("UPDATE orders SET state = 'acknowledged' WHERE person = 'bl1'")
    await later(town, number, 60)
    shown = (await town.get(f"/api/incidents/{case['incident_id']}/plan")).json()
    assert states(shown)["send:VOL"] == "not_needed"


async def test_whoever_is_sent_is_assigned_goes_arrives_and_is_asked_whether_all_is_well(town: Desk) -> None:
    await click(town, await burning(town))

    async def state() -> Any:
        return (await town.get("/api/people/gw1")).json()["state"]

    assert await state() == "assigned"
    for order, expected in (("acknowledged", "en_route"), ("on_scene", "on_scene")):
        await town.connection.execute("UPDATE orders SET state = %s WHERE person = 'gw1'", (order,))
        assert await state() == expected
    assert await town.rows("SELECT kind FROM timers WHERE subject = 'gw1'") == [{"kind": "check_in"}]
    answered = await town.post("/api/people/gw1/check-in", {}, "grid")
    assert answered.json()["overdue_at"] is None
    await town.connection.execute("UPDATE orders SET state = 'done', done_at = now() WHERE person = 'gw1'")
    assert await state() == "available"
    assert await town.rows("SELECT kind FROM timers WHERE subject = 'gw1'") == []
    moves = [move["to_state"] for move in (await town.get("/api/people/gw1")).json()["log"]]
    assert moves == ["available", "on_scene", "en_route", "assigned"]


async def test_a_step_that_fails_is_on_record_and_keeps_no_other_back(town: Desk) -> None:
    await town.connection.execute("DELETE FROM devices WHERE id IN ('gate', 'cam')")
    case = await click(town, await burning(town))
    failed = {
        step["do"]: step["outcome"]["reason"]
        for step in case["runs"][0]["steps"]
        if step["state"] == "failed"
    }
    assert failed == {
        "camera": "there is no camera near",
        "command": "there is no access_gate within the estate",
    }
    assert states(case)["send:FS"] == "done"


async def test_a_confirmed_fire_releases_the_fire_doors_and_raises_the_barrier(town: Desk) -> None:
    await town.connection.execute(
        "INSERT INTO devices (id, estate, place, profile, name_zh, name_en, online, model, x, y) VALUES"
        " ('door', 'e1', 'e1-b1-u1', 'door_contact', '防火门', 'Fire door', true, 'fire_door', 50, 50),"
        " ('plain', 'e1', 'e1-b1-u1', 'door_contact', '门磁', 'Contact', true, NULL, 50, 50),"
        " ('car', 'e1', 'e1', 'access_gate', '车库道闸', 'Barrier', true, 'barrier', 40, 0)"
    )
    alert = await burning(town)
    case = await click(town, alert)
    before = await town.rows("SELECT device, name FROM device_commands ORDER BY device")
    assert [tuple(row.values()) for row in before] == [("car", "open_door"), ("gate", "open_door")]
    await town.connection.execute("UPDATE alerts SET verdict = 'confirmed', verdict_at = now()")
    async with as_duty(town) as duty:
        await plans.go_on_with(duty, PLATFORM, case["incident_id"])
    after = await town.rows("SELECT device, name FROM device_commands WHERE name <> 'open_door' ORDER BY 1")
    assert [tuple(row.values()) for row in after] == [("car", "raise_barrier"), ("door", "open_fire_door")]


async def test_an_estate_writes_its_own_plan_and_goes_back_to_the_shipped_one(town: Desk) -> None:
    wish = {"source": OWN, "reason": "two teams"}
    assert (
        await town.post("/api/plans", {**wish, "source": OWN.replace("place: e1", "place: EST2")}, "wuye")
    ).status_code == 404
    everywhere = OWN.replace("    place: e1\n", "")
    assert (await town.post("/api/plans", {**wish, "source": everywhere}, "wuye")).status_code == 404
    made = await town.post("/api/plans", wish, "wuye")
    assert made.status_code == 201, made.text
    assert "FIRE-001: GW is not told" in made.json()["warnings"]
    alert = await burning(town)
    choice = (await town.get(f"/api/alerts/{alert}/plan")).json()["choice"]
    assert (choice["plan"]["id"], choice["place"], choice["beaten"][0]) == ("jinyan-fire", "e1", "fire-smoke")
    back = await town.post("/api/plans/jinyan-fire/actions", {"action": "roll_back", "reason": "no"}, "wuye")
    assert back.json() == {"id": "jinyan-fire", "version": 0}
    choice = (await town.get(f"/api/alerts/{alert}/plan")).json()["choice"]
    assert choice["plan"]["id"] == "fire-smoke"


async def test_a_mistake_in_a_plan_is_told_with_its_line(town: Desk) -> None:
    checked = await town.post("/api/plans/validate", {"source": OWN.replace("role: PM", "role: PMX")})
    (fault,) = checked.json()["errors"]
    assert (fault["line"], "did you mean 'PM'" in fault["problem"]) == (7, True)
    refused = await town.post("/api/plans", {"source": "plans: []", "reason": "x"}, "boss")
    assert refused.status_code == 422


async def test_the_case_names_whom_to_send_with_reasons_and_shortfalls(town: Desk) -> None:
    alert = await burning(town)
    advice = (await town.get(f"/api/alerts/{alert}/recommended")).json()
    by_role = {one["role"]: one for one in advice["people"]}
    assert (by_role["FS"]["wanted"], by_role["FS"]["found"], by_role["FS"]["short"]) == (2, 1, 1)
    (pick,) = by_role["GW"]["picks"]
    whys = {reason["why"]: reason for reason in pick["reasons"]}
    assert {"unrostered", "responsible", "distance", "guessed_position"} <= set(whys)
    assert pick["eta_s"] == pytest.approx(sum(reason["adds_s"] for reason in pick["reasons"]), abs=0.2)
    there = {"source": "gps", "x": 52, "y": 50}
    assert (await town.post("/api/people/gw1/position", there, "grid")).status_code == 200
    (pick,) = next(
        one
        for one in (await town.get(f"/api/alerts/{alert}/recommended")).json()["people"]
        if one["role"] == "GW"
    )["picks"]
    assert (pick["position"]["source"], pick["distance_m"]) == ("gps", 2.0)


async def test_running_a_plan_is_for_the_centre_and_inside_ones_places(town: Desk) -> None:
    alert = await burning(town)
    assert (await town.post(f"/api/alerts/{alert}/plan", {}, "wuye")).status_code == 403
    assert (await town.post(f"/api/alerts/{alert}/plan", {}, "zhao")).status_code == 404
