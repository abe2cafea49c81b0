"""Whom to call about a device or a place: an order, by place, people of one's own, numbers with a reason."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from console.api.callees import Callees
from tests.integration.api_desk import Desk, open_desk

DEVICE, PLACE = "/api/devices/smoke-1/callees", "/api/places/EST1/callees"
NUMBERS = {"key": "10012345678", "lamp": "10087654321", "far": "10055555555"}


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        for name, place in (("key", "EST1"), ("lamp", "EST1-B1"), ("far", "EST2")):
            papers = {"id": name, "name": name, "roles": ["PM"], "place": place, "phone": NUMBERS[name]}
            (await desk.post("/api/people", papers, "boss")).raise_for_status()
        yield desk


async def put(desk: Desk, path: str, *people: str | tuple[str, str], who: str = "wuye") -> httpx.Response:
    pairs = [(one, "") if isinstance(one, str) else one for one in people]
    rows = [{"person": person, "note": note} for person, note in pairs]
    return await desk.client.put(path, json={"callees": rows}, headers=await desk.as_(who))


async def whose(desk: Desk, path: str) -> list[tuple[str, str | None]]:
    return [(one["person"], one["place"]) for one in await listed(desk, path)]


async def listed(desk: Desk, path: str, who: str = "wang") -> list[dict[str, Any]]:
    answer = await desk.get(path, who)
    assert answer.status_code == 200, answer.text
    return [one.model_dump() for one in Callees.model_validate(answer.json()).items]


async def test_the_devices_own_people_come_first_then_those_around_it_each_once(desk: Desk) -> None:
    assert (await put(desk, PLACE, ("key", "有钥匙"), "lamp")).status_code == 200
    assert await whose(desk, DEVICE) == [
        ("key", "EST1"),
        ("lamp", "EST1"),
    ]
    assert (await put(desk, "/api/places/EST1-B1/callees", "lamp")).status_code == 200
    assert (await put(desk, DEVICE, "key")).status_code == 200
    assert await whose(desk, DEVICE) == [
        ("key", None),
        ("lamp", "EST1-B1"),
    ]
    assert [one["note"] for one in await listed(desk, PLACE)] == ["有钥匙", ""]
    await desk.connection.execute("UPDATE people SET active = false WHERE id = 'key'")
    assert [one["person"] for one in await listed(desk, DEVICE)] == ["lamp"]


async def test_a_number_is_masked_until_a_reason_is_given_and_both_are_on_record(desk: Desk) -> None:
    await put(desk, DEVICE, ("key", "有钥匙"))
    answer = await desk.get(DEVICE)
    assert NUMBERS["key"] not in answer.text
    assert "****" in answer.json()["items"][0]["phone_masked"]
    assert (await desk.reveal("/api/people/key/phone", "wang", reason="烟感报警"))["phone"] == NUMBERS["key"]
    noted = await desk.rows("SELECT action, actor, object FROM audit_log")
    assert {("device.callees", "wuye", "smoke-1"), ("person.phone", "wang", "key")} <= {
        tuple(row.values()) for row in noted
    }
    history = (await desk.get("/api/devices/smoke-1/history")).json()["items"][0]
    assert (history["action"], history["detail"]) == ("callees", {"people": ["key"]})


async def test_one_names_people_of_ones_own_places_and_keeps_who_others_named(desk: Desk) -> None:
    stranger = await put(desk, DEVICE, "far")
    assert stranger.status_code == 422
    assert "far" in stranger.text
    assert (await put(desk, DEVICE, "key", "key")).status_code == 422
    assert (await put(desk, DEVICE, "far", who="boss")).status_code == 200
    assert (await put(desk, DEVICE, "key", "far")).status_code == 200
    seen = {one["person"]: (one["own"], one["phone_masked"]) for one in await listed(desk, DEVICE, "wuye")}
    assert seen["far"] == (False, None)  # of another estate: who, but not how to reach them
    assert (await desk.post("/api/people/far/phone", {"reason": "x"}, "wuye")).status_code == 404


async def test_nobody_sees_or_writes_the_list_of_other_places(desk: Desk) -> None:
    for path in (DEVICE, PLACE):
        assert (await desk.get(path, "zhao")).status_code == 404
        assert (await desk.get(path, "grid")).status_code == 403
        assert (await put(desk, path, "key", who="wang")).status_code == 403
    for path in ("/api/devices/smoke-2/callees", "/api/places/EST2/callees", "/api/places/510681/callees"):
        assert (await put(desk, path, "key")).status_code == 404


async def test_a_sheet_and_a_form_name_them_and_a_sheet_out_has_them_again(desk: Desk) -> None:
    out = io.StringIO()
    head = ["设备编号", "位置编码", "设备类型", "下次维护", "联系人"]
    good_row = ["d1", "EST1", "smoke_sensor", "2027-03-01", "lamp；key"]
    csv.writer(out).writerows([head, good_row, ["d2", "EST1", "smoke_sensor", "bald", "niemand"]])
    headers = await desk.as_("wuye")
    file = {"file": ("d.csv", out.getvalue().encode())}
    seen = (await desk.client.post("/api/devices/import/preview", files=file, headers=headers)).json()
    assert {(one["row"], one["column"], one["value"]) for one in seen["errors"]} == {
        (3, "maintenance_due", "bald"),
        (3, "callees", "niemand"),
    }
    good = {"file": ("d.csv", out.getvalue().rsplit("d2", 1)[0].encode())}
    made = await desk.client.post("/api/devices/import", files=good, headers=headers)
    assert made.status_code == 201, made.text
    assert [one["person"] for one in await listed(desk, "/api/devices/d1/callees")] == ["lamp", "key"]
    text = (await desk.get("/api/devices/export", "wuye", format="csv")).content.decode("utf-8-sig")
    row = next(line for line in csv.DictReader(io.StringIO(text)) if line["id"] == "d1")
    assert (row["maintenance_due"], row["callees"]) == ("2027-03-01", "lamp;key")
    where = {"estate": "EST1", "place": "EST1", "profile": "smoke_sensor"}
    device = {**where, "id": "d3", "name_zh": "x", "name_en": "x"}
    assert (await desk.post("/api/devices", {**device, "callees": ["far"]}, "wuye")).status_code == 422
    assert (await desk.post("/api/devices", {**device, "callees": ["key"]}, "wuye")).status_code == 201
    assert [one["person"] for one in await listed(desk, "/api/devices/d3/callees")] == ["key"]


async def test_a_deletion_takes_the_person_off_every_list_and_a_copy_names_the_lists(desk: Desk) -> None:
    await put(desk, DEVICE, ("key", "有钥匙"))
    asked = (await desk.post("/api/privacy/requests", {"person": "key", "kind": "copy"}, "boss")).json()
    copy = await desk.client.post(f"/api/privacy/requests/{asked['id']}/copy", headers=await desk.as_("boss"))
    assert copy.json()["callees"] == [{"device": "smoke-1", "place": None, "note": "有钥匙"}], copy.text
    gone = (await desk.post("/api/privacy/requests", {"person": "key", "kind": "delete"}, "boss")).json()
    answer = {"state": "done", "answer": "erased"}
    assert (await desk.post(f"/api/privacy/requests/{gone['id']}/answer", answer, "boss")).status_code == 200
    assert await desk.rows("SELECT 1 FROM callees") == []
