"""Behind a backlog in the broker an alarm is raised at once and counted once, and the backlog is not lost."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import aiomqtt
import psycopg

from devices.model import Device
from ingest.clock import system_clock
from ingest.settings import IngestSettings
from ingest.store.registry import save_registry
from tests.integration.test_ingest import (
    community,
    estate,
    gateway,
    rows,
    running,
    settings,
    smoke,
    stored,
    subscribed,
    until,
)

__all__ = ["community", "estate", "gateway", "settings"]  # pytest finds its fixtures by name

BACKLOG = 1500


async def caught_up(database: str) -> None:
    """Wait until a marker of three seconds from now has been judged: the early line is trusted by then."""
    then = system_clock() + timedelta(seconds=1)

    async def passed() -> bool:
        return bool(await rows(database, "SELECT 1 FROM ingest_progress WHERE clock > %s", then))

    await until(passed)


async def test_an_alarm_overtakes_what_the_broker_holds_back(
    database: str, community: str, estate: str, settings: IngestSettings, gateway: aiomqtt.Client
) -> None:
    door = f"{estate}-door"
    now = system_clock()
    async with await psycopg.AsyncConnection.connect(database) as connection:
        added = Device(
            id=door, estate=estate, place=estate, profile="door_contact", name_zh="门", name_en="Door",
            registered_at=now,
        )  # fmt: skip
        await save_registry(connection, devices=[added])
    narrow = settings.model_copy(update={"window": 40, "batch_size": 40})
    async with running(narrow):
        await subscribed(database)
        await caught_up(database)
        async with await psycopg.AsyncConnection.connect(database) as lock:
            await lock.execute(
                "LOCK TABLE events IN EXCLUSIVE MODE"
            )  # ingest waits, the broker holds the rest
            for start in range(0, BACKLOG, 50):
                said = (
                    json.dumps(
                        {"id": str(n), "at": now.isoformat(), "type": "contact", "data": {"state": "open"}}
                    )
                    for n in range(start, start + 50)
                )
                await asyncio.gather(
                    *(gateway.publish(f"shequ/v1/{estate}/{door}/event", one, qos=1) for one in said)
                )
            topic = f"shequ/v1/{estate}/{community}/event"
            await gateway.publish(topic, smoke("alarm"), qos=1)
            await gateway.publish(topic, b'{"type": "smoke", "id"', qos=1)
            await gateway.publish(topic, smoke("again"), qos=1)
            await gateway.publish(topic, smoke("again"), qos=1)
        await stored(database, door, BACKLOG)
        await caught_up(database)
    behind = await rows(
        database,
        "SELECT count(*) FROM events e JOIN events a ON a.id = 'alarm' AND e.committed_at > a.committed_at",
    )
    assert behind[0][0] > BACKLOG / 2
    assert await rows(database, "SELECT code, hit_count FROM alerts WHERE severity = 1") == [("FIRE-001", 2)]
    assert await rows(database, "SELECT count(*), count(DISTINCT (device, id)) FROM events") == [
        (BACKLOG + 2, BACKLOG + 2)
    ]
    # other tests' devices speak to this broker too
    aside = "SELECT count(*) FROM quarantine WHERE split_part(topic, '/', 3) = %s"
    assert await rows(database, aside, estate) == [(1,)]
    repeated = "SELECT sum(duplicates)::int FROM device_counts WHERE device = %s"
    assert await rows(database, repeated, community) == [(1,)]
