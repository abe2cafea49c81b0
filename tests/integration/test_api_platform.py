"""Devices, places, words, figures, pictures, health: everything around the alerts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from jsonschema import Draft202012Validator

from console.api.catalogue import Catalogue
from console.app import create_app, openapi_json
from console.device_schemas import DeviceDetail
from console.schemas import Kpi, Page, Places, QuarantineRow
from console.settings import ConsoleSettings
from console.shell import BODY_LIMIT
from devices.errors import BrokerError
from rules.ruleset import load_catalogue
from tests.integration.api_desk import Desk, open_desk

NEW = {
    "id": "smoke-9",
    "estate": "EST1",
    "place": "EST1-B1",
    "profile": "smoke_sensor",
    "name_zh": "烟感",
    "name_en": "Smoke",
}


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    (tmp_path / "snapshots" / "EST1" / "cam-1").mkdir(parents=True)
    (tmp_path / "snapshots" / "EST1" / "cam-1" / "a.jpg").write_bytes(b"\xff\xd8picture")
    (tmp_path / "secret.jpg").write_bytes(b"TOP SECRET")
    (tmp_path / "snapshots" / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    async with open_desk(database, snapshots=str(tmp_path / "snapshots"), web_dir=tmp_path / "web") as desk:
        yield desk


async def test_a_new_device_is_stored_announced_and_given_a_password_once(desk: Desk) -> None:
    await desk.connection.execute("LISTEN shequ_registry")
    answer = await desk.post("/api/devices", NEW, "wuye", key="d1")
    assert answer.status_code == 201
    made = answer.json()
    assert made["credentials"] == {
        "username": "smoke-9",
        "password": "password-1",
        "topic": "shequ/v1/EST1/smoke-9/event",
    }
    assert [note.channel async for note in desk.connection.notifies(timeout=30, stop_after=1)] == [
        "shequ_registry"
    ]
    repeated = await desk.post("/api/devices", NEW, "wuye", key="d1")
    assert repeated.status_code == 201
    assert repeated.json()["credentials"]["password"] is None
    assert desk.doorman.asked == [("EST1", "smoke-9")]
    (kept,) = await desk.rows("SELECT body::text FROM idempotency")
    assert "password-1" not in kept["body"]
    (told,) = await desk.rows("SELECT kind, body FROM feed")
    assert told == {"kind": "device", "body": {k: v for k, v in made.items() if k != "credentials"}}
    shown = DeviceDetail.model_validate((await desk.get("/api/devices/smoke-9")).json())
    assert shown.events == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "a/b"}, "id"),
        ({"profile": "toaster"}, "profile"),
        ({"place": "nowhere"}, "place"),
        ({"place": "EST2"}, "place"),
        ({"estate": "EST1-B1"}, "estate"),
        ({"name_zh": " "}, "name_zh"),
        ({"colour": "red"}, "colour"),
        ({"offline_after_s": -1}, "offline_after_s"),
    ],
)
async def test_a_wrong_device_is_refused_by_field(desk: Desk, change: dict[str, object], field: str) -> None:
    answer = await desk.post("/api/devices", NEW | change, "boss")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert desk.doorman.asked == []


async def test_nobody_registers_a_device_beyond_his_places_or_twice(desk: Desk) -> None:
    there = NEW | {"estate": "EST2", "place": "EST2"}
    assert (await desk.post("/api/devices", there, "wuye")).status_code == 422
    assert (await desk.post("/api/devices", NEW | {"id": "smoke-1"}, "wuye")).status_code == 409


async def test_a_broker_that_fails_leaves_no_device(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(estate: str, device: str) -> str:
        raise BrokerError

    monkeypatch.setattr(desk.doorman, "add_device", fail)
    assert (await desk.post("/api/devices", NEW, "boss")).status_code == 503
    assert await desk.rows("SELECT FROM devices WHERE id = 'smoke-9'") == []
    desk.app.state.credentials = None
    refused = await desk.post("/api/devices", NEW, "boss")
    assert refused.status_code == 503
    assert "not configured" in refused.json()["detail"]


async def test_devices_page_and_filter(desk: Desk) -> None:
    first = (await desk.get("/api/devices", limit=2)).json()
    rest = (await desk.get("/api/devices", limit=2, cursor=first["next"])).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == ["cam-1", "smoke-1", "smoke-2"]
    assert rest["next"] is None
    for params, expected in (
        ({"online": "true"}, ["smoke-1"]),
        ({"online": "false"}, ["cam-1", "smoke-2"]),
        ({"profile": "camera"}, ["cam-1"]),
        ({"q": "SMOKE"}, ["smoke-1", "smoke-2"]),
        ({"q": "摄像"}, ["cam-1"]),
    ):
        items = (await desk.get("/api/devices", **params)).json()["items"]
        assert [item["id"] for item in items] == expected, params


async def test_one_device_shows_its_place_and_newest_events_first(desk: Desk) -> None:
    shown = DeviceDetail.model_validate((await desk.get("/api/devices/smoke-1")).json())
    assert [event.id for event in shown.events] == ["e1", "e2", "e3"]
    assert [step.kind for step in shown.place_path] == ["city", "estate", "building"]
    assert shown.last_seen == shown.events[0].at


async def test_places_and_words(desk: Desk) -> None:
    places = Places.model_validate((await desk.get("/api/places", estate="EST1")).json())
    assert [(place.code, place.parent) for place in places.items] == [("EST1", "510681"), ("EST1-B1", "EST1")]
    words = Catalogue.model_validate((await desk.get("/api/catalogue")).json())
    assert {alert.code for alert in words.alerts} == {
        *load_catalogue().by_code,
        "SYS-001",
        "SYS-002",
        "SYS-003",
    }
    assert words.reasons["condition_met"]["zh"]


async def test_the_figures_count_what_the_caller_may_see(desk: Desk) -> None:
    number = await desk.alert()
    await desk.alert(severity=3, estate="EST2", place="EST2", device="smoke-2")
    await desk.connection.execute(
        "UPDATE alerts SET raised_at = now() - interval '30 s' WHERE id = %s", [number]
    )
    await desk.post(f"/api/alerts/{number}/actions", {"action": "dispatch"})
    await desk.connection.execute(
        "INSERT INTO quarantine (received_at, topic, payload, size, stage, reason, detail)"
        " VALUES (now(), 'shequ/v1/EST1/x/event', '\\xff00', 2, 'decode', 'not_json', '')"
    )
    whole = Kpi.model_validate((await desk.get("/api/kpi")).json())
    assert whole.open_by_severity == {"1": 1, "2": 0, "3": 1, "4": 0}
    assert (whole.unacknowledged, whole.incidents_open, whole.devices, whole.devices_offline) == (1, 1, 3, 1)
    assert (whole.events_last_hour, whole.quarantined_last_hour) == (3, 1)
    assert whole.ack_p50_s == pytest.approx(30, abs=10)
    assert whole.ingest.ok
    part = Kpi.model_validate((await desk.get("/api/kpi", "zhao")).json())
    assert (part.devices, part.events_last_hour, part.quarantined_last_hour) == (1, 0, 0)
    assert part.open_by_severity["1"] == 0


async def test_what_was_set_aside_is_shown_one_by_one_and_the_look_is_on_record(desk: Desk) -> None:
    await desk.connection.execute(
        "INSERT INTO quarantine (received_at, topic, payload, size, stage, reason, detail)"
        " VALUES (now(), 'shequ/v1/EST2/x/event', '\\xff007b', 3, 'decode', 'not_json', 'x')"
    )
    page = Page[QuarantineRow].model_validate((await desk.get("/api/quarantine", "boss")).json())
    assert not any("{" in str(value) for value in page.items[0].model_dump().values())
    for why in (None, "协助查找"):
        look = await desk.get(f"/api/quarantine/{page.items[0].id}", "boss", **({"why": why} if why else {}))
        assert look.json()["text"] == "\\xff\x00{"
    written = "SELECT detail->>'reason' FROM audit_log WHERE action = 'quarantine.show' ORDER BY id"
    rows = await (await desk.connection.execute(written)).fetchall()
    assert [tuple(row.values()) if isinstance(row, dict) else row for row in rows] == [
        ("not_json",),
        ("协助查找",),
    ]
    assert (await desk.get("/api/quarantine", "wuye")).json()["items"] == []
    assert (await desk.get("/api/quarantine", "wang")).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "../secret.jpg",
        "..%2fsecret.jpg",
        "EST1/../../secret.jpg",
        "link.jpg",
        "/etc/passwd",
        "EST1",
        "a%00.jpg",
    ],
)
async def test_pictures_never_come_from_outside_their_folder(desk: Desk, path: str) -> None:
    answer = await desk.get(f"/api/snapshots/{path}", reason="looking around")
    assert answer.status_code == 404
    assert b"TOP SECRET" not in answer.content


async def test_health_tells_what_is_missing(desk: Desk) -> None:
    assert (await desk.client.get("/healthz")).json() == {"status": "ok"}
    ready = await desk.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"database": True, "migrations": True, "ingest": True})
    await desk.connection.execute("UPDATE ingest_progress SET clock = now() - interval '1 minute'")
    late = await desk.client.get("/readyz")
    assert (late.status_code, late.json()["ingest"]) == (503, False)


async def test_without_a_database_the_console_says_so() -> None:
    settings = ConsoleSettings.model_validate({"database_url": "postgresql:///x?host=/nonexistent"})
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://c") as client,
        app.router.lifespan_context(app),
    ):
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (503, False)


async def test_metrics_count_by_template_and_severity(desk: Desk) -> None:
    number = await desk.alert(severity=2)
    await desk.get(f"/api/alerts/{number}")
    text = (await desk.client.get("/metrics")).text
    assert 'shequ_http_requests_total{method="GET",route="/api/alerts/{alert_id}",status="200"} 1.0' in text
    assert 'shequ_alerts_open{severity="2"} 1.0' in text
    assert "shequ_live_readers 0.0" in text


async def test_the_page_is_served_or_explains_how_to_build_it(desk: Desk, tmp_path: Path) -> None:
    missing = await desk.client.get("/")
    assert "make" in missing.text
    web = tmp_path / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html>page")
    (web / "assets" / "x-1.js").write_text("1")
    for path in ("/", "/alerts/7", "/index.html"):
        answer = await desk.client.get(path)
        assert (answer.status_code, answer.text) == (200, "<!doctype html>page")
        assert answer.headers["cache-control"] == "no-cache"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "immutable" in (await desk.client.get("/assets/x-1.js")).headers["cache-control"]
    assert (await desk.client.get("/assets/gone.js")).status_code == 404
    lost = await desk.client.get("/api/nothing")
    assert (lost.status_code, lost.headers["content-type"]) == (404, "application/problem+json")


async def test_a_huge_body_is_refused(desk: Desk) -> None:
    answer = await desk.post("/api/devices", NEW | {"name_zh": "x" * BODY_LIMIT}, "boss")
    assert answer.status_code == 413


async def test_the_unexpected_is_logged_under_the_number_it_is_answered_with(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(estate: str, device: str) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(desk.doorman, "add_device", fail)
    answer = await desk.post("/api/devices", NEW, "boss")
    assert answer.status_code == 500
    assert "content-security-policy" in answer.headers
    (record,) = (record for record in caplog.records if record.name == "console.problems")
    assert answer.json()["error"] == record.__dict__["error"]
    assert "ZeroDivisionError" not in answer.text


async def test_answers_keep_the_published_description(desk: Desk) -> None:
    number = await desk.alert()
    await desk.post(f"/api/alerts/{number}/actions", {"action": "dispatch"})
    described = json.loads(openapi_json())
    assert described["openapi"].startswith("3.1")
    for path, example in (
        ("/api/alerts", "/api/alerts"),
        ("/api/alerts/{alert_id}", f"/api/alerts/{number}"),
        ("/api/incidents", "/api/incidents"),
        ("/api/devices", "/api/devices"),
        ("/api/kpi", "/api/kpi"),
        ("/api/catalogue", "/api/catalogue"),
        ("/api/places", "/api/places"),
    ):
        schema = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        answer = await desk.client.get(example, headers=await desk.as_("wang"))
        Draft202012Validator({**schema, "components": described["components"]}).validate(answer.json())
