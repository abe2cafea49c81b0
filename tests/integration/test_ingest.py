"""Ingest on the real broker and the real database: stored, judged, acknowledged, set aside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import aiomqtt
import psycopg
import pytest

from devices.model import Device, Place, PlaceKind
from ingest.__main__ import run
from ingest.settings import IngestSettings
from ingest.store.registry import save_registry
from simulators.stack import Broker
from tests.parts import as_part

NOW = datetime.now(UTC)  # noqa: TID251 - these tests live in real time, as devices do
PATIENCE = 60.0  # seconds; three tests share two cores


@pytest.fixture
def estate() -> str:
    """An estate code no other test uses on the shared broker."""
    return f"e-{uuid4().hex[:12]}"


@pytest.fixture
async def community(database: str, estate: str) -> str:
    """One estate with one smoke sensor; answers the sensor's id."""
    sensor = f"{estate}-smoke"
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await save_registry(
            connection,
            places=[
                Place(code=estate, kind=PlaceKind.ESTATE, name_zh="苑", name_en="Estate", path=(estate,)),
            ],
            devices=[
                Device(
                    id=sensor,
                    estate=estate,
                    place=estate,
                    profile="smoke_sensor",
                    name_zh="烟感",
                    name_en="Smoke",
                    registered_at=NOW,
                )
            ],
        )
    return sensor


@pytest.fixture
def settings(database: str, broker: Broker) -> IngestSettings:
    """Ingest's settings, with a session of its own."""
    login, address = broker.ingest, broker.address
    return IngestSettings.model_validate(
        {
            "database_url": as_part(database, "ingest"),
            "broker_url": f"mqtt://{quote(login.username)}:{quote(login.password)}@{address.host}:{address.port}",
            "client_id": f"ingest-{uuid4().hex[:8]}",
        }
    )


@asynccontextmanager
async def running(settings: IngestSettings) -> AsyncIterator[None]:
    """Ingest while the block runs."""
    task = asyncio.create_task(run(settings), name="ingest")
    try:
        yield
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def gateway(broker: Broker) -> AsyncIterator[aiomqtt.Client]:
    """A connection that may speak for any device."""
    async with aiomqtt.Client(
        broker.address.host,
        broker.address.port,
        username=broker.gateway.username,
        password=broker.gateway.password,
        identifier=f"gateway-{uuid4().hex[:8]}",
        protocol=aiomqtt.ProtocolVersion.V5,
    ) as client:
        yield client


def smoke(id_: str, *, at: datetime | None = None, alarm: bool = True) -> bytes:
    """One smoke message."""
    return json.dumps(
        {"id": id_, "at": (at or NOW).isoformat(), "type": "smoke", "data": {"alarm": alarm}}
    ).encode()


async def rows(database: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What a query answers."""
    async with await psycopg.AsyncConnection.connect(database) as connection:
        return await (await connection.execute(query, values)).fetchall()


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(PATIENCE):
        while not await check():
            await asyncio.sleep(0.05)


async def subscribed(database: str) -> None:
    """Wait for ingest's first marker to have come round: it hears."""

    async def heard() -> bool:
        return bool(await rows(database, "SELECT 1 FROM ingest_progress"))

    await until(heard)


async def stored(database: str, device: str, count: int) -> None:
    """Wait until that many events of a device are stored."""

    async def enough() -> bool:
        found = await rows(database, "SELECT count(*) FROM events WHERE device = %s", device)
        return bool(found[0][0] >= count)

    await until(enough)


async def test_a_smoke_message_becomes_an_event_an_alert_and_a_feed_row(
    database: str, community: str, estate: str, settings: IngestSettings, gateway: aiomqtt.Client
) -> None:
    async with running(settings):
        await subscribed(database)
        await gateway.publish(f"shequ/v1/{estate}/{community}/event", smoke("1"), qos=1)
        await stored(database, community, 1)
    alerts = await rows(database, "SELECT code, severity, state, hit_count, device FROM alerts")
    assert alerts == [("FIRE-001", 1, "open", 1, community)]
    assert await rows(database, "SELECT kind FROM feed") == [("alert",)]
    assert await rows(database, "SELECT event_id FROM alert_evidence") == [("1",)]


async def test_the_same_message_twice_is_one_event_and_one_hit(
    database: str, community: str, estate: str, settings: IngestSettings, gateway: aiomqtt.Client
) -> None:
    topic = f"shequ/v1/{estate}/{community}/event"
    async with running(settings):
        await subscribed(database)
        for id_ in ("1", "1", "2", "1"):
            await gateway.publish(topic, smoke(id_), qos=1)
        await stored(database, community, 2)
    async with running(settings):  # a new process has no memory but the database
        await gateway.publish(topic, smoke("1"), qos=1)
        await gateway.publish(topic, smoke("3"), qos=1)
        await stored(database, community, 3)
    assert await rows(database, "SELECT id FROM events WHERE device = %s ORDER BY id", community) == [
        ("1",),
        ("2",),
        ("3",),
    ]
    assert await rows(database, "SELECT hit_count FROM alerts") == [(3,)]


async def test_messages_sent_while_ingest_is_away_arrive_when_it_is_back(
    database: str, community: str, estate: str, settings: IngestSettings, gateway: aiomqtt.Client
) -> None:
    async with running(settings):
        await subscribed(database)
    for n in range(50):
        await gateway.publish(f"shequ/v1/{estate}/{community}/event", smoke(str(n), alarm=False), qos=1)
    async with running(settings):
        await stored(database, community, 50)


@pytest.mark.parametrize(
    ("topic", "payload", "stage", "reason"),
    [
        ("{estate}/nobody/event", smoke("1"), "decode", "unknown_device"),
        ("{estate}/{device}/event", b"{not json", "decode", "not_json"),
        ("{estate}/{device}/event", b'{"id": "1"}', "decode", "bad_shape"),
        ("{estate}/{device}/event", b"x" * 1024 * 1024, "decode", "too_large"),
        ("../{device}/event", smoke("1"), "receive", "bad_topic"),
        ("elsewhere/{device}/event", smoke("1"), "decode", "wrong_place"),
        (
            "{estate}/{device}/event",
            b'{"id": "1", "at": "2036-01-01T00:00:00Z", "type": "state", "data": {}}',
            "decode",
            "clock_out_of_range",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "_" in value else "",
)
async def test_a_bad_message_is_one_row_in_quarantine_and_its_neighbours_go_on(
    database: str,
    community: str,
    estate: str,
    settings: IngestSettings,
    gateway: aiomqtt.Client,
    topic: str,
    payload: bytes,
    stage: str,
    reason: str,
) -> None:
    good = f"shequ/v1/{estate}/{community}/event"

    async def set_aside() -> bool:
        return bool(await rows(database, "SELECT 1 FROM quarantine"))

    async with running(settings):
        await subscribed(database)
        await gateway.publish(good, smoke("before", alarm=False), qos=1)
        await gateway.publish("shequ/v1/" + topic.format(estate=estate, device=community), payload, qos=1)
        await gateway.publish(good, smoke("after", alarm=False), qos=1)
        await stored(database, community, 2)  # they are about life and may overtake it
        await until(set_aside)
    found = await rows(database, "SELECT stage, reason, size FROM quarantine")
    assert found == [(stage, reason, len(payload))]


async def test_a_smoke_alarm_with_an_absurd_clock_still_pages(
    database: str, community: str, estate: str, settings: IngestSettings, gateway: aiomqtt.Client
) -> None:
    async with running(settings):
        await subscribed(database)
        late = smoke("1", at=NOW + timedelta(days=3650))
        await gateway.publish(f"shequ/v1/{estate}/{community}/event", late, qos=1)
        await stored(database, community, 1)
    assert await rows(database, "SELECT flags FROM events") == [(["clock"],)]
    assert await rows(database, "SELECT code FROM alerts") == [("FIRE-001",)]


async def test_a_device_added_while_ingest_runs_is_known_at_once(
    database: str, community: str, estate: str, settings: IngestSettings, gateway: aiomqtt.Client
) -> None:
    newcomer = f"{estate}-new"
    async with running(settings):
        await subscribed(database)
        async with await psycopg.AsyncConnection.connect(database) as connection:
            device = Device(
                id=newcomer,
                estate=estate,
                place=estate,
                profile="sos_button",
                name_zh="按钮",
                name_en="Button",
                registered_at=NOW,
            )
            await save_registry(connection, devices=[device])
        pressed = json.dumps(
            {"id": "1", "at": NOW.isoformat(), "type": "sos", "data": {"action": "pressed"}}
        ).encode()
        await gateway.publish(f"shequ/v1/{estate}/{newcomer}/event", pressed, qos=1)
        await stored(database, newcomer, 1)
    assert await rows(database, "SELECT code FROM alerts") == [("SOS-001",)]
    assert await rows(database, "SELECT 1 FROM quarantine") == []
