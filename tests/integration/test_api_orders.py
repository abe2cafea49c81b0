"""Orders on the phone: whose they are, moves that happen once, moves that came too late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.auth import PLATFORM
from console.field_schemas import FieldOrder, MoveAnswer
from console.incident_actions import send_order
from ingest.clock import system_clock
from tests.integration.api_desk import Desk
from tests.integration.field_desk import mine, move, open_field, sent
from tests.integration.test_api_attachments import photo, send
from tests.parts import REACHABLE

LEAD = ("acknowledge", "arrive", "handle", "report_back")


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_field(database, tmp_path) as desk:
        yield desk


async def record(desk: Desk, incident: int) -> list[dict[str, Any]]:
    log: list[dict[str, Any]] = (await desk.get(f"/api/incidents/{incident}")).json()["log"]
    assert [row["seq"] for row in log] == list(range(1, len(log) + 1))
    return log


async def test_an_order_goes_to_the_organisation_of_the_place_until_one_signs(desk: Desk) -> None:
    incident, order = await sent(desk)
    [shown] = await mine(desk)
    FieldOrder.model_validate(shown)
    assert (shown["id"], shown["incident_id"], shown["org"]) == (order, incident, "GW")
    assert shown["legal"] == ["acknowledge", "return_order", "ask_help", "note"]
    assert (shown["lat"], shown["lon"]) == (pytest.approx(30.981), pytest.approx(104.28104779))
    assert len(await mine(desk, "chen")) == 1
    assert await mine(desk, "far") == []
    assert await mine(desk, "fire") == []
    assert await mine(desk, "dev") == []
    assert (await move(desk, order, "acknowledge", "key-00001")).json()["outcome"] == "done"
    assert await mine(desk, "chen") == []
    assert [row["state"] for row in await mine(desk)] == ["acknowledged"]


async def test_an_order_to_one_person_is_that_person_s_only(desk: Desk) -> None:
    incident, _ = await sent(desk, "PM")
    await send_order(desk.connection, PLATFORM, incident, org="GW", person="p-chen")
    assert await mine(desk) == []
    [shown] = await mine(desk, "chen")
    assert (shown["role"], shown["named"]) == ("assist", True)


async def test_somebody_from_next_door_does_an_order_and_reads_nothing_else_of_the_case(desk: Desk) -> None:
    incident, _ = await sent(desk, "PM")
    number = await send_order(desk.connection, PLATFORM, incident, org="GW", person="p-far")
    [shown] = await mine(desk, "far")
    assert (shown["id"], shown["case_code"][:6], shown["named"]) == (number, "510681", True)
    for action, key in (("acknowledge", "far-0001"), ("arrive", "far-0002")):
        answer = await move(desk, number, action, key, who="far", position={"lat": 30.98, "lon": 104.28})
        assert answer.json()["outcome"] == "done", answer.text
    assert (await desk.get(f"/api/incidents/{incident}", "far")).status_code in {403, 404}
    assert (await desk.get("/api/people/p-far")).json()["state"] == "on_scene"
    assert await desk.rows("SELECT subject, source, lat FROM personal.positions") == [
        {"subject": "person:p-far", "source": "gps", "lat": 30.98}
    ]


async def test_a_whole_order_with_times_position_and_photo(desk: Desk) -> None:
    incident, order = await sent(desk)
    await desk.connection.execute("UPDATE incidents SET opened_at = opened_at - INTERVAL '1 hour'")
    begin = system_clock() - timedelta(minutes=10)
    picture = (await send(desk, incident, photo(), order=order)).json()["id"]
    for step, action in enumerate(LEAD):
        more: dict[str, Any] = {"at": (begin + timedelta(minutes=step)).isoformat()}
        if action == "arrive":
            more["position"] = {"lat": 30.9801, "lon": 104.2802, "accuracy_m": 12}
        if action == "report_back":
            more |= {"text": "厨房油烟，已通风", "attachments": [picture]}
        answer = MoveAnswer.model_validate(
            (await move(desk, order, action, f"whole-{step:04d}", **more)).json()
        )
        assert (answer.outcome, answer.flags) == ("done", [])
    rows = {row["action"]: row for row in await record(desk, incident)}
    arrived = rows["arrive"]["detail"]
    assert (arrived["lat"], arrived["lon"], arrived["accuracy_m"]) == (30.9801, 104.2802, 12)
    assert (arrived["order"], arrived["key"]) == (order, "whole-0001")
    assert rows["report_back"]["detail"]["attachments"] == [picture]
    assert rows["report_back"]["reason"] == "厨房油烟，已通风"
    told = datetime.fromisoformat(rows["arrive"]["detail"]["acted_at"])
    assert told == begin + timedelta(minutes=1)
    assert datetime.fromisoformat(rows["arrive"]["at"]) - told > timedelta(minutes=8)
    [done] = await mine(desk, state="over")
    assert datetime.fromisoformat(done["arrived_at"]) == told
    assert done["state"] == "done"
    assert await mine(desk) == []


async def test_the_same_move_again_changes_nothing(desk: Desk) -> None:
    incident, order = await sent(desk)
    answers = await asyncio.gather(*(move(desk, order, "acknowledge", "same-key-1") for _ in range(5)))
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert [row["action"] for row in await record(desk, incident)].count("acknowledge") == 1
    other = await move(desk, order, "return_order", "same-key-1", text="不是我")
    assert other.json()["errors"][0]["field"] == "key"


async def test_a_move_that_came_too_late_is_answered_and_kept(desk: Desk) -> None:
    incident, order = await sent(desk)
    await move(desk, order, "acknowledge", "chen-0001", who="chen")
    late = (await move(desk, order, "acknowledge", "late-0001", text="我去")).json()
    MoveAnswer.model_validate(late)
    assert (late["outcome"], late["order"]) == ("kept", None)
    assert late["last"]["actor"] == "chen"
    note = (await record(desk, incident))[-1]
    assert (note["action"], note["actor"], note["reason"]) == ("kept_note", "grid", "我去")
    assert note["detail"]["wanted"] == "acknowledge"
    assert note["from_state"] == note["to_state"] == "acknowledged"
    assert (await move(desk, order, "acknowledge", "late-0001", text="我去")).json() == late


async def test_a_case_that_was_closed_meanwhile_keeps_the_report(desk: Desk) -> None:
    incident, order = await sent(desk)
    await desk.rows(
        "UPDATE incidents SET state = 'closed', closed_at = now() WHERE id = %s RETURNING 1", incident
    )
    late = (await move(desk, order, "report_back", "late-0002", text="已处理")).json()
    assert late["outcome"] == "kept"
    assert (await record(desk, incident))[-1]["reason"] == "已处理"


async def test_an_order_that_was_handed_back_is_nobody_s_to_move(desk: Desk) -> None:
    incident, order = await sent(desk)
    assert (await move(desk, order, "return_order", "back-0001")).status_code == 422
    assert (await move(desk, order, "return_order", "back-0002", text="不在本网格")).json()[
        "outcome"
    ] == "done"
    await desk.post(f"/api/incidents/{incident}/actions", {"action": "dispatch", "org": "GW"})
    assert (await move(desk, order, "acknowledge", "back-0003")).json()["outcome"] == "kept"
    [new] = await mine(desk)
    assert new["id"] != order


async def test_times_that_cannot_be_true_are_flagged_and_both_are_kept(desk: Desk) -> None:
    _, order = await sent(desk)
    wrong = datetime(2020, 1, 1, tzinfo=UTC).isoformat()
    answer = (await move(desk, order, "acknowledge", "odd-00001", at=wrong)).json()
    assert (answer["flags"], answer["acted_at"][:4]) == (["too_old"], answer["received_at"][:4])
    [kept] = await desk.rows("SELECT claimed_at, flags FROM order_moves")
    assert (kept["flags"], kept["claimed_at"].isoformat()) == (["too_old"], wrong)
    future = (system_clock() + timedelta(hours=1)).isoformat()
    assert (await move(desk, order, "arrive", "odd-00002", at=future)).json()["flags"] == ["clock_ahead"]


async def test_asking_for_help_whistles_for_the_grid_and_the_leader_and_leaves_the_state(desk: Desk) -> None:
    incident, order = await sent(desk)
    await desk.connection.execute(
        "INSERT INTO people (id, name, roles, place) VALUES"
        " ('p-sl', '值班长', '{SL}', '510681'),"
        " ('p-gw', '网格员', '{GW}', 'EST1'),"
        " ('p-off', '夜班', '{GW}', 'EST1');"
        "INSERT INTO leaves (person, starts, ends, kind, created_by)"
        " SELECT id, now() - INTERVAL '1 hour', now() + INTERVAL '1 hour', 'leave', 'wang' FROM people"
        " WHERE roles @> '{GW}' AND id NOT IN ('p-grid', 'p-gw')"
    )
    await desk.connection.execute(REACHABLE)
    assert (await move(desk, order, "ask_help", "help-0001")).status_code == 422
    for _ in range(2):  # the same key again: nobody is called twice
        answer = (await move(desk, order, "ask_help", "help-0002", text="需要破门")).json()
        assert (answer["outcome"], answer["told"]) == ("done", ["网格员", "值班长"])
    asked, whistled = (await record(desk, incident))[-2:]
    assert (asked["action"], asked["reason"], asked["to_state"]) == ("ask_help", "需要破门", "dispatched")
    assert (whistled["action"], whistled["actor"]) == ("whistle", "duty")
    assert whistled["detail"]["told"] == ["p-gw", "p-sl"]
    letters = await desk.rows("SELECT person, channel, severity, body->>'template' AS t FROM outbox")
    assert {(row["person"], row["channel"]) for row in letters} == {
        (person, channel) for person in ("p-gw", "p-sl") for channel in ("sms", "voice")
    }
    assert {(row["severity"], row["t"]) for row in letters} == {(1, "help")}
    assert (await desk.rows("SELECT kind FROM feed ORDER BY seq DESC LIMIT 1"))[0]["kind"] == "incident"


async def test_an_assisting_order_moves_by_itself(desk: Desk) -> None:
    incident, _ = await sent(desk, "PM")
    order = await send_order(desk.connection, PLATFORM, incident, org="FS")
    for number, action in enumerate(("acknowledge", "arrive", "report_back")):
        more = {"text": "已灭"} if action == "report_back" else {}
        answer = await move(desk, order, action, f"fire-{number:04d}", who="fire", **more)
        assert answer.json()["outcome"] == "done", answer.text
    log = await record(desk, incident)
    assert [row["action"] for row in log[-3:]] == [
        "assist_acknowledge",
        "assist_arrive",
        "assist_report_back",
    ]
    assert {row["to_state"] for row in log[-3:]} == {"dispatched"}
    [done] = await mine(desk, "fire", state="over")
    assert done["state"] == "done"
    assert (await move(desk, order, "arrive", "fire-0009", who="fire")).json()["outcome"] == "kept"


async def test_orders_of_others_do_not_exist(desk: Desk) -> None:
    incident, order = await sent(desk)
    assert (await move(desk, order, "acknowledge", "nope-0001", who="far")).status_code == 404
    assert (await move(desk, order, "acknowledge", "nope-0001", who="fire")).status_code == 404
    assert (await move(desk, order, "explode", "nope-0001")).status_code == 422
    assert (await send(desk, incident, photo(), who="fire")).status_code == 404
    assert (await move(desk, order, "note", "nope-0002", text="x", attachments=[99])).status_code == 422


async def test_where_somebody_arrived_is_what_the_next_recommendation_knows_of_them(desk: Desk) -> None:
    incident, order = await sent(desk)
    for action, key in (("acknowledge", "seen-001"), ("arrive", "seen-002")):
        assert (await move(desk, order, action, key, who="grid")).json()["outcome"] == "done"
    assert await desk.rows(
        "SELECT source, place FROM personal.positions WHERE subject = 'person:p-grid'"
    ) == [{"source": "reported", "place": "EST1-B1"}]
    await desk.connection.execute("UPDATE personal.positions SET at = now() - INTERVAL '7 minutes'")
    advised = (await desk.get(f"/api/incidents/{incident}/recommended")).json()["people"]
    (person,) = [
        one for want in advised for one in want["picks"] + want["others"] if one["person"] == "p-grid"
    ]
    assert person["position"]["source"] == "reported"
    assert person["position"]["age_s"] == pytest.approx(420, abs=30)
