"""Alert handling on the real broker and database: a storm, silences, what holds back and lets go, a kill."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import aiomqtt
import msgspec
import psycopg
import pytest

from devices.model import Device
from devices.profiles.gateway import Power
from devices.reading import Fault, State
from ingest.__main__ import run
from ingest.settings import IngestSettings
from ingest.store.registry import save_registry
from ingest.store.wishes import save_hush, save_override
from rules.handling.case import HushKind
from rules.override import Override
from simulators.stack import Broker
from simulators.storm import Storm, storm
from simulators.timeline import Sending, say
from tests.parts import as_part

EVENTS = int(os.environ.get("STORM_EVENTS", "10000"))
SECONDS = float(os.environ.get("STORM_SECONDS", "60"))
GROUPS = "SELECT group_key, severity FROM alert_group_wire ORDER BY severity"


@pytest.fixture
def settings(database: str, broker: Broker) -> IngestSettings:
    """Ingest's settings, with a session of its own."""
    login, address = broker.ingest, broker.address
    where = f"mqtt://{quote(login.username)}:{quote(login.password)}@{address.host}:{address.port}"
    return IngestSettings.model_validate(
        {
            "database_url": as_part(database, "ingest"),
            "broker_url": where,
            "client_id": f"ingest-{uuid4().hex[:8]}",
        }
    )


@asynccontextmanager
async def running(settings: IngestSettings, database: str) -> AsyncIterator[asyncio.Task[None]]:
    """Ingest while the block runs, from its first batch on."""
    task = asyncio.create_task(run(settings), name="ingest")
    try:
        await until(database, "SELECT 1 FROM ingest_progress")
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
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


async def rows(database: str, query: str) -> list[tuple[Any, ...]]:
    """What a query answers."""
    async with await psycopg.AsyncConnection.connect(database) as connection:
        return await (await connection.execute(query)).fetchall()


async def until(database: str, query: str, patience: float = 40.0) -> float:
    """Wait until a query answers something; how long that took."""
    began = time.perf_counter()
    async with (
        asyncio.timeout(patience),
        await psycopg.AsyncConnection.connect(database, autocommit=True) as connection,
    ):
        while not await (await connection.execute(query)).fetchall():
            await asyncio.sleep(0.02)
    return time.perf_counter() - began


async def prepare(database: str, plan: Storm) -> None:
    """Register the building."""
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await save_registry(connection, places=plan.places, devices=plan.devices)


async def send(client: aiomqtt.Client, sending: Sending) -> None:
    """Publish one message."""
    topic, payload = sending.wire()
    await client.publish(topic, payload, qos=1)


@pytest.mark.timeout(500)
async def test_a_storm_is_a_handful_of_things_and_a_call_for_help_shows_at_once(
    database: str, broker: Broker, settings: IngestSettings
) -> None:
    """At once: in a twelfth of the storm's time. `shequ drill --storm` measures the second it takes."""
    estate = f"e-{uuid4().hex[:8]}"
    start = datetime.now(UTC)  # noqa: TID251 - real devices live in real time
    plan = storm(estate, start, events=EVENTS, lasts=timedelta(seconds=SECONDS))
    await prepare(database, plan)
    async with running(settings, database), gateway(broker) as client:
        shift = datetime.now(UTC) - start  # noqa: TID251
        began, waits = time.perf_counter(), []
        async with asyncio.TaskGroup() as group:
            for sending in plan.timeline:
                ahead = (sending.when - start).total_seconds() - (time.perf_counter() - began)
                if ahead > 0.01:
                    await asyncio.sleep(ahead)
                await send(client, _now(sending, shift))
                if sending is plan.help:
                    seen = "SELECT 1 FROM feed WHERE kind = 'alert' AND body->>'code' = 'SOS-001'"
                    waits.append(group.create_task(until(database, seen), name="operator"))
        await until(database, f"SELECT 1 FROM events HAVING count(*) >= {EVENTS}")  # noqa: S608 - a number
        took = time.perf_counter() - began
    things = await rows(database, GROUPS)
    held = await rows(database, "SELECT count(*) FROM alerts WHERE state = 'suppressed'")
    print(  # noqa: T201 - the storm's report
        f"storm: {EVENTS} events, {took:.1f} s, help after {waits[0].result():.3f} s, {things}, held {held}"
    )
    assert len(things) <= 5
    assert (f"{estate}/{estate}-b1/help", 1) in things
    assert waits[0].result() <= SECONDS / 12
    assert held[0][0] > 0


def _now(sending: Sending, shift: timedelta) -> Sending:
    """The same message, told now."""
    assert sending.message is not None
    moved = sending.when + shift
    return replace(sending, when=moved, message=msgspec.structs.replace(sending.message, at=moved))


async def test_hushes_and_overrides_are_heeded_at_once_and_leave_a_trail(
    database: str, broker: Broker, settings: IngestSettings
) -> None:
    estate = f"e-{uuid4().hex[:8]}"
    now = datetime.now(UTC)  # noqa: TID251
    plan = storm(estate, now, devices=5, events=10)
    await prepare(database, plan)
    camera, gate = plan.devices[2], plan.devices[5]
    async with running(settings, database), gateway(broker) as client:
        async with await psycopg.AsyncConnection.connect(database) as connection:
            await save_hush(
                connection,
                kind=HushKind.MAINTENANCE,
                scope=camera.id,
                author="li",
                reason="new lens",
                starts_at=now - timedelta(hours=1),
                ends_at=now + timedelta(hours=1),
            )
            await save_override(
                connection,
                Override(
                    rule="DEV-001", scope=gate.id, param="low", value=60, author="li", reason="old cell"
                ),
            )
        await asyncio.sleep(2)
        trouble = say_fault(camera, now)
        await send(client, trouble)
        await send(client, say_battery(gate, now))
        await until(database, "SELECT 1 FROM alerts HAVING count(*) >= 2")
    alerts = await rows(database, "SELECT code, state, hush_reason FROM alerts ORDER BY code")
    assert alerts == [("DEV-001", "open", None), ("DEV-005", "suppressed", "maintenance")]
    trail = await rows(database, "SELECT verb, trail->0->>'by' FROM alert_occurrences WHERE trail <> '[]'")
    assert trail == [("raise", "li")]


async def test_what_was_held_back_is_shown_when_the_power_is_back(
    database: str, broker: Broker, settings: IngestSettings
) -> None:
    estate = f"e-{uuid4().hex[:8]}"
    now = datetime.now(UTC)  # noqa: TID251
    plan = storm(estate, now, devices=5, events=10)
    await prepare(database, plan)
    gw, camera, other = plan.devices[0], plan.devices[2], plan.devices[3]
    held = "SELECT 1 FROM alerts WHERE code = 'DEV-005' AND state = 'suppressed' HAVING count(*) = {}"
    async with running(settings, database), gateway(broker) as client:
        await send(client, say_fault(camera, now))
        await until(database, "SELECT 1 FROM alerts WHERE code = 'DEV-005' AND state = 'open'")
        await send(client, say_power(gw, now, mains=False))
        await until(database, held.format(1))  # what came before its cause is held back afterwards
        await send(client, say_fault(other, now))
        await until(database, held.format(2))
    async with running(settings, database), gateway(broker) as client:  # a new process holds on
        await send(client, say_power(gw, now + timedelta(seconds=5), mains=True))
        await until(
            database, "SELECT 1 FROM alerts WHERE code = 'DEV-005' AND state = 'open' HAVING count(*) = 2"
        )


async def test_what_speaks_through_a_gateway_is_held_back_while_that_is_away(
    database: str, broker: Broker, settings: IngestSettings
) -> None:
    estate = f"e-{uuid4().hex[:8]}"
    now = datetime.now(UTC)  # noqa: TID251
    plan = storm(estate, now, devices=5, events=10)
    patience = {0: timedelta(seconds=4), 2: timedelta(seconds=1), 3: timedelta(seconds=1)}
    crowd = [
        replace(d, offline_after=patience.get(n, timedelta(hours=1))) for n, d in enumerate(plan.devices)
    ]
    gw, child, stranger = crowd[0], crowd[2], crowd[3]
    crowd[2] = replace(child, gateway=gw.id, place=estate)  # outside the building, through its gateway
    crowd[3] = replace(stranger, gateway=crowd[4].id)  # in the building, through another one
    await prepare(database, replace(plan, devices=tuple(crowd)))
    state = "SELECT 1 FROM alerts WHERE code = 'DEV-002' AND device = '{}' AND state = '{}'"
    async with running(settings, database), gateway(broker) as client:
        for device in (child, stranger):
            await until(database, state.format(device.id, "open"))
        await until(database, "SELECT 1 FROM alerts WHERE code = 'DEV-007' AND state = 'open'")
        await until(database, state.format(child.id, "suppressed"))
        assert await rows(database, state.format(stranger.id, "open"))
        by = f"SELECT hushed_by FROM alerts WHERE device = '{child.id}'"  # noqa: S608 - our own id
        assert await rows(database, by) == [(f"{estate}/DEV-007/{gw.id}",)]
        for n in range(2):
            later = datetime.now(UTC) + timedelta(seconds=n)  # noqa: TID251
            await send(client, say_power(gw, later, mains=True))
        await until(database, state.format(child.id, "open"))


def say_fault(device: Device, at: datetime) -> Sending:
    """A device reports trouble."""
    return say(device, at, Fault(code="trouble", active=True), f"f-{uuid4().hex[:6]}")


def say_battery(device: Device, at: datetime) -> Sending:
    """A device reports half a charge."""
    return say(device, at, State(battery=50.0), f"b-{uuid4().hex[:6]}")


def say_power(device: Device, at: datetime, *, mains: bool) -> Sending:
    """A gateway tells of the mains."""
    return say(device, at, Power(mains=mains), f"p-{uuid4().hex[:6]}")
