"""Guards, side actions, merging and races of the incident life cycle, on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from console.auth import PLATFORM, Caller
from console.database import Database
from console.incident_actions import act, send_order
from console.permissions import Role
from console.problems import Unfit
from console.wishes import IncidentAction
from rules.incident import State
from rules.incident_guards import GUARDS
from tests.integration.api_desk import Desk, open_desk


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


async def dispatched(desk: Desk, **about: Any) -> int:
    alert = await desk.alert(**about)
    answer = await desk.post(f"/api/alerts/{alert}/actions", {"action": "dispatch", "org": "PM"})
    number: int = answer.json()["incident_id"]
    return number


async def step(desk: Desk, incident: int, action: str, who: str = "wang", **more: Any) -> dict[str, Any]:
    answer = await desk.post(f"/api/incidents/{incident}/actions", {"action": action, **more}, who)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def refused(desk: Desk, incident: int, action: str, who: str = "wang", **more: Any) -> tuple[int, Any]:
    answer = await desk.post(f"/api/incidents/{incident}/actions", {"action": action, **more}, who)
    return answer.status_code, answer.json()


async def handling(desk: Desk, **about: Any) -> int:
    incident = await dispatched(desk, **about)
    await step(desk, incident, "acknowledge", "wuye")
    await step(desk, incident, "arrive", "wuye", x=3.5, y=1)
    await step(desk, incident, "handle", "wuye")
    return incident


def clocks(body: dict[str, Any]) -> dict[str, Any]:
    return {row["clock"]: row for row in body["clocks"]}


async def timers(desk: Desk, incident: int) -> list[str]:
    rows = await desk.rows(
        "SELECT subject FROM timers WHERE kind = 'sla' AND subject LIKE %s ORDER BY 1", f"{incident}/%"
    )
    return [row["subject"] for row in rows]


async def test_what_people_report_becomes_a_case_that_the_centre_must_take(desk: Desk) -> None:
    report = {"place": "EST1-B1", "source": "03", "severity": 2, "kind": "dispute", "title": "楼上噪音"}
    answer = await desk.post(
        "/api/incidents", {**report, "reporter": "陈某", "reporter_phone": "139 0000 0000"}, key="r1"
    )
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert (case["state"], case["source"], case["estate"]) == ("reported", "03", "EST1")
    assert case["case_code"][14:16] == "03"
    assert "reporter" not in case
    assert sorted(clocks(case)) == ["accept", "arrive", "close"]
    assert len(await timers(desk, case["id"])) == 9
    taken = await step(desk, case["id"], "accept")
    assert clocks(taken)["accept"]["met_at"] is not None
    assert not [name for name in await timers(desk, case["id"]) if "/accept/" in name]
    await step(desk, case["id"], "assess", severity=1)
    sent = await step(desk, case["id"], "dispatch", org="GW")
    assert (sent["severity"], sent["lead_org"]) == (1, "GW")
    shown = (await desk.get(f"/api/incidents/{case['id']}")).json()
    assert (shown["reporter"], shown["reporter_phone"]) == ("陈*", "139****0000")
    again = await desk.post(
        "/api/incidents", {**report, "reporter": "陈某", "reporter_phone": "139 0000 0000"}, key="r1"
    )
    assert again.json()["id"] == case["id"]


async def test_who_reported_is_shown_for_a_reason_that_is_on_record(desk: Desk) -> None:
    report = {
        "place": "EST1",
        "source": "09",
        "title": "井盖缺失",
        "reporter": "陈某",
        "reporter_phone": "13900000000",
    }
    number = (await desk.post("/api/incidents", report)).json()["id"]
    path = f"/api/incidents/{number}/reporter"
    assert (await desk.post(path, {"reason": ""}, key=None)).status_code == 422
    assert (await desk.post(path, {"reason": "回访"}, "zhao")).status_code == 404
    assert (await desk.post(path, {"reason": "回访"}, "dev")).status_code == 403
    answer = await desk.reveal(path, "grid", reason="回访核实")
    assert (answer["reporter"], answer["reporter_phone"]) == ("陈某", "13900000000")
    rows = await desk.rows("SELECT actor, detail FROM audit_log WHERE action = 'incident.reporter'")
    assert [(row["actor"], row["detail"]["reason"]) for row in rows] == [("grid", "回访核实")]


async def test_a_report_names_a_place_that_one_sees_and_a_known_source(desk: Desk) -> None:
    report = {"place": "EST2", "source": "02", "title": "井盖缺失"}
    assert (await desk.post("/api/incidents", report, "wuye")).status_code == 422
    assert (await desk.post("/api/incidents", {**report, "place": "510681"})).status_code == 422
    assert (await desk.post("/api/incidents", {**report, "source": "42"})).status_code == 422
    assert (await desk.post("/api/incidents", {**report, "place": "EST1"}, "dev")).status_code == 403


async def test_arrival_needs_a_position_or_a_photo(desk: Desk) -> None:
    incident = await dispatched(desk)
    await step(desk, incident, "acknowledge", "wuye")
    status, problem = await refused(desk, incident, "arrive", "wuye", x=1.0)
    assert (status, problem["errors"][0]["field"]) == (422, "place")
    there = await step(desk, incident, "arrive", "wuye", attachments=["photo-1"])
    assert there["arrived_at"] is not None
    assert clocks(there)["arrive"]["met_at"] is not None
    log = (await desk.get(f"/api/incidents/{incident}")).json()["log"]
    assert log[-1]["detail"] == {"attachments": ["photo-1"]}


async def test_whoever_did_not_sign_does_not_move_the_case_unless_it_is_the_centre(desk: Desk) -> None:
    incident = await dispatched(desk)
    await step(desk, incident, "acknowledge", "wuye")
    status, problem = await refused(desk, incident, "arrive", "grid", x=1.0, y=1.0)
    assert (status, problem["why"]) == (403, "not_yours")
    moves = {m["action"]: m for m in (await desk.get(f"/api/incidents/{incident}", "grid")).json()["moves"]}
    assert moves["arrive"]["why"] == "not_yours"
    assert moves["arrive"]["needs"] == ["where"]
    await step(desk, incident, "arrive", "li", place="EST1")


async def test_more_time_is_granted_by_somebody_else_and_moves_the_clock(desk: Desk) -> None:
    incident = await handling(desk)
    before = clocks((await desk.get(f"/api/incidents/{incident}")).json())["close"]
    assert (await refused(desk, incident, "grant_extension"))[0] == 409
    await step(desk, incident, "ask_extension", "wang", reason="等配件", hours=24)
    assert (await refused(desk, incident, "ask_suspension", "wuye", reason="再等"))[0] == 409
    status, problem = await refused(desk, incident, "grant_extension", "wang")
    assert (status, problem["why"]) == (403, "own_wish")
    granted = await step(desk, incident, "grant_extension", "li")
    assert clocks(granted)["close"]["limit_s"] == before["limit_s"] + 24 * 3600
    assert granted["wish"] is None
    log = (await desk.get(f"/api/incidents/{incident}")).json()["log"]
    assert log[-1]["detail"]["asked"]["by"] == "wang"


async def test_clocks_stand_still_only_while_suspended_and_only_with_approval(desk: Desk) -> None:
    incident = await handling(desk)
    assert "suspend" not in (await desk.get(f"/api/incidents/{incident}")).json()["legal"]
    await step(desk, incident, "ask_suspension", "wuye", reason="等法院")
    still = await step(desk, incident, "suspend", "wang")
    assert (still["state"], still["paused_at"] is not None) == ("suspended", True)
    close = clocks(still)["close"]
    assert (close["running"], close["due_at"]) == (False, None)
    assert close["spent_s"] > 0
    assert await timers(desk, incident) == []
    on = await step(desk, incident, "resume", "wuye")
    assert (on["state"], on["paused_at"]) == ("handling", None)
    assert clocks(on)["close"]["running"]
    assert len(await timers(desk, incident)) == 3


async def test_an_order_that_came_back_twice_is_the_shift_leaders_to_decide(desk: Desk) -> None:
    incident = await dispatched(desk)
    await step(desk, incident, "return_order", "wuye", reason="不属本小区")
    await step(desk, incident, "dispatch", org="PM")
    back = await step(desk, incident, "return_order", "wuye", reason="仍不属")
    assert back["returns"] == 2
    status, problem = await refused(desk, incident, "dispatch", org="GW")
    assert (status, problem["why"]) == (403, "needs_leader")
    await step(desk, incident, "dispatch", "sun", org="GW")


async def test_a_case_can_be_given_to_somebody_else(desk: Desk) -> None:
    incident = await handling(desk)
    moved = await step(desk, incident, "reassign", reason="人手不足", org="FS")
    assert (moved["state"], moved["lead_org"], moved["assignee"]) == ("dispatched", "FS", None)
    assert clocks(moved)["sign"]["seq"] == 2
    orders = (await desk.get(f"/api/incidents/{incident}")).json()["orders"]
    assert [(order["org"], order["state"]) for order in orders] == [("PM", "recalled"), ("FS", "sent")]


async def test_side_actions_leave_the_state_and_stand_on_the_record(desk: Desk) -> None:
    incident = await dispatched(desk)
    await step(desk, incident, "urge")
    assert (await refused(desk, incident, "supervise", reason="超时"))[1]["why"] == "needs_leader"
    watched = await step(desk, incident, "supervise", "sun", reason="超时")
    assert watched["supervised_at"] is not None
    assert (await step(desk, incident, "escalate", reason="需街道协调"))["ladder"] == 1
    assert (await step(desk, incident, "transfer_up", reason="超出权限"))["ladder"] == 2
    await step(desk, incident, "whistle", reason="请城管到场", org="urban_mgmt")
    await step(desk, incident, "note", "wuye", reason="已电话联系住户")
    detail = (await desk.get(f"/api/incidents/{incident}")).json()
    assert detail["state"] == "dispatched"
    assert [row["action"] for row in detail["log"][-6:]] == [
        "urge",
        "supervise",
        "escalate",
        "transfer_up",
        "whistle",
        "note",
    ]
    assert [(o["org"], o["role"]) for o in detail["orders"]] == [("PM", "lead"), ("urban_mgmt", "assist")]


async def test_merging_moves_the_alerts_to_the_case_that_goes_on(desk: Desk) -> None:
    first, second = await dispatched(desk), await handling(desk, code="FIRE-002")
    assert (await refused(desk, second, "merge", reason="同一起"))[1]["errors"][0]["field"] == "other"
    for other in (second, 999, "x"):
        assert (await refused(desk, second, "merge", reason="同一起", other=other))[0] == 422
    gone = await step(desk, second, "merge", reason="同一起火情", other=first)
    assert (gone["state"], gone["merged_into"], gone["outcome"]) == ("merged", first, "duplicate")
    assert gone["closed_at"] is not None
    kept = (await desk.get(f"/api/incidents/{first}")).json()
    assert len(kept["alerts"]) == 2
    assert all(alert["ended_at"] is None for alert in kept["alerts"])
    assert kept["log"][-1]["action"] == "merged_in"
    assert await timers(desk, second) == []
    assert (await refused(desk, first, "merge", reason="反过来", other=second))[0] == 422


async def test_the_legal_grade_is_a_persons_word_with_that_permission(desk: Desk) -> None:
    incident = await dispatched(desk)
    status, problem = await refused(desk, incident, "grade", reason="会商", grade="serious")
    assert (status, problem["why"]) == (403, "needs_grader")
    assert (await desk.get(f"/api/incidents/{incident}")).json()["legal_grade"] is None
    graded = await step(desk, incident, "grade", "sun", reason="县应急委会商", grade="serious")
    assert graded["legal_grade"] == "serious"


async def test_the_platform_itself_takes_no_step_that_is_a_persons(desk: Desk, database: str) -> None:
    incident = await dispatched(desk)
    assert {a for a, guard in GUARDS.items() if guard.person} >= {
        "grade",
        "close",
        "verify",
        "suspend",
        "reject",
    }
    async with Database.open(database, size=1) as console:
        wish = IncidentAction.model_validate({"action": "grade", "reason": "自动", "grade": "major"})
        with pytest.raises(Unfit, match="never the platform"):
            await console.write(lambda connection: act(connection, PLATFORM, incident, wish))
        order = await console.write(
            lambda connection: send_order(connection, PLATFORM, incident, org="GW", person="p-1", note="协助")
        )
    detail = (await desk.get(f"/api/incidents/{incident}")).json()
    assert detail["legal_grade"] is None
    assert detail["log"][-1]["actor"] == "duty"
    await step(desk, incident, "acknowledge", "grid", order=order)
    await step(desk, incident, "arrive", "grid", order=order, x=1.0, y=2.0)
    assert (await refused(desk, incident, "report_back", "grid", order=order))[0] == 422
    assert (await refused(desk, incident, "acknowledge", "grid", order=order))[0] == 409
    shown = await step(desk, incident, "report_back", "grid", order=order, reason="已疏散")
    assert shown["state"] == "dispatched"
    orders = (await desk.get(f"/api/incidents/{incident}")).json()["orders"]
    assert orders[-1] | {"state": "done", "accepted_by": "grid", "person": "p-1"} == orders[-1]
    assert (await refused(desk, incident, "acknowledge", order=12345))[0] == 404


async def test_of_two_operators_at_once_one_wins_and_the_other_is_told(desk: Desk, database: str) -> None:
    incident = await dispatched(desk)
    people = [
        Caller(name=name, display_name=name, role=Role.OPERATOR, scope=None)
        for name in ("wang", "li", "zhao")
    ]

    async def sign(console: Database, caller: Caller) -> str:
        wish = IncidentAction(action="acknowledge")
        try:
            await console.write(lambda connection: act(connection, caller, incident, wish))
        except Exception as exc:  # noqa: BLE001 - what it was is compared below
            return f"{type(exc).__name__}: {exc}"
        return "won"

    async with Database.open(database, size=3) as console:
        answers = await asyncio.gather(*(sign(console, person) for person in people))
    assert max(answers) == "won"
    assert [answer.split(":")[0] for answer in sorted(answers)[:2]] == ["Beaten", "Beaten"]
    assert all(
        "legal now" in answer and "possible in: dispatched" in answer for answer in sorted(answers)[:2]
    )
    log = (await desk.get(f"/api/incidents/{incident}")).json()["log"]
    assert [row["seq"] for row in log] == list(range(1, len(log) + 1))
    assert [row["action"] for row in log].count("acknowledge") == 1


async def test_two_merges_into_each_other_end_with_one_case_open(desk: Desk, database: str) -> None:
    first, second = await dispatched(desk), await dispatched(desk, code="FIRE-002")
    answers = await asyncio.gather(
        desk.post(f"/api/incidents/{first}/actions", {"action": "merge", "reason": "同", "other": second}),
        desk.post(
            f"/api/incidents/{second}/actions", {"action": "merge", "reason": "同", "other": first}, "li"
        ),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    rows = await desk.rows("SELECT state, count(*) AS n FROM incidents GROUP BY 1 ORDER BY 1")
    assert [(row["state"], row["n"]) for row in rows] == [(State.DISPATCHED, 1), (State.MERGED, 1)]


async def test_nobody_changes_the_record(desk: Desk) -> None:
    await dispatched(desk)
    chunks = await desk.rows(
        "SELECT chunk_schema, chunk_name FROM timescaledb_information.chunks"
        " WHERE hypertable_name = 'incident_log'"
    )
    tables = [("public", "incident_log"), *((row["chunk_schema"], row["chunk_name"]) for row in chunks)]
    for table in tables:
        for statement in ("UPDATE {} SET reason = 'x'", "DELETE FROM {}"):
            query = sql.SQL(statement).format(sql.Identifier(*table))
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                await desk.connection.execute(query)
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        await desk.connection.execute("TRUNCATE incident_log")
    assert (await desk.rows("SELECT count(*) AS n FROM incident_log"))[0]["n"] == 4
