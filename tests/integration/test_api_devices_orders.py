"""Enrolment, configuration, roll-outs, commands and health, with the real broker in between."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiomqtt
import psycopg
import pytest

from ingest.batch import Recent, sort_out
from ingest.clock import system_clock
from ingest.message import RawMessage
from ingest.registry_orders import keep_orders
from ingest.settings import BrokerUrl
from ingest.store import reports
from ingest.store.database import Database
from simulators.answer import answer_orders
from simulators.stack import Broker
from tests.integration.api_desk import Desk, open_desk

FLEET = """
INSERT INTO devices (id, estate, place, profile, name_zh, name_en, lifecycle)
SELECT 's-' || n, 'EST1', 'EST1-B1', 'smoke_sensor', '烟感', 'Smoke', 'provisioned'
FROM generate_series(1, 10) n
"""


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        await desk.connection.execute(FLEET)
        yield desk


class Town:
    """Ingest's orders, its reading of states, and simulated devices, on the real broker."""

    def __init__(self, desk: Desk, database: str, broker: Broker) -> None:
        self.desk, self.url, self.broker = desk, database, broker
        self.ready, self.hears = asyncio.Event(), asyncio.Event()

    @contextlib.asynccontextmanager
    async def live(self, **answers: Any) -> AsyncIterator[None]:
        """Run while the block does."""
        at, login = self.broker.address, self.broker.ingest
        url = BrokerUrl(f"mqtt://{login.username}:{login.password}@{at.host}:{at.port}")
        listener = Database(self.url, "orders")
        gateway = (self.broker.gateway.username, self.broker.gateway.password)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(keep_orders(self.url, url, "orders-test", listener.listen)),
                group.create_task(
                    answer_orders(at.host, at.port, gateway, system_clock, ready=self.ready, **answers)
                ),
                group.create_task(self._states(url)),
            ]
            await self.ready.wait()
            await self.hears.wait()
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
        async with aiomqtt.Client(
            at.host, at.port, username=login.username, password=login.password
        ) as broom:
            for n in range(1, 11):  # the broker is shared: what it keeps would be read by the next test
                await broom.publish(f"shequ/v1/EST1/s-{n}/config", b"", qos=1, retain=True)

    async def _states(self, url: BrokerUrl) -> None:
        """What ingest's writer does with states and strangers."""
        registry = await Database(self.url, "states").load_registry()
        async with (
            aiomqtt.Client(url.host, url.port, username=url.username, password=url.password) as client,
            await psycopg.AsyncConnection.connect(self.url) as connection,
        ):
            for channel in ("state", "event", "availability"):
                await client.subscribe(f"shequ/v1/EST1/+/{channel}", qos=1)
            self.hears.set()
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                raw = RawMessage(
                    message.topic.value,
                    message.payload,
                    system_clock(),
                    message.retain,
                    again=False,
                    session=1,
                    mid=0,
                )
                batch = sort_out([raw], registry, Recent(10))
                async with connection.transaction(), connection.cursor() as cursor:
                    await reports.put(cursor, batch)

    async def until(self, path: str, good: Any, seconds: float = 15) -> dict[str, Any]:
        """Ask until the answer is good."""
        async with asyncio.timeout(seconds):
            while True:
                body: dict[str, Any] = (await self.desk.get(path, "wuye")).json()
                if good(body):
                    return body
                await asyncio.sleep(0.1)


@pytest.fixture
def town(desk: Desk, database: str, broker: Broker) -> Town:
    return Town(desk, database, broker)


async def put(desk: Desk, path: str, body: Any) -> Any:
    return await desk.client.put(path, json=body, headers=await desk.as_("wuye"))


async def test_a_camera_is_told_to_keep_pictures_within_its_legal_basis_only(desk: Desk) -> None:
    await desk.connection.execute("UPDATE devices SET legal_basis = 'private' WHERE id = 'cam-1'")
    shown = (await desk.get("/api/devices/cam-1/config", "wuye")).json()["schema"]["properties"]["keep_days"]
    assert (shown["minimum"], shown["maximum"]) == (1, 30)
    for basis, refused, taken in (("private", 31, 30), ("art9_other", 91, 90), ("art7_public", 29, 180)):
        await desk.connection.execute("UPDATE devices SET legal_basis = %s WHERE id = 'cam-1'", [basis])
        wrong = await put(desk, "/api/devices/cam-1/config", {"data": {"keep_days": refused}})
        assert {error["field"] for error in wrong.json()["errors"]} == {"data.keep_days"}, basis
        wish = {"name": "x", "devices": ["cam-1"], "data": {"keep_days": refused}}
        assert "cam-1" in (await desk.post("/api/rollouts", wish, "wuye")).json()["detail"]
        right = await put(desk, "/api/devices/cam-1/config", {"data": {"keep_days": taken}})
        assert right.status_code == 200, right.text
    papers = {"legal_basis": "private", "retention_days": 20}
    headers = await desk.as_("wuye")
    moved = await desk.client.patch("/api/devices/cam-1", json=papers, headers=headers)
    assert {error["field"] for error in moved.json()["errors"]} == {"legal_basis"}
    assert (await put(desk, "/api/devices/cam-1/config", {"data": {"keep_days": 30}})).status_code == 200
    moved = await desk.client.patch("/api/devices/cam-1", json=papers, headers=headers)
    assert moved.status_code == 200, moved.text


async def test_configuration_is_wanted_published_applied_or_failed_and_commands_are_answered(
    town: Town,
) -> None:
    desk = town.desk
    wrong = await put(desk, "/api/devices/s-1/config", {"data": {"sensitivity": "extreme", "colour": 1}})
    assert wrong.status_code == 422
    assert {error["field"] for error in wrong.json()["errors"]} == {"data", "data.sensitivity"}
    async with town.live(stubborn={"s-2"}, mute={"s-3"}):
        for device in ("s-1", "s-2", "s-3"):
            answer = await put(
                desk, f"/api/devices/{device}/config", {"data": {"sensitivity": "high"}, "version": 0}
            )
            assert answer.status_code == 200, answer.text
            assert answer.json()["status"] == "pending"
        stale = await put(desk, "/api/devices/s-1/config", {"data": {}, "version": 0})
        assert stale.status_code == 409
        applied = await town.until("/api/devices/s-1/config", lambda b: b["status"] == "applied")
        assert applied["reported"]["hash"] == applied["desired"]["hash"]
        failed = await town.until("/api/devices/s-2/config", lambda b: b["status"] == "failed")
        assert failed["reported"]["reason"] == "this device refuses everything"
        assert (await desk.get("/api/devices/s-3/config")).json()["status"] == "pending"
        first = (await desk.get("/api/devices/s-1")).json()
        assert (first["lifecycle"], first["config_status"]) == ("active", "applied")
        for device, name, args, state in (
            ("s-1", "mute_siren", {"minutes": 5}, "done"),
            ("s-1", "self_test", {}, "done"),
            ("s-2", "reboot", {}, "refused"),
            ("s-3", "reboot", {}, "expired"),
        ):
            wish = {"name": name, "args": args, "expires_s": 2 if device == "s-3" else 30, "reason": "test"}
            asked = await desk.post(f"/api/devices/{device}/commands", wish, "wang")
            assert asked.status_code == 201, asked.text
            number = asked.json()["id"]
            told = await town.until(f"/api/commands/{number}", lambda b: b["state"] not in ("queued", "sent"))
            assert told["state"] == state, (device, name)
    assert (await desk.post("/api/devices/s-1/commands", {"name": "open_door"}, "wang")).status_code == 422
    assert (await desk.post("/api/devices/smoke-2/commands", {"name": "reboot"}, "zhao")).status_code == 201
    assert (await desk.post("/api/devices/s-1/commands", {"name": "reboot"}, "zhao")).status_code == 404
    actions = [row["action"] for row in (await desk.get("/api/devices/s-1/history")).json()["items"]]
    assert actions == ["command.reply", "command", "command.reply", "command", "activate", "config"]
    health = (await desk.get("/api/devices/s-1/health")).json()
    assert health["self_test"]["status"] == "passed"
    feed = await desk.rows(
        "SELECT body FROM feed WHERE kind = 'device' AND ref = 's-1' ORDER BY seq DESC LIMIT 1"
    )
    assert feed[0]["body"]["last_command"]["state"] == "done"


async def test_a_rollout_goes_stage_by_stage_and_stops_on_failures(town: Town) -> None:
    desk = town.desk
    group = {"code": "block", "estate": "EST1", "name_zh": "一栋", "name_en": "Block",
             "devices": [f"s-{n}" for n in range(1, 11)]}  # fmt: skip
    assert (await desk.post("/api/device-groups", group, "wuye")).status_code == 201
    alien = {**group, "code": "b2", "devices": ["smoke-2"]}
    assert (await desk.post("/api/device-groups", alien, "wuye")).status_code == 422
    bad = {"name": "x", "devices": ["s-1", "cam-1"], "data": {"sensitivity": "low"}}
    refused = await desk.post("/api/rollouts", bad, "wuye")
    assert refused.status_code == 422
    assert "cam-1" in refused.json()["detail"]
    async with town.live(stubborn={"s-4"}):
        wish = {"name": "quieter", "group": "block", "data": {"sensitivity": "low"}, "stages": [10, 50, 100]}
        begun = await desk.post("/api/rollouts", wish, "wuye")
        assert begun.status_code == 201, begun.text
        path = f"/api/rollouts/{begun.json()['id']}"
        stopped = await town.until(path, lambda b: b["state"] == "stopped")
        assert "failed" in stopped["reason"]
        assert stopped["stage"] == 1
        assert stopped["counts"]["waiting"] == 5
        assert (await desk.post(f"{path}/actions", {"action": "resume"}, "wuye")).status_code == 200
        done = await town.until(path, lambda b: b["state"] == "done")
        assert done["counts"] == {"waiting": 0, "pending": 0, "applied": 9, "failed": 1, "skipped": 0}
        illegal = await desk.post(f"{path}/actions", {"action": "resume"}, "wuye")
        assert illegal.status_code == 409
        assert illegal.json()["legal"] == ["roll_back"]
        assert (await desk.post(f"{path}/actions", {"action": "roll_back"}, "wuye")).status_code == 200
        back = await town.until(
            "/api/devices/s-1/config", lambda b: b["status"] == "applied" and b["desired"]["version"] == 2
        )
        assert back["desired"]["data"] == {}
    assert (await desk.get(path, "zhao")).status_code == 404


async def test_a_stranger_that_knocks_waits_in_the_list_and_a_label_lets_a_device_in(town: Town) -> None:
    desk = town.desk
    knock = RawMessage(
        "shequ/v1/EST1/new-smoke/event",
        b'{"id": "1", "at": "2026-05-01T00:00:00Z", "type": "smoke", "data": {"alarm": true}}',
        system_clock(), retained=False, again=False, session=1, mid=1,
    )  # fmt: skip
    registry = await Database(town.url, "knock").load_registry()
    for _ in range(2):
        async with (
            await psycopg.AsyncConnection.connect(town.url) as connection,
            connection.cursor() as cursor,
        ):
            await reports.put(cursor, sort_out([knock], registry, Recent(10)))
    (waiting,) = (await desk.get("/api/enrolment", "wuye")).json()["items"]
    told = ("kind", "device", "estate", "profile", "count")
    assert [waiting[name] for name in told] == ["knock", "new-smoke", "EST1", "smoke_sensor", 2]
    assert (await desk.get("/api/enrolment", "wang")).status_code == 403
    papers = {"id": "new-smoke", "estate": "EST1", "place": "EST1-B1", "profile": "smoke_sensor",
              "name_zh": "新烟感", "name_en": "New"}  # fmt: skip
    path = f"/api/enrolment/{waiting['id']}"
    assert (await desk.post(f"{path}/reject", {"reason": "who?"}, "wuye")).json()["state"] == "rejected"
    let_in = await desk.post(f"{path}/approve", papers, "wuye")
    assert let_in.status_code == 201, let_in.text
    assert let_in.json()["credentials"]["password"]
    assert (await desk.post(f"{path}/approve", papers, "wuye")).status_code == 409

    wish = {"estate": "EST1", "items": [{"profile": "smoke_sensor", "serial": "SN-7"}]}
    (label,) = (await desk.post("/api/enrolment/labels", wish, "wuye")).json()["items"]
    assert label["code"] not in str(await desk.rows("SELECT * FROM enrolment_labels"))

    async def claim(code: str, serial: str = "SN-7") -> Any:
        return await desk.client.post("/api/enrolment/claim", json={"code": code, "serial": serial})

    assert (await claim("AAAA-BBBB-CCCC-DDDD")).status_code == 404
    assert (await claim(label["code"], "another")).status_code == 404
    assert (await claim(label["code"])).status_code == 202
    assert (await claim(label["code"].lower().replace("-", " "))).status_code == 202
    (asking,) = (await desk.get("/api/enrolment", "wuye")).json()["items"]
    assert (asking["kind"], asking["serial"]) == ("claim", "SN-7")
    approved = await desk.post(
        f"/api/enrolment/{asking['id']}/approve", papers | {"id": "by-label", "serial": "SN-7"}, "wuye"
    )
    assert approved.json()["credentials"] is None
    collected = await claim(label["code"])
    assert collected.json()["credentials"]["username"] == "by-label"
    assert (await claim(label["code"])).status_code == 410
    assert (await desk.get("/api/devices/by-label")).json()["lifecycle"] == "provisioned"
    for _ in range(20):
        last = await claim("AAAA-BBBB-CCCC-DDDD")
    assert last.status_code == 429


async def test_whoever_holds_a_label_registers_its_device_before_the_device_has_asked(desk: Desk) -> None:
    wish = {"estate": "EST1", "items": [{"profile": "smoke_sensor", "serial": "SN-8", "make": "Heiman"}]}
    (label,) = (await desk.post("/api/enrolment/labels", wish, "wuye")).json()["items"]
    code = {"code": label["code"].lower()}
    read = (await desk.post("/api/enrolment/labels/read", code, "wuye")).json()
    said = ("label", "estate", "profile", "make", "serial", "state", "registered_as")
    assert [read[name] for name in said] == [
        label["label"], "EST1", "smoke_sensor", "Heiman", "SN-8", "unused", None,
    ]  # fmt: skip
    assert (await desk.post("/api/enrolment/labels/read", code, "wang")).status_code == 403
    assert (await desk.post("/api/enrolment/labels/read", {"code": "AAAA-BBBB"}, "wuye")).status_code == 404
    await desk.rows("UPDATE users SET scope = 'EST2' WHERE name = 'wuye' RETURNING 1")
    assert (await desk.post("/api/enrolment/labels/read", code, "wuye")).status_code == 404
    await desk.rows("UPDATE users SET scope = 'EST1' WHERE name = 'wuye' RETURNING 1")

    papers = {"id": "held", "estate": "EST1", "place": "EST1-B1", "profile": "smoke_sensor", "serial": "SN-8"}
    path = f"/api/enrolment/labels/{label['label']}/register"
    made = await desk.post(path, papers | {"name_zh": "新", "name_en": "New"}, "wuye")
    assert made.status_code == 201, made.text
    again = await desk.post(path, papers | {"id": "held-2", "name_zh": "新", "name_en": "New"}, "wuye")
    assert (again.status_code, "held" in again.text) == (409, True)
    assert (await desk.post("/api/enrolment/labels/read", code, "wuye")).json()["registered_as"] == "held"
    assert (await desk.get("/api/enrolment", "wuye")).json()["items"] == []
    collected = await desk.client.post("/api/enrolment/claim", json={**code, "serial": "SN-8"})
    assert collected.json()["credentials"]["username"] == "held"
    assert [one["id"] for one in (await desk.get("/api/devices", q="sn-8")).json()["items"]] == ["held"]


async def test_a_device_of_another_make_is_let_in_under_its_foreign_name(desk: Desk) -> None:
    await desk.rows(
        """INSERT INTO enrolments (kind, estate, dialect, foreign_name, profile, make)
        SELECT 'found', 'EST1', 'zigbee2mqtt', name, 'smoke_sensor', 'Heiman'
        FROM unnest('{bed,hall}'::text[]) name
        RETURNING id"""
    )
    _, bed = (await desk.get("/api/enrolment", "wuye")).json()["items"]
    assert [bed[name] for name in ("kind", "dialect", "foreign_name")] == ["found", "zigbee2mqtt", "bed"]
    papers = {"id": "s-bed", "estate": "EST1", "place": "EST1-B1", "profile": "smoke_sensor",
              "name_zh": "烟感", "name_en": "Smoke", "dialect": "zigbee2mqtt",
              "foreign_name": "bed"}  # fmt: skip
    wrong = await desk.post(f"/api/enrolment/{bed['id']}/approve", papers | {"dialect": "frigate"}, "wuye")
    assert wrong.status_code == 422
    made = await desk.post(f"/api/enrolment/{bed['id']}/approve", papers, "wuye")
    assert made.status_code == 201, made.text
    told = ("lifecycle", "dialect", "foreign_name", "credentials")
    assert [made.json()[name] for name in told] == ["provisioned", "zigbee2mqtt", "bed", None]
    twin = await desk.post("/api/devices", papers | {"id": "s-two"}, "wuye")
    assert twin.status_code == 422
    assert [error["field"] for error in twin.json()["errors"]] == ["foreign_name"]
    other = await desk.post("/api/devices", papers | {"id": "s-hall", "foreign_name": "hall"}, "wuye")
    assert (other.status_code, other.json()["credentials"]) == (201, None)
    assert (await desk.get("/api/enrolment", "wuye")).json()["items"] == []  # registered by another way
    changed = await desk.client.patch(
        "/api/devices/s-hall", json={"dialect": None, "foreign_name": None}, headers=await desk.as_("wuye")
    )
    assert changed.json()["dialect"] is None


HISTORY = """
UPDATE devices SET gateway = 'cam-1' WHERE id IN ('s-1', 's-2');
UPDATE devices SET network = 'xueliang', online = false WHERE id = 'cam-1';
UPDATE devices SET online = false WHERE id IN ('s-5', 's-6', 's-7', 's-8', 's-9', 's-10', 'smoke-1');
INSERT INTO device_status (at, device, online, source)
    SELECT now() - INTERVAL '1 hour' - n * INTERVAL '10 second', 's-' || n, false, 'availability'
    FROM generate_series(5, 10) n;
INSERT INTO device_status (at, device, online, source)
    SELECT now() - n * INTERVAL '5 minute', 's-3', n % 2 = 0, 'availability' FROM generate_series(1, 8) n;
INSERT INTO device_status (at, device, online, source)
    VALUES (now() - INTERVAL '4 days', 'cam-1', true, 'availability'),
        (now() - INTERVAL '1 day', 'cam-1', false, 'availability');
INSERT INTO events (device, id, at, estate, type, data, received_at)
    SELECT 's-4', 'h' || n, now() - n * INTERVAL '1 day', 'EST1', 'state',
        jsonb_build_object('battery', 50 + n, 'rssi', -60, 'self_test', 'passed'),
        now() - n * INTERVAL '1 day' + INTERVAL '3 s'
    FROM generate_series(0, 20) n;
INSERT INTO quarantine (received_at, topic, payload, size, stage, reason, detail)
    VALUES (now(), 'shequ/v1/EST1/s-4/event', 'x', 1, 'decode', 'not_json', '');
"""


async def test_health_keeps_link_data_and_self_test_apart_and_names_common_causes(desk: Desk) -> None:
    await desk.connection.execute(HISTORY)
    one = (await desk.get("/api/devices/s-4/health")).json()
    assert [one[name]["status"] for name in ("link", "data", "self_test")] == ["unknown", "fresh", "passed"]
    assert one["battery"]["percent"] == 50
    assert one["battery"]["per_day"] == pytest.approx(-1, abs=0.01)
    assert one["battery"]["empty_on"] is not None
    assert one["signal"]["rssi"] == -60
    assert one["clock"]["offset_s"] == pytest.approx(-3)
    assert one["decode_errors_24h"] == {"not_json": 1}
    camera = (await desk.get("/api/devices/cam-1/health")).json()
    assert camera["link"]["status"] == "down"
    assert camera["uptime"]["7d"] == pytest.approx(3 / 4, abs=0.01)
    assert camera["uptime"]["1d"] == pytest.approx(0, abs=0.01)
    listed = (await desk.get("/api/devices/health", estate="EST1", limit=200)).json()
    by_id = {row["id"]: row for row in listed["items"]}
    assert by_id["s-1"]["held_by"] == "cam-1"
    assert by_id["s-3"]["flapping"]["flapping"]
    assert by_id["s-5"]["cause"]["ref"] == "EST1-B1"
    assert [(c["kind"], c["ref"], c["offline"]) for c in listed["causes"]] == [
        ("gateway", "cam-1", 0),
        ("place", "EST1-B1", 6),
    ]
    rate = (await desk.get("/api/devices/health/communities")).json()
    assert rate["total"] == {"cameras": 1, "online": 0, "rate": 0.0}
    assert rate["items"][0]["place"] == "EST1"
    assert (await desk.get("/api/devices/s-4/health", "zhao")).status_code == 404
