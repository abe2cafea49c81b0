"""Foreign dialects through the real broker, the real ingest and the real database, to an alert."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiomqtt
import psycopg
import pytest

from console.commands import dialect
from console.reference import ROOT
from devices.adapters import ADAPTERS
from devices.errors import Conflict
from devices.model import Device, Place, PlaceKind
from devices.profiles.access_gate import GatePass
from ingest.broker import Session, SessionSettings, holding
from ingest.clock import system_clock
from ingest.settings import BrokerUrl, IngestSettings
from ingest.store.registry import save_registry
from ingest.streams.__main__ import Publisher
from ingest.streams.client import follow_all
from ingest.streams.source import Stream
from simulators.link import Broker as SimBroker
from simulators.stack import Broker
from simulators.streams import StreamHouse
from tests.integration.test_ingest import (  # noqa: F401 - fixtures
    estate,
    gateway,
    rows,
    running,
    settings,
    stored,
    subscribed,
    until,
)

FLEET = (
    ("smoke", "smoke_sensor", "zigbee2mqtt"),
    ("sos", "sos_button", "zigbee2mqtt"),
    ("cam", "camera", "frigate"),
    ("gate", "access_gate", "hikvision"),
    ("dome", "camera", "hikvision"),
)


def now() -> datetime:
    """The time: these tests live in real time, as devices do."""
    return datetime.now(UTC)  # noqa: TID251


@pytest.fixture
async def fleet(database: str, estate: str) -> str:  # noqa: F811
    """One estate with a device of each dialect; answers its code."""
    async with await psycopg.AsyncConnection.connect(database) as connection:
        place = Place(code=estate, kind=PlaceKind.ESTATE, name_zh="苑", name_en="Estate", path=(estate,))
        devices = [
            Device(
                id=f"{estate}-{kind}",
                estate=estate,
                place=estate,
                profile=profile,
                name_zh=kind,
                name_en=kind,
                registered_at=now(),
                dialect=dialect,
                foreign_name=None if dialect == "hikvision" else f"{kind} {estate}",
            )
            for kind, profile, dialect in FLEET
        ]
        await save_registry(connection, places=[place], devices=devices)
    return estate


async def alerts(database: str, code: str) -> None:
    """Wait for an alert."""

    async def raised() -> bool:
        return bool(await rows(database, "SELECT 1 FROM alerts WHERE code = %s", code))

    await until(raised)


async def test_a_zigbee_smoke_sensor_raises_a_fire_alarm_and_its_test_button_none(
    database: str,
    fleet: str,
    settings: IngestSettings,  # noqa: F811
    gateway: aiomqtt.Client,  # noqa: F811
) -> None:
    topic, sensor = f"zigbee2mqtt/smoke {fleet}", f"{fleet}-smoke"
    async with running(settings):
        await subscribed(database)
        await gateway.publish(topic, b'{"smoke": true, "test": true, "battery": 80}', qos=1)
        await stored(database, sensor, 2)
        assert await rows(database, "SELECT 1 FROM alerts") == []
        await gateway.publish(topic, b'{"smoke": true, "test": false, "battery": 80}', qos=1)
        await alerts(database, "FIRE-001")
        await gateway.publish(f"{topic}/availability", b'{"state": "offline"}', qos=1)

        async def offline() -> bool:
            return await rows(database, "SELECT online FROM devices WHERE id = %s", sensor) == [(False,)]

        await until(offline)


@pytest.mark.parametrize("payload", ['{"action": "emergency"}', '{"action": "sos"}', '{"sos": true}'])
async def test_two_presses_are_two_events_and_a_redelivery_none(
    database: str,
    fleet: str,
    settings: IngestSettings,  # noqa: F811
    gateway: aiomqtt.Client,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    payload: str,
) -> None:
    topic, button = f"via/{fleet}/zigbee2mqtt/sos {fleet}", f"{fleet}-sos"
    with monkeypatch.context() as patch:
        patch.setattr(Session, "ack", lambda *_: None)  # killed between commit and acknowledgement
        async with running(settings):
            await subscribed(database)
            await gateway.publish(topic, payload, qos=1)
            await gateway.publish(topic, payload, qos=1)
            await stored(database, button, 2)
    async with running(settings):  # both are delivered again
        await gateway.publish(topic, payload, qos=1)
        await stored(database, button, 3)
        await alerts(database, "SOS-001")
    assert await rows(database, "SELECT count(*) FROM events WHERE device = %s", button) == [(3,)]


async def test_flames_that_frigate_sees_raise_an_alarm_and_names_stay_out_of_the_database(
    database: str,
    fleet: str,
    settings: IngestSettings,  # noqa: F811
    gateway: aiomqtt.Client,  # noqa: F811
) -> None:
    def event(kind: str, camera: str, frame: float, label: str = "fire") -> bytes:
        after = {
            "id": f"{frame:.0f}.1-abc",
            "camera": camera,
            "label": label,
            "frame_time": frame,
            "score": 0.8,
            "sub_label": ["Wang Wu", 0.9],
            "thumbnail": "/9j/4AAQ",
            "current_zones": [],
        }
        return json.dumps({"type": kind, "before": after, "after": after}).encode()

    moment = now().timestamp()
    async with running(settings):
        await subscribed(database)
        await gateway.publish("frigate/events", event("new", f"cam {fleet}", moment - 1), qos=1)
        await gateway.publish("frigate/events", event("update", f"cam {fleet}", moment), qos=1)
        await gateway.publish("frigate/events", event("new", f"nobody {fleet}", moment), qos=1)
        await stored(database, f"{fleet}-cam", 2)
        await alerts(database, "FIRE-008")

        async def aside() -> bool:
            return bool(await rows(database, "SELECT 1 FROM quarantine WHERE reason = 'unknown_device'"))

        await until(aside)
    kept = await rows(database, "SELECT convert_from(payload, 'UTF8') FROM quarantine")
    said = await rows(database, "SELECT data::text FROM events")
    assert not any(private in text for (text,) in kept + said for private in ("Wang Wu", "/9j/"))


@asynccontextmanager
async def following(broker: Broker, name: str) -> AsyncIterator[StreamHouse]:
    """A device that speaks HTTP, and the client that follows it."""
    address, login, gate = broker.address, broker.ingest, broker.gateway
    sim = SimBroker(
        host=address.host, port=address.port, credentials={}, gateway=(gate.username, gate.password)
    )
    url = BrokerUrl(f"mqtt://{login.username}:{login.password}@{address.host}:{address.port}")
    async with StreamHouse(sim) as house, Publisher.open(url) as publish:
        stream = Stream(dialect="hikvision", name=name, url=house.address("hikvision", name))
        client = asyncio.create_task(follow_all([stream], publish), name="streams")
        try:
            yield house
        finally:
            client.cancel()
            await asyncio.gather(client, return_exceptions=True)


async def test_refusals_that_come_over_http_raise_an_alert_though_the_connection_breaks(
    database: str,
    fleet: str,
    settings: IngestSettings,  # noqa: F811
    broker: Broker,
) -> None:
    denied = GatePass(direction="in", method="face", result="denied")
    async with running(settings), following(broker, f"{fleet}-gate") as house:
        await subscribed(database)
        for n in range(5):
            moment = now().replace(microsecond=n * 1000)
            wire = ADAPTERS["hikvision"].encode(f"{fleet}-gate", denied, moment)
            assert wire is not None
            await house.say(wire.topic, wire.payload)
            if n == 2:
                house.cut(wire.topic)
        await alerts(database, "SEC-010")
    assert await rows(database, "SELECT count(*) FROM events WHERE device = %s", f"{fleet}-gate") == [(5,)]


async def test_xml_parts_of_a_camera_arrive_though_the_connection_breaks_and_a_heartbeat_costs_a_gate_nothing(
    database: str,
    fleet: str,
    settings: IngestSettings,  # noqa: F811
    broker: Broker,
) -> None:
    samples = ROOT / "tests/samples/hikvision"
    words = ("xml-heartbeat", "xml-lost", "xml-motion", "xml-person-in-field", "xml-motion-over")
    parts = [json.loads((samples / f"{word}.json").read_text())["payload"] for word in words]
    fresh = [part.replace("2026-03-01T16:00:00+08:00", now().isoformat()).encode() for part in parts]
    async with running(settings):
        await subscribed(database)
        async with following(broker, f"{fleet}-dome") as house:
            for n, part in enumerate(fresh):
                await house.say(f"shequ-platform/stream/hikvision/{fleet}-dome", part)
                if n in (1, 3):
                    house.cut(f"shequ-platform/stream/hikvision/{fleet}-dome")
            await stored(database, f"{fleet}-dome", 6)  # a camera's heartbeat also says that it sees
        async with following(broker, f"{fleet}-gate") as house:
            await house.say(f"shequ-platform/stream/hikvision/{fleet}-gate", fresh[0])
            await stored(database, f"{fleet}-gate", 1)
    said = await rows(database, "SELECT data FROM events WHERE type = 'camera.scene' ORDER BY data->>'state'")
    assert [row["state"] for (row,) in said] == ["lost", "normal"]
    assert await rows(database, "SELECT count(*) FROM quarantine") == [(0,)]


async def test_a_device_that_asks_for_a_password_is_answered_by_digest() -> None:
    asked: list[str] = []
    heard: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(next((x for x in request.splitlines() if x.startswith("Authorization: ")), ""))
        if "Digest" not in asked[-1]:
            challenge = 'Digest realm="cam", nonce="abc", qop="auth", algorithm=MD5'
            head = f"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {challenge}\r\n"
            writer.write(f"{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n")
            writer.write(b"--b\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nHeartbeat\r\n\r\n")
        await writer.drain()
        writer.close()

    async def publish(topic: str, payload: bytes) -> None:
        await heard.put((topic, payload))

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    stream = Stream(dialect="dahua", name="cam", url=f"http://127.0.0.1:{port}", username="u", password="p")
    client = asyncio.create_task(follow_all([stream], publish), name="streams")
    try:
        async with asyncio.timeout(60):
            for _ in range(2):  # the connection ends after each part, and is made again
                assert await heard.get() == ("shequ-platform/stream/dahua/cam", b"Heartbeat")
    finally:
        client.cancel()
        await asyncio.gather(client, return_exceptions=True)
        server.close()
    assert asked[0] == ""
    assert 'username="u"' in asked[1]
    assert 'uri="/cgi-bin/eventManager.cgi?action=attach&codes=[All]&heartbeat=5"' in asked[1]


async def test_a_short_drill_with_all_dialects_is_exact(tmp_path: Path) -> None:
    report = tmp_path / "drill.json"
    words = ("drill", "--seed", "11", "--estates", "1", "--duration", "8", "--faults", "all")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console", *words, "--dialects", "all", "--report", str(report),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    found: dict[str, Any] = json.loads(report.read_text())
    assert found["passed"]
    assert found["published"] == found["stored"]


async def test_what_a_bridge_knows_is_found_and_named(
    database: str,
    fleet: str,
    settings: IngestSettings,  # noqa: F811
    gateway: aiomqtt.Client,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sample = json.loads((ROOT / "tests/samples/zigbee2mqtt/bridge-devices.json").read_text())
    topic = f"via/{fleet}/zigbee2mqtt/bridge/devices"
    await gateway.publish(topic, json.dumps(sample["payload"]), qos=1, retain=True)
    monkeypatch.setenv("SHEQU_DATABASE_URL", database)
    monkeypatch.setenv("SHEQU_BROKER_URL", settings.broker_url.get_secret_value())
    await asyncio.to_thread(dialect.set_, f"{fleet}-smoke", "zigbee2mqtt", name="kitchen-smoke")
    await asyncio.to_thread(dialect.find)
    found = capsys.readouterr().out
    await gateway.publish(topic, b"", qos=1, retain=True)
    assert "bed-sos\tsos_button\tTuYa" in found
    assert "kitchen-smoke" not in found
    assert await rows(database, "SELECT foreign_name FROM devices WHERE id = %s", f"{fleet}-smoke") == [
        ("kitchen-smoke",)
    ]
    with pytest.raises(Conflict, match="speaks for"):
        await asyncio.to_thread(dialect.set_, f"{fleet}-gate", "frigate", name="")


async def test_devices_of_other_makes_wait_in_the_list_and_one_that_is_let_in_is_active_with_its_first_word(
    database: str,
    fleet: str,
    settings: IngestSettings,  # noqa: F811
    gateway: aiomqtt.Client,  # noqa: F811
) -> None:
    sample = json.loads((ROOT / "tests/samples/zigbee2mqtt/bridge-devices.json").read_text())
    waiting = "SELECT kind, estate, dialect, foreign_name, profile, make FROM enrolments ORDER BY 1, 4"
    async with running(settings):
        await subscribed(database)
        for _ in range(2):
            listed = f"via/{fleet}/zigbee2mqtt/bridge/devices"
            await gateway.publish(listed, json.dumps(sample["payload"]), qos=1)
        await gateway.publish(f"via/{fleet}/tele/shed door/LWT", b"Online", qos=1)

        async def three() -> bool:
            return len(await rows(database, waiting)) == len(sample["proposes"]) + 1

        await until(three)
        found = await rows(database, waiting)
        assert ("found", fleet, "zigbee2mqtt", "bed-sos", "sos_button", "TuYa") in found
        assert found[-1] == ("knock", fleet, "tasmota", "shed door", None, None)
        async with await psycopg.AsyncConnection.connect(database) as connection:
            await connection.execute(
                """INSERT INTO devices
                    (id, estate, place, profile, name_zh, name_en, lifecycle, dialect, foreign_name)
                VALUES (%(id)s, %(e)s, %(e)s, 'sos_button', '按钮', 'Button', 'provisioned',
                    'zigbee2mqtt', 'bed-sos')""",
                {"id": f"{fleet}-bed", "e": fleet},
            )
            await connection.execute("SELECT pg_notify('shequ_registry', '')")
        await asyncio.sleep(1.5)
        await gateway.publish(f"via/{fleet}/zigbee2mqtt/bed-sos", b'{"action": "emergency"}', qos=1)
        await alerts(database, "SOS-001")
        life = await rows(database, "SELECT lifecycle FROM devices WHERE id = %s", f"{fleet}-bed")
        assert life == [("active",)]


async def test_a_broker_that_refuses_a_dialect_does_not_make_ingest_deaf(
    broker: Broker,
    settings: IngestSettings,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = BrokerUrl(settings.broker_url.get_secret_value())
    session = SessionSettings(url, settings.client_id, 10, ("nobody/may/hear/this",))
    hearing = Session(session, system_clock, lambda _: None, asyncio.Event())
    async with holding(hearing), asyncio.timeout(60):
        await hearing.hears.wait()
    assert "nobody/may/hear/this" in caplog.text
