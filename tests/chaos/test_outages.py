"""The database falls, the broker restarts: nothing that a device was promised is lost or doubled."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiomqtt
import psycopg
import pytest

from console.commands.local import broker_url
from devices.model import Device, Place, PlaceKind
from devices.profile import Message
from devices.profiles import PROFILES
from devices.profiles.door_contact import Contact
from ingest.__main__ import run
from ingest.clock import system_clock
from ingest.settings import IngestSettings
from ingest.store.migrate import migrate
from ingest.store.registry import save_registry
from simulators.stack import Mosquitto, Postgres, StackSettings, open_mosquitto, open_postgres

PATIENCE = 80.0  # seconds
DOOR = Device(
    id="door",
    estate="e1",
    place="e1",
    profile="door_contact",
    name_zh="门磁",
    name_en="Door",
    registered_at=system_clock(),
)


@dataclass(frozen=True)
class Parts:
    """A private stack whose servers the test may hurt."""

    postgres: Postgres
    mosquitto: Mosquitto
    settings: IngestSettings


@pytest.fixture
async def parts() -> AsyncIterator[Parts]:
    """A durable database and a broker of this test's own, one door contact registered."""
    with tempfile.TemporaryDirectory(prefix="shequ-chaos-") as folder:
        Path(folder).chmod(0o711)  # as root the servers run as somebody else
        asked = StackSettings(data=Path(folder) / "data", broker_port=0)
        async with open_postgres(asked, say=print) as postgres, open_mosquitto(asked, say=print) as mosquitto:
            await asyncio.to_thread(migrate, postgres.url)
            async with await psycopg.AsyncConnection.connect(postgres.url) as connection:
                place = Place(code="e1", kind=PlaceKind.ESTATE, name_zh="苑", name_en="Estate", path=("e1",))
                await save_registry(connection, places=[place], devices=[DOOR])
            settings = IngestSettings.model_validate(
                {
                    "database_url": postgres.url,
                    "broker_url": broker_url(mosquitto.address, mosquitto.ingest),
                    "lateness_s": 0,
                }
            )
            yield Parts(postgres, mosquitto, settings)


@asynccontextmanager
async def running(settings: IngestSettings) -> AsyncIterator[None]:
    """Ingest while the block runs; it may not give up by itself: that ends the block at once."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(run(settings), name="ingest")
        yield
        task.cancel()


async def publish(parts: Parts, first: int, count: int) -> None:
    """Say `count` things and wait for the broker's promise for each."""
    login, address = parts.mosquitto.gateway, parts.mosquitto.address
    name = f"gateway-{secrets.token_hex(4)}"
    async with aiomqtt.Client(
        address.host, address.port, username=login.username, password=login.password, identifier=name
    ) as client:
        for n in range(first, first + count):
            message = Message(id=str(n), at=system_clock(), reading=Contact(state="closed"))
            await client.publish("shequ/v1/e1/door/event", PROFILES["door_contact"].encode(message), qos=1)


async def stored(parts: Parts, query: str = "SELECT count(*) FROM events") -> int:
    """What the database says; 0 while it is away."""
    try:
        async with await psycopg.AsyncConnection.connect(parts.postgres.url) as connection:
            row = await (await connection.execute(query)).fetchone()
    except psycopg.OperationalError:
        return 0
    return int(row[0]) if row else 0


async def until(parts: Parts, count: int) -> None:
    """Wait until so many events are stored."""
    async with asyncio.timeout(PATIENCE):
        while await stored(parts) < count:
            await asyncio.sleep(0.1)


async def hears(parts: Parts) -> None:
    """Wait until ingest has subscribed."""
    async with asyncio.timeout(PATIENCE):
        while not await stored(parts, "SELECT count(*) FROM ingest_progress"):
            await asyncio.sleep(0.1)


async def test_a_killed_database_costs_nothing_that_was_acknowledged(parts: Parts) -> None:
    async with running(parts.settings):
        await hears(parts)
        await publish(parts, 0, 100)
        await parts.postgres.kill()
        await publish(parts, 100, 100)  # the broker takes them: ingest does not acknowledge
        await parts.postgres.restart()
        await publish(parts, 200, 50)
        await until(parts, 250)
        await asyncio.sleep(1)  # long enough for a doubled one to arrive
    assert await stored(parts) == 250
    assert await stored(parts, "SELECT count(DISTINCT id) FROM events") == 250


async def test_a_restarted_broker_keeps_what_ingest_has_not_fetched(parts: Parts) -> None:
    async with running(parts.settings):
        await hears(parts)
    await publish(parts, 0, 50)
    await parts.mosquitto.restart()
    async with running(parts.settings):
        await publish(parts, 50, 50)
        await until(parts, 100)
    assert await stored(parts, "SELECT count(DISTINCT id) FROM events") == 100


async def test_ingest_comes_back_to_a_broker_that_was_killed(parts: Parts) -> None:
    async with running(parts.settings):
        await hears(parts)
        await parts.mosquitto.kill()
        await parts.mosquitto.restart()
        async with asyncio.timeout(PATIENCE):
            before = await stored(parts)
            while await stored(parts) == before:
                await publish(parts, int(system_clock().timestamp() * 1000) % 10**9, 1)
                await asyncio.sleep(0.5)


async def test_a_killed_broker_takes_nothing_with_it_that_ingest_had_fetched(parts: Parts) -> None:
    """With the database away too, ingest's window is the only place where the messages still are."""
    async with running(parts.settings):
        await hears(parts)
        await publish(parts, 0, 50)
        await until(parts, 50)
        os.kill(parts.mosquitto.pid, signal.SIGUSR1)  # it saves what it knows, as every ten seconds
        await parts.postgres.kill()
        await publish(parts, 50, 50)
        await parts.mosquitto.kill()
        await parts.mosquitto.start()
        await publish(parts, 100, 50)
        await parts.postgres.start()
        await until(parts, 150)
    assert await stored(parts) == 150
    assert await stored(parts, "SELECT count(DISTINCT id) FROM events") == 150
