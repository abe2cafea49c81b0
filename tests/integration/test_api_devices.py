"""The registry over HTTP: papers, life, history, places that forbid cameras, and sheets of devices."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import openpyxl
import psycopg
import pytest

from console.device_schemas import DeviceDetail, HistoryRow, ImportPreview
from console.schemas import Device, Page
from devices.errors import BrokerError
from tests.integration.api_desk import Desk, open_desk

CAMERA = {
    "id": "cam-9",
    "estate": "EST1",
    "place": "EST1-B1",
    "profile": "camera",
    "name_zh": "东门",
    "name_en": "East gate",
    "network": "xueliang",
    "gb28181_id": "51068101011316000001",
    "owner_unit": "沱水物业",
    "legal_basis": "art7_public",
    "retention_days": 90,
    "make": "Hikvision",
    "model": "DS-2CD",
    "serial": "S-1",
}
HEAD = ["id", "place", "profile", "name_zh", "serial"]


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


async def send(desk: Desk, method: str, path: str, body: Any, who: str = "wuye") -> httpx.Response:
    return await desk.client.request(method, path, json=body, headers=await desk.as_(who))


async def upload(
    desk: Desk, path: str, content: bytes, name: str = "d.csv", who: str = "wuye"
) -> httpx.Response:
    return await desk.client.post(path, files={"file": (name, content)}, headers=await desk.as_(who))


def sheet(rows: list[list[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEAD, *rows])
    return out.getvalue().encode()


async def test_a_camera_keeps_its_papers_and_every_change_of_them(desk: Desk) -> None:
    made = await desk.post("/api/devices", CAMERA, "wuye")
    assert made.status_code == 201, made.text
    assert made.json()["lifecycle"] == "provisioned"
    assert {name: made.json()[name] for name in CAMERA} == CAMERA
    changed = await send(
        desk, "PATCH", "/api/devices/cam-9", {"retention_days": 30, "purpose": "守大门", "version": 1}
    )
    assert changed.status_code == 200, changed.text
    assert Device.model_validate(changed.json()).retention_days == 30
    old = await send(desk, "PATCH", "/api/devices/cam-9", {"retention_days": 60, "version": 1})
    assert old.status_code == 409
    assert old.json()["last"]["actor"] == "wuye"
    history = Page[HistoryRow].model_validate((await desk.get("/api/devices/cam-9/history")).json())
    assert [row.action for row in history.items] == ["change", "add"]
    assert history.items[0].detail == {"retention_days": [90, 30], "purpose": [None, "守大门"]}
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        await desk.rows("UPDATE device_history SET actor = 'nobody'")
    shown = DeviceDetail.model_validate((await desk.get("/api/devices/cam-9")).json())
    assert (shown.legal, shown.credentials.state) == (["activate", "retire"], "valid")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"gb28181_id": "5106810101131600000"}, "gb28181_id"),
        ({"retention_days": 7}, "retention_days"),
        ({"network": "internet"}, "network"),
        ({"place": "EST2"}, "place"),
        ({"gateway": "smoke-2"}, "gateway"),
    ],
)
async def test_a_change_that_makes_the_papers_wrong_is_refused(
    desk: Desk, change: dict[str, Any], field: str
) -> None:
    await desk.post("/api/devices", CAMERA, "boss")
    answer = await send(desk, "PATCH", "/api/devices/cam-9", change, "boss")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_two_devices_cannot_have_one_national_id(desk: Desk) -> None:
    await desk.post("/api/devices", CAMERA, "wuye")
    answer = await desk.post("/api/devices", CAMERA | {"id": "cam-10", "serial": "S-2"}, "wuye")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["gb28181_id"]


async def test_no_camera_stands_where_the_law_forbids_it(desk: Desk) -> None:
    assert (await send(desk, "PATCH", "/api/places/EST1-B1", {"use": "dormitory"})).status_code == 200
    refused = await desk.post("/api/devices", CAMERA, "wuye")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "place"
    assert "art. 8" in refused.json()["errors"][0]["problem"]
    assert desk.doorman.asked == []
    smoke = CAMERA | {
        "profile": "smoke_sensor",
        "legal_basis": None,
        "retention_days": None,
        "gb28181_id": None,
    }
    assert (await desk.post("/api/devices", smoke, "wuye")).status_code == 201
    standing = await send(desk, "PATCH", "/api/places/EST1", {"use": "toilet"})
    assert standing.status_code == 409
    assert "cam-1" in standing.json()["detail"]
    moved = await send(desk, "PATCH", "/api/devices/cam-1", {"place": "EST1-B1"})
    assert moved.status_code == 422
    assert (await send(desk, "PATCH", "/api/places/EST2", {"use": "hall"})).status_code == 404


async def test_a_life_follows_its_table_and_retirement_takes_the_account(desk: Desk) -> None:
    await desk.post("/api/devices", CAMERA | {"account": False}, "wuye")
    path = "/api/devices/cam-9/lifecycle"
    assert desk.doorman.asked == []
    wrong = await send(desk, "POST", path, {"action": "maintain"})
    assert wrong.status_code == 409
    assert wrong.json()["legal"] == ["provision", "retire"]
    for action in ("provision", "activate", "maintain", "resume"):
        assert (await send(desk, "POST", path, {"action": action})).status_code == 200, action
    assert (await send(desk, "POST", path, {"action": "retire"})).status_code == 422
    retired = await send(desk, "POST", path, {"action": "retire", "reason": "broken"})
    assert retired.json()["lifecycle"] == "retired"
    assert desk.doorman.removed == ["cam-9"]
    assert (await send(desk, "PATCH", "/api/devices/cam-9", {"make": "x"})).status_code == 409
    listed = (await desk.get("/api/devices")).json()["items"]
    assert "cam-9" not in [row["id"] for row in listed]
    gone = (await desk.get("/api/devices", lifecycle="retired")).json()["items"]
    assert [row["id"] for row in gone] == ["cam-9"]
    assert (await desk.post("/api/devices", CAMERA, "wuye")).status_code == 409


async def test_what_maintenance_held_back_is_shown_when_it_is_over(desk: Desk) -> None:
    path = "/api/devices/smoke-1/lifecycle"
    assert (await send(desk, "POST", path, {"action": "maintain", "reason": "new cell"})).is_success
    held = """INSERT INTO alerts (fingerprint, rule, code, severity, state, estate, place, subject, device,
        reason, first_seen, last_seen, cleared_at, hush_reason, hushed_by)
        SELECT 'f' || n, 'DEV-002', 'DEV-002', 3, 'suppressed', 'EST1', 'EST1-B1', 'smoke-1', 'smoke-1',
            'absent_for', now(), now(), CASE n WHEN 2 THEN now() END, 'maintenance', 'lifecycle:smoke-1'
        FROM generate_series(1, 2) n RETURNING id"""
    await desk.rows(held)
    assert (await send(desk, "POST", path, {"action": "resume"})).is_success
    states = await desk.rows("SELECT fingerprint, state, hushed_by FROM alerts ORDER BY fingerprint")
    assert [(row["fingerprint"], row["state"]) for row in states] == [("f1", "open"), ("f2", "suppressed")]
    assert await desk.rows("SELECT 1 FROM feed WHERE kind = 'alert' AND body->>'state' = 'open'")


async def test_the_book_is_written_and_the_first_installation_dates_the_device(desk: Desk) -> None:
    entry = {"kind": "installation", "at": "2026-05-01T09:00:00+08:00", "by": "陈师傅", "note": "pole 3"}
    assert (await desk.post("/api/devices/cam-1/records", entry, "wuye")).status_code == 201
    later = {"kind": "repair", "by": "陈师傅", "note": "new lens"}
    assert (await desk.post("/api/devices/cam-1/records", later, "wuye")).status_code == 201
    first = (await desk.get("/api/devices/cam-1/records", limit=1)).json()
    rest = (await desk.get("/api/devices/cam-1/records", limit=1, cursor=first["next"])).json()
    assert [row["kind"] for row in first["items"] + rest["items"]] == ["repair", "installation"]
    assert (await desk.get("/api/devices/cam-1")).json()["installed_by"] == "陈师傅"


async def test_nobody_touches_devices_beyond_his_places_or_rights(desk: Desk) -> None:
    for method, path, body in (
        ("PATCH", "/api/devices/smoke-2", {"make": "x"}),
        ("POST", "/api/devices/smoke-2/lifecycle", {"action": "maintain"}),
        ("POST", "/api/devices/smoke-2/records", {"kind": "repair", "by": "x", "note": "y"}),
        ("GET", "/api/devices/smoke-2/history", None),
        ("GET", "/api/devices/smoke-2/records", None),
    ):
        assert (await send(desk, method, path, body)).status_code == 404, path
        if method != "GET":
            assert (await send(desk, method, path, body, "wang")).status_code == 403, path


async def test_five_hundred_rows_with_ten_bad_ones_import_nothing_until_they_are_mended(desk: Desk) -> None:
    rows = [[f"s-{n}", "EST1-B1", "smoke_sensor", f"=烟感{n}", f"SN{n}"] for n in range(500)]
    good = sheet(rows)
    bad = {10: (0, "a b"), 20: (1, "nowhere"), 30: (2, "toaster"), 40: (4, "SN1"), 50: (0, "s-1"),
           60: (1, ""), 70: (2, ""), 80: (0, ""), 90: (1, "EST2"), 100: (0, "smoke-1")}  # fmt: skip
    for n, (column, value) in bad.items():
        rows[n] = [value if i == column else cell for i, cell in enumerate(rows[n])]
    preview = await upload(desk, "/api/devices/import/preview", sheet(rows))
    assert preview.status_code == 200, preview.text
    told = ImportPreview.model_validate(preview.json())
    assert (told.rows, told.good, told.bad, len(told.sample)) == (500, 490, 10, 20)
    assert [(e.row, e.column) for e in told.errors] == [(n + 2, HEAD[c]) for n, (c, _) in sorted(bad.items())]
    assert all(e.problem and e.mend for e in told.errors)
    refused = await upload(desk, "/api/devices/import", sheet(rows))
    assert refused.status_code == 422
    assert len(refused.json()["errors"]) == 10
    assert desk.doorman.asked == []
    assert (await desk.rows("SELECT count(*) AS n FROM devices"))[0]["n"] == 3
    done = await upload(desk, "/api/devices/import", good)
    assert done.status_code == 201, done.text
    assert done.json()["added"] == 500
    assert len({login["password"] for login in done.json()["credentials"]}) == 500
    out = await desk.get("/api/devices/export", "wuye", format="csv", profile="smoke_sensor")
    lines = list(csv.DictReader(io.StringIO(out.content.decode("utf-8-sig"))))
    assert len(lines) == 501
    assert {line["name_zh"][:2] for line in lines} == {"'=", "烟感"}
    book = openpyxl.load_workbook(io.BytesIO((await desk.get("/api/devices/export", "wuye")).content))
    assert book.worksheets[0].max_row == 503


async def test_a_broker_that_fails_in_an_import_leaves_no_device(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(devices: object) -> dict[str, str]:
        raise BrokerError

    monkeypatch.setattr(desk.doorman, "add_devices", fail)
    rows = sheet([["s-1", "EST1-B1", "smoke_sensor", "", ""]])
    assert (await upload(desk, "/api/devices/import", rows)).status_code == 503
    assert await desk.rows("SELECT FROM devices WHERE id = 's-1'") == []
    planned = await upload(desk, "/api/devices/import?accounts=false", rows)
    assert planned.json() == {"added": 1, "credentials": []}
    assert (await desk.get("/api/devices/s-1")).json()["lifecycle"] == "planned"


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.xlsx", b"PK\x03\x04rubbish"), ("x.xls", b"\xd0\xcf\x11"), ("x", b"\xff\xfe\x81")],
)
async def test_a_file_that_is_no_sheet_is_refused(desk: Desk, name: str, content: bytes) -> None:
    answer = await upload(desk, "/api/devices/import/preview", content, name)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "file"


async def test_the_template_can_be_filled_in_and_read(desk: Desk) -> None:
    for kind in ("csv", "xlsx"):
        blank = (await desk.get("/api/devices/import/template", "wuye", format=kind)).content
        told = (await upload(desk, "/api/devices/import/preview", blank, f"t.{kind}")).json()
        assert (told["rows"], told["unknown_columns"]) == (1, [])
        assert [error["column"] for error in told["errors"]] == ["place"]
        assert told["headings"]["place"] == "位置编码"
    book = openpyxl.load_workbook(io.BytesIO(blank))
    codes = [row[0] for row in book["地点"].iter_rows(min_row=2, values_only=True)]
    assert "EST1-B1" in codes
    assert "EST2" not in codes  # one's own places only
    assert ("烟感", "Smoke sensor") in list(book["设备类型"].iter_rows(values_only=True))
