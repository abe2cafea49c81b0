"""Whom duty tells: the roster decides, the reason is on record, and no letter names the flat."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from console.database import Database
from console.duty.__main__ import now_of
from console.pace import Pace
from console.settings import PaceSettings
from rules.texts import shipped
from tests.integration.api_desk import open_desk
from tests.integration.test_duty import PEOPLE, Duty, orders
from tests.parts import REACHABLE, as_part

POSTS = """
INSERT INTO people (id, name, roles, place) VALUES
    ('p-co2', '社区二', '{COMMUNITY}', 'EST1');
INSERT INTO posts (code, name_zh, name_en, role, place) VALUES
    ('co', '社区值班', 'Community desk', 'COMMUNITY', '510681'), ('sl', '值班长', 'Leader', 'SL', '510681');
"""
SHIFT = """
INSERT INTO rosters (post, person, starts, ends, kind, created_by)
VALUES (%s, %s, now() - INTERVAL '1 hour', now() + INTERVAL '5 hours', %s, 'wang')
"""
LEAVE = """
INSERT INTO leaves (person, starts, ends, kind, stand_in, created_by)
VALUES (%s, now() - INTERVAL '1 hour', now() + INTERVAL '5 hours', 'leave', %s, 'wang')
"""
YESTERDAY = """
INSERT INTO rosters (post, person, starts, ends, created_by)
VALUES (%s, %s, now() - INTERVAL '30 hours', now() - INTERVAL '20 hours', 'wang')
"""


@pytest.fixture
async def duty(database: str) -> AsyncIterator[Duty]:
    async with open_desk(database) as desk, Database.open(as_part(database, "duty"), size=2) as own:
        for statement in (PEOPLE, POSTS, REACHABLE):
            await desk.connection.execute(statement)
        yield Duty(desk, own, await now_of(own))


async def told(duty: Duty, number: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Whom the last page reached, and why; the letters say the same."""
    row = next(r for r in reversed((await duty.alert(number))["log"]) if "told" in r["detail"])
    rows = await duty.desk.rows("SELECT DISTINCT person FROM outbox WHERE state = 'queued' ORDER BY person")
    assert {r["person"] for r in rows} == set(row["detail"]["told"])
    return row["detail"]["told"], [(one["role"], one["why"]) for one in row["detail"]["called"]]


async def test_only_those_on_duty_are_paged_and_the_reason_is_on_record(duty: Duty) -> None:
    await duty.desk.connection.execute(SHIFT, ["co", "p-co2", "duty"])
    await duty.desk.connection.execute(YESTERDAY, ["co", "p-co"])
    await duty.desk.connection.execute(YESTERDAY, ["sl", "p-sl"])
    number, at = await duty.raise_alert(severity=2, code="DEV-003")
    await duty.at(at + 301)
    assert await told(duty, number) == (["p-co2"], [("COMMUNITY", "on_duty"), ("SL", "nobody_on_duty")])


async def test_without_anybody_on_duty_the_post_on_call_is_paged(duty: Duty) -> None:
    await duty.desk.connection.execute(SHIFT, ["co", "p-co", "on_call"])
    await duty.desk.connection.execute(YESTERDAY, ["sl", "p-sl"])
    number, at = await duty.raise_alert(severity=2, code="DEV-003")
    await duty.at(at + 301)
    assert await told(duty, number) == (["p-co"], [("COMMUNITY", "on_call"), ("SL", "nobody_on_duty")])


async def test_nobody_at_all_climbs_to_the_next_rung_and_ends_with_whoever_is_there(duty: Duty) -> None:
    for post, person in (("co", "p-co"), ("co", "p-co2"), ("sl", "p-sl")):
        await duty.desk.connection.execute(YESTERDAY, [post, person])
    number, at = await duty.raise_alert(severity=2, code="DEV-003")
    await duty.at(at + 301)
    people, why = await told(duty, number)
    assert people == ["p-sl"]  # off duty: better woken than a page that reaches nobody
    assert why == [("COMMUNITY", "nobody_on_duty"), ("SL", "nobody_on_duty"), ("SL", "last_resort")]
    rows = await duty.desk.rows("SELECT body FROM outbox")
    assert rows[0]["body"]["any_hours"] is True


async def test_whoever_stands_in_is_paged_instead_of_the_one_on_leave(duty: Duty) -> None:
    await duty.desk.connection.execute(SHIFT, ["co", "p-co", "duty"])
    await duty.desk.connection.execute(YESTERDAY, ["sl", "p-sl"])
    await duty.desk.connection.execute(LEAVE, ["p-co", "p-co2"])
    number, at = await duty.raise_alert(severity=2, code="DEV-003")
    await duty.at(at + 301)
    assert (await told(duty, number))[0] == ["p-co2"]


async def test_letters_of_duty_and_plans_name_no_flat_and_speak_both_languages(duty: Duty) -> None:
    await duty.desk.connection.execute(
        "UPDATE places SET name_zh = '张三家 1201 室', name_en = 'Flat 1201' WHERE code = 'EST1-B1'"
    )
    number, at = await duty.raise_alert()  # a fire: dispatched by itself, forwarded to 119 after a minute
    await duty.at(at + 31)
    await duty.at(at + 61)
    await duty.raise_alert(code="CARE-001", severity=2, device=None)
    await duty.at(at + 65)
    rows = await duty.desk.rows("SELECT party, body FROM outbox ORDER BY id")
    assert {"119", "FAM", "GW"} <= {row["party"] for row in rows}
    for row in rows:
        text = json.dumps(row["body"], ensure_ascii=False)
        assert "1201" not in text  # the sender adds the address, and only to `outside`
        assert (row["body"]["template"] == "outside") == (row["party"] in {"119", "120"})
        note = row["body"]["values"]["note"]
        assert note["zh"]
        assert note["en"]
    assert (await duty.alert(number))["verdict"] == "assumed"


async def test_a_case_that_a_person_confirms_is_theirs_on_every_record(duty: Duty) -> None:
    number, at = await duty.raise_alert()
    await duty.at(at + 1)
    answer = await duty.desk.post(f"/api/alerts/{number}/verdict", {"verdict": "confirmed"})
    assert answer.status_code == 200
    alert = await duty.alert(number)
    assert {row["actor"] for row in alert["log"]} == {"wang"}
    assert alert["incident"]["opened_by"] == "wang"
    rows = await duty.desk.rows("SELECT DISTINCT actor FROM incident_log")
    assert [row["actor"] for row in rows] == ["wang"]
    assert "119" in orders(alert["incident"])


async def test_the_waits_are_settings_and_a_drill_squeezes_each_of_them(duty: Duty) -> None:
    wish = {"duty_speed": 60, "care_grid_minutes": 5, "care_outside_minutes": 8, "ack_minutes": "1,2,3,4"}
    fast = Pace.of(PaceSettings.model_validate(wish | {"check_in_minutes": 10}))
    assert [step.after.total_seconds() for step in fast.care] == [0, 5, 8]
    assert [fast.lapse(severity).total_seconds() for severity in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert fast.check_in.total_seconds() == 10
    for wrong in ({"ack_minutes": "1,2"}, {"care_grid_minutes": 40}):
        with pytest.raises(ValueError, match=r"ack_minutes|care_outside_minutes"):
            PaceSettings.model_validate(wrong)


async def test_the_first_check_in_of_somebody_alone_follows_the_setting(duty: Duty) -> None:
    connection = duty.desk.connection
    await connection.execute("SELECT set_config('shequ.check_in_s', '60', false)")
    await connection.execute("SELECT responder_moves('p-gw', 'on_scene', NULL, 'wang')")
    rows = await duty.desk.rows(
        "SELECT extract(epoch FROM due_at - now()) AS s FROM timers WHERE kind = 'check_in'"
    )
    assert 50 < rows[0]["s"] <= 60


async def test_the_family_gets_its_link_when_duty_dispatches_a_call_for_help(duty: Duty) -> None:
    await duty.desk.connection.execute(
        "INSERT INTO personal.cared (person, estate, place) VALUES ('P-1', 'EST1', 'EST1-B1');"
        "UPDATE people SET cares_for = 'P-1' WHERE id = 'p-fam'"
    )
    _, at = await duty.raise_alert(code="SOS-001", device=None)
    await duty.at(at + 31)
    rows = await duty.desk.rows("SELECT person, body FROM outbox WHERE key LIKE 'family-%'")
    assert [row["person"] for row in rows] == ["p-fam"]
    assert "/family#" in rows[0]["body"]["text"]


async def test_limits_follow_a_rule_that_was_changed_in_the_rulebook(duty: Duty) -> None:
    text = next(one for one in shipped() if one.rule.code == "DEV-003")
    accept = text.rule.sla.accept
    assert accept == timedelta(minutes=5)
    changed = text.source.replace("accept: 5m", "accept: 2m")
    assert changed != text.source
    await duty.desk.connection.execute("INSERT INTO rules (id, code) VALUES (%s, 'DEV-003')", [text.rule.id])
    await duty.desk.connection.execute(
        "INSERT INTO rule_versions (rule, version, source, origin, state, author, reason, live_at)"
        " VALUES (%s, 1, %s, 'local', 'live', 'wang', 'faster', now())",
        [text.rule.id, changed],
    )
    number, at = await duty.raise_alert(severity=2, code="DEV-003")
    await duty.at(at + 119)
    await duty.at(at + 121)  # late after two minutes, not after five
    assert "escalate" in [row["action"] for row in (await duty.alert(number))["log"]]
    body = await duty.desk.post(f"/api/alerts/{number}/actions", {"action": "dispatch", "org": "PM"})
    assert body.status_code == 200
    clocks = {clock["clock"]: clock for clock in (await duty.alert(number))["incident"]["clocks"]}
    assert clocks["accept"]["limit_s"] == clocks["sign"]["limit_s"] == 120
