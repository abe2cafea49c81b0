"""What needs a property manager today: each kind is found, in order, and nothing of other places."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from console.api.today import KINDS
from tests.integration.api_desk import Desk, open_desk
from tests.parts import REACHABLE

# one of each kind in EST1, and the same again in EST2, which the property of EST1 must never see
WORK = """
UPDATE devices SET online = true;
INSERT INTO devices (id, estate, place, profile, name_zh, name_en, online)
VALUES ('t1', 'EST1', 'EST1', 'smoke', '烟感', 'Smoke', false),
    ('t2', 'EST2', 'EST2', 'smoke', '别家', 'Elsewhere', false);
INSERT INTO devices (id, estate, place, profile, name_zh, name_en, online, maintenance_due) VALUES
    ('due-1', 'EST1', 'EST1', 'smoke_sensor', '到期', 'Due', true, current_date + 7),
    ('due-2', 'EST1', 'EST1', 'smoke', '未到期', 'Later', true, current_date + 8),
    ('due-3', 'EST2', 'EST2', 'smoke', '别家', 'Elsewhere', true, current_date);
INSERT INTO device_status (at, device, online, source)
SELECT now() - INTERVAL '2 hours', d, false, 'availability' FROM unnest(ARRAY['t1', 't2']) d;
INSERT INTO events (device, id, at, estate, type, data, received_at)
SELECT d.id, 'b' || n, now() - n * INTERVAL '1 hour', d.estate, 'state',
    jsonb_build_object('battery', n * 10), now()
FROM devices d, generate_series(1, 9) n WHERE d.id IN ('t1', 't2');
INSERT INTO hushes (kind, scope, author, reason, ends_at)
VALUES ('test', 't1', 'w', '试', now() + INTERVAL '3 days'),
    ('silence', 'EST1', 'w', '修', now() + INTERVAL '1 hour'),
    ('silence', 'EST1', 'w', 'not yet', now() + INTERVAL '3 days'),
    ('drill', 'EST2', 'w', 'x', now() + INTERVAL '1 hour'),
    ('silence', 't2', 'w', 'x', now() + INTERVAL '1 hour');
INSERT INTO repair_orders (estate, place, device, rule, kind, facts, moved_by)
SELECT estate, place, id, 'FIRE-001', 'clean', '{"false_alarms": 3, "days": 30}', 'platform'
FROM devices WHERE id IN ('t1', 't2');
INSERT INTO enrolments (kind, device, estate) VALUES ('knock', 'new-1', 'EST1'), ('knock', 'new-2', 'EST2');
INSERT INTO people (id, name, roles, place) VALUES ('q1', '张', '{PM}', 'EST1'), ('q2', '王', '{PM}', 'EST2');
INSERT INTO people (id, name, roles, place) VALUES ('q3', '李', '{PM}', 'EST1');
INSERT INTO personal.fields (subject, field, sealed, shown, key)
VALUES ('person:q3', 'phone', '', '138****0000', '');
INSERT INTO incidents (case_code, state, severity, code, estate, place, opened_by)
VALUES ('C-1', 'dispatched', 2, 'x', 'EST1', 'EST1', 'w'), ('C-2', 'dispatched', 2, 'x', 'EST2', 'EST2', 'w');
INSERT INTO orders (incident_id, org, sent_by) SELECT id, 'PM', 'w' FROM incidents;
INSERT INTO orders (incident_id, org, sent_by) SELECT id, 'FS', 'w' FROM incidents;
INSERT INTO rollouts (name, state, reason, stages, max_failed, stage_wait_s, data, created_by)
VALUES ('一', 'stopped', 'too many failed', '{100}', 1, 60, '{}', 'w'),
    ('二', 'stopped', 'x', '{100}', 1, 60, '{}', 'w');
INSERT INTO rollout_devices (rollout, device, stage)
SELECT id, CASE name WHEN '一' THEN 't1' ELSE 't2' END, 0 FROM rollouts;
"""


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        await desk.connection.execute(WORK)
        yield desk


async def kinds(desk: Desk) -> dict[str, Any]:
    answer = await desk.get("/api/today", "wuye")
    assert answer.status_code == 200, answer.text
    return {one["kind"]: one for one in answer.json()["kinds"]}


async def test_each_kind_is_found_once_in_ones_own_places_most_urgent_first(desk: Desk) -> None:
    found = await kinds(desk)
    assert list(found) == list(KINDS)
    assert {kind: one["total"] for kind, one in found.items()} == dict.fromkeys(KINDS, 1)
    about = {kind: one["items"][0] for kind, one in found.items()}
    assert {kind: about[kind]["subject"] for kind in ("offline", "battery", "maintenance", "contact")} == {
        "offline": "t1",
        "battery": "t1",
        "maintenance": "due-1",
        "contact": "q1",
    }
    assert about["battery"]["detail"] == "10"  # the newest report, not the lowest nor the highest
    assert about["enrolment"]["name_zh"] == "new-1"
    assert (about["test_mode"]["detail"], about["quiet"]["detail"]) == ("试", "修")


async def test_a_case_stands_once_with_what_it_is_about_the_gravest_first(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO incidents (case_code, state, severity, code, estate, place, opened_by)"
        " VALUES ('C-3', 'dispatched', 1, 'FIRE-001', 'EST1', 'EST1', 'w');"
        "INSERT INTO orders (incident_id, org, sent_by, state)"
        " SELECT id, 'PM', 'w', s FROM incidents, unnest('{on_scene,acknowledged,done}'::text[]) s"
        " WHERE case_code = 'C-3'"
    )
    cases = (await kinds(desk))["order"]
    assert [(one["incident"], one["detail"]) for one in cases["items"]] == [
        ({"case_code": "C-3", "code": "FIRE-001", "severity": 1}, "acknowledged"),
        ({"case_code": "C-1", "code": "x", "severity": 2}, "sent"),
    ]
    assert cases["total"] == 2


async def test_what_is_mended_is_gone(desk: Desk) -> None:
    await desk.connection.execute(REACHABLE)
    await desk.connection.execute(
        "UPDATE devices SET online = true;"
        "UPDATE hushes SET ended_at = now(); UPDATE rollouts SET state = 'cancelled';"
        "UPDATE orders SET state = 'done'; UPDATE enrolments SET state = 'rejected';"
        "UPDATE repair_orders SET state = 'done', closed_at = now();"
        "UPDATE devices SET lifecycle = 'maintenance' WHERE id = 't1';"
        "UPDATE devices SET maintenance_due = NULL"
    )
    assert await kinds(desk) == {}


async def test_a_long_list_is_cut_and_says_how_long_it_is(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO people (id, name, roles, place)"
        " SELECT 'm' || n, '某', '{PM}', 'EST1' FROM generate_series(1, 30) n"
    )
    contacts = (await kinds(desk))["contact"]
    assert (contacts["total"], len(contacts["items"])) == (31, 20)


async def test_each_family_has_its_own_charge_at_which_its_battery_is_changed(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO devices (id, estate, place, profile, name_zh, name_en, online)"
        " SELECT f, 'EST1', 'EST1', f, f, f, true FROM unnest('{meter,sos_button,camera}'::text[]) f;"
        "INSERT INTO events (device, id, at, estate, type, data, received_at)"
        " SELECT f, 'b', now(), 'EST1', 'state', jsonb_build_object('battery', 25), now()"
        " FROM unnest('{meter,sos_button,camera}'::text[]) f"
    )
    assert [one["subject"] for one in (await kinds(desk))["battery"]["items"]] == ["t1", "sos_button"]
    rows = (await desk.get("/api/devices/health", "wuye")).json()["items"]
    low = {row["id"]: row["battery"]["low"] for row in rows if row["battery"]}
    assert low == {"t1": True, "sos_button": True, "meter": False, "camera": False}


async def test_a_record_of_maintenance_says_when_it_is_due_next(desk: Desk) -> None:
    record = {"kind": "maintenance", "by": "张", "note": "擦洗", "maintenance_due": "2099-01-01"}
    made = await desk.post("/api/devices/due-1/records", record, "wuye")
    assert made.status_code == 201, made.text
    assert (await desk.get("/api/devices/due-1", "wuye")).json()["maintenance_due"] == "2099-01-01"
    assert "maintenance" not in await kinds(desk)


async def test_nobody_else_has_this_list(desk: Desk) -> None:
    assert (await desk.get("/api/today", "wang")).status_code == 403
