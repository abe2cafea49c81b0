"""People, grids, rosters and resources over HTTP: who may see what, and what the record keeps."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, LiteralString

import openpyxl
import pytest

from rules.roster import ZONE
from tests.integration.api_desk import Desk, open_desk

COUNTY: LiteralString = """
INSERT INTO places (code, kind, name_zh, name_en, path, neighbour) VALUES
    ('510681101', 'town', '清河街道', 'Qinghe', '{510681,510681101}', false),
    ('510681101001', 'community', '和风社区', 'Hefeng', '{510681,510681101,510681101001}', false),
    ('e1', 'estate', '金雁苑', 'Jinyan', '{510681,510681101,510681101001,e1}', false),
    ('e1-b1', 'building', '1 栋', 'B1', '{510681,510681101,510681101001,e1,e1-b1}', false),
    ('e1-b1-u1', 'unit', '1 单元', 'U1', '{510681,510681101,510681101001,e1,e1-b1,e1-b1-u1}', false),
    ('510113', 'city', '青白江区', 'Qingbaijiang', '{510113}', true);
UPDATE places SET outline = '[[0,0],[100,0],[100,100],[0,100]]', lat = 30.97, lon = 104.28 WHERE code = 'e1';
UPDATE users SET scope = 'e1' WHERE name IN ('wuye', 'grid');
"""
NOW = datetime.now(UTC)  # noqa: TID251 - the database's clock decides; this only names days
GRID = {
    "code": "510681101001001", "community": "510681101001", "name_zh": "第一网格", "name_en": "Grid 1",
    "alt_codes": {"local": "G-1"},
}  # fmt: skip


@pytest.fixture
async def county(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        await desk.connection.execute(COUNTY)
        yield desk


async def hire(county: Desk, id_: str, role: str = "GW", place: str = "e1", **more: Any) -> dict[str, Any]:
    body = {"id": id_, "name": f"张{id_}", "roles": [role], "place": place, "phone": "10012345678", **more}
    answer = await county.post("/api/people", body, "sun")
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_phone_is_masked_everywhere_and_shown_only_with_a_reason_on_record(county: Desk) -> None:
    made = await hire(county, "gw1")
    assert made["phone_masked"] == "100****5678"
    listed = (await county.get("/api/people")).text
    assert "10012345678" not in listed
    assert (await county.post("/api/people/gw1/phone", {"reason": ""})).status_code == 422
    shown = await county.reveal("/api/people/gw1/phone", reason="SOS, calling the grid worker")
    assert shown["phone"] == "10012345678"
    rows = await county.rows("SELECT actor, detail FROM audit_log WHERE action = 'person.phone'")
    assert rows == [{"actor": "wang", "detail": {"reason": "SOS, calling the grid worker"}}]
    assert "10012345678" not in str(await county.rows("SELECT * FROM audit_log"))


async def test_who_sees_one_estate_sees_nobody_of_another(county: Desk) -> None:
    await hire(county, "here")
    await hire(county, "there", place="EST2")
    seen = [one["id"] for one in (await county.get("/api/people", "wuye")).json()["items"]]
    assert seen == ["here"]
    assert (await county.get("/api/people/there", "wuye")).status_code == 404
    assert (await county.post("/api/people/there/phone", {"reason": "x"}, "wuye")).status_code == 404
    wrong = await county.post(
        "/api/people", {"id": "x", "name": "x", "roles": ["GW"], "place": "EST2"}, "wuye"
    )
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "place"


async def test_field_staff_see_themselves_and_nobody_else(county: Desk) -> None:
    await hire(county, "gw1", user_name="grid")
    await hire(county, "gw2")
    assert (await county.get("/api/people/gw1", "grid")).status_code == 200
    assert (await county.get("/api/people/gw2", "grid")).status_code == 404
    assert (await county.get("/api/people", "grid")).status_code == 403
    assert (await county.post("/api/people/gw2/state", {"state": "off"}, "grid")).status_code == 404
    assert (await county.post("/api/people/gw1/state", {"state": "resting"}, "grid")).json()[
        "state"
    ] == "resting"


async def test_a_sheet_comes_in_whole_or_not_at_all(county: Desk) -> None:
    heading, good_row = "人员编号,姓名,角色,负责位置,技能\n", "a1,李一,网格员;志愿者,e1,急救\n"
    rows = heading + good_row + "a2,李二,飞行员,e1,\na1,李三,物业,e9,\n"
    files = {"file": ("people.csv", rows.encode(), "text/csv")}
    headers = await county.as_("sun")
    preview = (await county.client.post("/api/people/import/preview", files=files, headers=headers)).json()
    assert (preview["rows"], preview["good"], preview["bad"]) == (3, 1, 2)
    assert {(e["row"], e["column"]) for e in preview["errors"]} == {(3, "roles"), (4, "id"), (4, "place")}
    refused = await county.client.post("/api/people/import", files=files, headers=headers)
    assert refused.status_code == 422
    assert await county.rows("SELECT 1 FROM people") == []
    good = {"file": ("people.csv", rows.split("a2", maxsplit=1)[0].encode(), "text/csv")}
    assert (await county.client.post("/api/people/import", files=good, headers=headers)).json() == {
        "added": 1
    }
    (row,) = await county.rows("SELECT roles, skills FROM people")
    assert row == {"roles": ["GW", "VOL"], "skills": ["first_aid"]}


async def test_an_export_comes_in_again_and_hides_phones_without_a_reason(county: Desk) -> None:
    await hire(county, "gw1", org="=HYPERLINK(1)")
    headers = await county.as_("sun")
    masked = await county.client.get("/api/people/export?format=csv", headers=headers)
    assert "100****5678" in masked.text
    assert "'=HYPERLINK" in masked.text
    asked = await county.post("/api/people/export/phones", {"reason": "yearly check"}, "sun")
    path = f"/api/people/export?format=xlsx&reveal={asked.json()['reveal']}"
    whole = await county.client.get(path, headers=headers)
    sheet = openpyxl.load_workbook(io.BytesIO(whole.content)).worksheets[0]
    assert [cell.value for cell in sheet[1]][:3] == ["人员编号*", "姓名*", "角色*"]
    assert "10012345678" in [cell.value for cell in sheet[2]]
    await county.connection.execute("DELETE FROM people")
    files = {"file": ("people.xlsx", whole.content, "application/octet-stream")}
    again = await county.client.post("/api/people/import", files=files, headers=headers)
    assert again.json() == {"added": 1}


async def test_a_sheet_with_whole_phones_is_open_for_minutes_to_whoever_said_why(county: Desk) -> None:
    await hire(county, "gw1")
    refused = await county.post("/api/people/export/phones", {"reason": ""}, "sun")
    assert refused.status_code == 422
    opened = (await county.post("/api/people/export/phones", {"reason": "yearly check"}, "sun")).json()

    async def sheet(who: str, number: int) -> str:
        got = await county.get("/api/people/export", who, format="csv", reveal=number)
        return got.text if got.status_code == HTTPStatus.OK else str(got.status_code)

    assert "10012345678" in await sheet("sun", opened["reveal"])
    assert await sheet("boss", opened["reveal"]) == "404"  # somebody else's
    phone = (await county.post("/api/people/gw1/phone", {"reason": "call"}, "sun")).json()
    assert await sheet("sun", phone["reveal"]) == "404"  # of one person, not of everybody
    rows = await county.rows(
        "SELECT action, detail->>'reason' AS why FROM audit_log WHERE actor = 'sun'"
        " AND action IN ('people.sheet', 'people.export', 'reveal.read') ORDER BY at, id"
    )
    assert [(row["action"], row["why"]) for row in rows] == [
        ("people.sheet", "yearly check"),
        ("reveal.read", None),
        ("people.export", None),
    ]
    await county.connection.execute(
        "UPDATE personal.reveals SET at = at - INTERVAL '5 minutes', until = until - INTERVAL '5 minutes'"
    )
    assert await sheet("sun", opened["reveal"]) == "404"
    assert "100****5678" in (await county.get("/api/people/export", "sun", format="csv")).text


async def test_a_boundary_moves_on_a_date_and_old_cases_keep_their_grid(county: Desk) -> None:
    other = {**GRID, "code": "510681101001002"}
    for wish in (GRID, other):
        assert (await county.post("/api/grids", wish, "sun")).status_code == 201
    first, second = NOW - timedelta(days=9), NOW - timedelta(days=2)
    for code, since in ((GRID["code"], first), (other["code"], second)):
        moved = await county.post(
            f"/api/grids/{code}/places", {"place": "e1-b1", "since": since.isoformat()}, "sun"
        )
        assert moved.status_code == 200, moved.text
    at: LiteralString = (
        "SELECT grid_at(path, now() - %s * INTERVAL '1 day') AS grid FROM places WHERE code = 'e1-b1-u1'"
    )
    assert [(await county.rows(at, days))[0]["grid"] for days in (10, 5, 0)] == [
        None, GRID["code"], other["code"],
    ]  # fmt: skip
    back = {"place": "e1-b1", "since": (second - timedelta(hours=1)).isoformat()}
    assert (await county.post(f"/api/grids/{GRID['code']}/places", back, "sun")).status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "51068110100100"}, "code"),
        ({"code": "510681101002001"}, "code"),
        ({"community": "510681101"}, "community"),
        ({"community": "e1"}, "community"),
    ],
)
async def test_a_grid_has_fifteen_digits_and_lies_in_one_community(
    county: Desk, change: dict[str, str], field: str
) -> None:
    answer = await county.post("/api/grids", {**GRID, **change}, "sun")
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json()["errors"]}


def local(day: int, hour: int) -> datetime:
    midnight = NOW.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=day, hours=hour)


async def roll(county: Desk, person: str, day: int, hour: int, hours: int = 8) -> Any:
    starts = local(day, hour)
    body = {
        "post": "desk", "person": person, "starts": starts.isoformat(),
        "ends": (starts + timedelta(hours=hours)).isoformat(),
    }  # fmt: skip
    return await county.post("/api/roster", body, "sun")


async def test_a_roster_shows_its_gaps_and_refuses_to_plan_somebody_twice(county: Desk) -> None:
    await hire(county, "op1", "OP", "510681", user_name="wang")
    post = {"code": "desk", "name_zh": "值班台", "name_en": "Desk", "role": "OP", "place": "510681"}
    assert (await county.post("/api/posts", post, "sun")).status_code == 201
    assert (await roll(county, "op1", 1, 0)).status_code == 201
    assert (await roll(county, "op1", 1, 4)).status_code == 409
    assert (await roll(county, "op1", 1, 8, 30)).status_code == 422
    week = (
        await county.get("/api/roster", start=local(1, 0).isoformat(), end=local(2, 0).isoformat())
    ).json()
    (desk,) = week["posts"]
    assert [datetime.fromisoformat(gap["starts"]) for gap in desk["gaps"]] == [local(1, 8)]
    leave = {"person": "op1", "starts": local(1, 2).isoformat(), "ends": local(1, 3).isoformat()}
    assert (await county.post("/api/leaves", leave, "sun")).status_code == 201
    week = (
        await county.get("/api/roster", start=local(1, 0).isoformat(), end=local(2, 0).isoformat())
    ).json()
    assert [datetime.fromisoformat(gap["starts"]) for gap in week["posts"][0]["gaps"]] == [
        local(1, 2), local(1, 8),
    ]  # fmt: skip
    assert [clash["why"] for clash in week["clashes"]] == ["on_leave"]
    asked = {"role": "OP", "place": "e1-b1-u1"}
    on = await county.get("/api/duty", at=local(1, 1).isoformat(), **asked)
    assert [(one["person"], one["standing"]) for one in on.json()["items"]] == [("op1", "on_duty")]
    off = await county.get("/api/duty", at=local(1, 2).isoformat(), **asked)
    assert off.json()["items"] == []


async def test_a_shift_is_handed_over_with_a_note_and_taken_by_somebody_else(county: Desk) -> None:
    await hire(county, "op1", "OP", "510681", user_name="wang")
    post = {"code": "desk", "name_zh": "值班台", "name_en": "Desk", "role": "OP", "place": "510681"}
    await county.post("/api/posts", post, "sun")
    number = (await roll(county, "op1", 0, 0)).json()["id"]
    acts = f"/api/roster/{number}/actions"
    assert (await county.post(acts, {"action": "take_over"}, "li")).status_code == 409
    assert (await county.post(acts, {"action": "hand_over"})).status_code == 422
    note = "E1 烟感待复位"
    assert (await county.post(acts, {"action": "hand_over", "note": note})).json()["handed_by"] == "wang"
    assert (await county.post(acts, {"action": "take_over"}, "wang")).status_code == 403
    taken = (await county.post(acts, {"action": "take_over"}, "li")).json()
    assert (taken["taken_by"], taken["note"]) == ("li", note)
    assert (await county.post(acts, {"action": "cancel"}, "sun")).status_code == 409


async def test_what_was_installed_stays_where_it_is_whatever_a_phone_says(county: Desk) -> None:
    aed = {"id": "aed", "kind": "aed", "name_zh": "AED", "name_en": "AED", "place": "e1", "x": 10, "y": 20}
    assert (await county.post("/api/resources", aed, "wuye")).status_code == 201
    await county.connection.execute(
        "INSERT INTO personal.positions (subject, source, place, x, y, at, by_whom)"
        " VALUES ('resource:aed', 'gps', 'EST2', 900, 900, now(), 'somebody')"
    )
    (shown,) = (await county.get("/api/resources")).json()["items"]
    assert (shown["position"]["source"], shown["position"]["x"], shown["position"]["y"]) == (
        "installed",
        10,
        20,
    )
    assert shown["position"]["age_s"] >= 0


async def test_the_nearest_usable_resource_comes_first(county: Desk) -> None:
    for id_, x in (("far", 90), ("near", 40), ("broken", 50)):
        wish = {"id": id_, "kind": "aed", "name_zh": id_, "name_en": id_, "place": "e1", "x": x, "y": 50}
        await county.post("/api/resources", wish, "wuye")
    await county.client.patch(
        "/api/resources/broken", json={"state": "faulty"}, headers=await county.as_("wuye")
    )
    near = (await county.get("/api/resources/nearest", place="e1", code="SOS-001")).json()["items"]
    assert [(one["id"], one["usable"]) for one in near] == [("near", True), ("far", True), ("broken", False)]
    assert near[0]["basis"] == "globe"
    assert near[0]["distance_m"] == pytest.approx(10, abs=0.5)


async def test_a_neighbour_region_can_help_without_showing_where_its_people_are(county: Desk) -> None:
    await hire(county, "qbj", "FS", "510113")
    found = (await county.get("/api/people/nearest/FS", "wuye", place="e1", count=1)).json()
    (advice,) = found["people"]
    (pick,) = advice["picks"]
    assert (pick["person"], pick["neighbour"], pick["own"], pick["position"]) == ("qbj", True, False, None)
    assert "phone" not in str(pick)
    assert (advice["wanted"], advice["found"], advice["short"]) == (1, 1, 0)
    assert (await county.get("/api/people/qbj", "wuye")).status_code == 404


async def test_the_page_learns_of_divisions_counts_and_neighbours(county: Desk) -> None:
    await hire(county, "gw1")
    shown = (await county.get("/api/organisation")).json()
    assert shown["counts"]["510681"]["people"] == 1
    assert [one["code"] for one in shown["neighbours"]] == ["510113"]
    assert {"code": "GW", "name_zh": "网格员", "name_en": "Grid worker"} in shown["roles"]
