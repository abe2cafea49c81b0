"""A flood of messages nobody can use does not fill the disk, and each of them is counted."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import aiomqtt
import psycopg
from psycopg.rows import dict_row

from devices.errors import Fault, Stage
from ingest.batch import Quarantined
from ingest.message import RawMessage
from ingest.retention import CLASSES, keep_times
from ingest.settings import IngestSettings
from ingest.store import quarantine
from ingest.store.sweeping import sweep
from tests.integration.api_desk import open_desk
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

MIB: Final = 1024 * 1024
NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)


def bad(topic: str, payload: bytes, at: datetime = NOON) -> Quarantined:
    """A message that cannot be decoded."""
    message = RawMessage(
        topic=topic, payload=payload, received_at=at, retained=False, again=False, session=0, mid=0
    )
    return Quarantined(message=message, stage=Stage.DECODE, reason=Fault.NOT_JSON, detail="no JSON")


async def put(database: str, messages: Iterable[Quarantined], room: int) -> None:
    """Set messages aside in one transaction."""
    async with await psycopg.AsyncConnection.connect(database) as connection, connection.cursor() as cursor:
        await quarantine.put(cursor, list(messages), room)


async def test_a_flood_takes_its_room_and_no_more_and_an_alarm_behind_it_is_raised(
    database: str, community: str, estate: str, settings: IngestSettings, gateway: aiomqtt.Client
) -> None:
    topic = f"shequ/v1/{estate}/{community}/event"
    flood = [b"{" + random.Random(n).randbytes(8191) for n in range(700)]  # noqa: S311 - what does not compress
    counted = (
        "SELECT (SELECT count(*) FROM quarantine) + coalesce((SELECT sum(count) FROM quarantine_folds), 0)"
    )
    async with running(settings.model_copy(update={"quarantine_mb": 1})):
        await subscribed(database)
        for start in range(0, len(flood), 50):
            some = flood[start : start + 50]
            await asyncio.gather(*(gateway.publish(topic, payload, qos=1) for payload in some))
        await gateway.publish(topic, smoke("behind"), qos=1)
        await stored(database, community, 1)

        async def all_there() -> bool:
            return bool((await rows(database, counted))[0][0] >= len(flood))

        await until(all_there)
    assert await rows(database, "SELECT code FROM alerts") == [("FIRE-001",)]
    [(kept, size)] = await rows(
        database, "SELECT count(*), pg_total_relation_size('quarantine') FROM quarantine"
    )
    assert 100 < kept < MIB / 8192
    assert size < 1.5 * MIB
    folds = await rows(database, "SELECT topic, count, digest, head FROM quarantine_folds")
    assert {found for found, *_ in folds} == {topic}
    assert kept + sum(count for _, count, _, _ in folds) == len(flood)
    whole = {bytes(p) for (p,) in await rows(database, "SELECT payload FROM quarantine")}
    beyond = [payload for payload in flood if payload not in whole]
    assert sum(digest for *_, digest, _ in folds) == sum(quarantine.digest(payload) for payload in beyond)
    assert {bytes(head) for *_, head in folds} <= {payload[: quarantine.HEAD] for payload in beyond}


async def test_a_full_quarantine_is_said_everywhere_and_over_once_there_is_room(database: str) -> None:
    async with open_desk(database) as desk:
        await put(database, [bad("shequ/v1/EST2/x/event", b"y" * 900) for _ in range(5)], 4 * 1250)
        room = (await desk.get("/api/selfcheck")).json()["quarantine"]
        assert (room["bytes"], room["limit_bytes"], room["folded"]) == (4 * 1221, 5000, 1)
        assert room["full_since"]
        metrics = (await desk.get("/metrics")).text
        assert "shequ_quarantine_folded 1.0" in metrics
        assert "shequ_quarantine_bytes 4884.0" in metrics
        [fold] = (await desk.get("/api/quarantine/folded", "boss")).json()
        assert (fold["topic"], fold["count"], fold["bytes"]) == ("shequ/v1/EST2/x/event", 1, 900)
        assert (await desk.get("/api/quarantine/folded", "wuye")).json() == []  # another estate's
        assert (await desk.get("/api/quarantine/folded", "wang")).status_code == 403
        full = "SELECT full_since IS NOT NULL, bytes FROM quarantine_room"
        await put(database, [bad("t", b"")], 5500)  # inside the room, and in its last tenth: still full
        assert await rows(database, full) == [(True, 4884)]
        await put(database, [bad("t", b"")], 9000)
        assert await rows(database, full) == [(False, 5185)]


async def test_retention_gives_the_room_back(database: str) -> None:
    old, new = NOON - timedelta(days=400), NOON
    await put(database, [bad("t", b"12345", old), bad("t", b"123", new), bad("t", b"1" * 999, old)], 700)
    assert await rows(database, "SELECT bytes FROM quarantine_room") == [(5 + 3 + 2 * 301,)]
    async with await psycopg.AsyncConnection.connect(
        database, autocommit=True, row_factory=dict_row
    ) as connection:
        await connection.execute("UPDATE quarantine SET received_at = now() WHERE received_at > '2026-01-01'")
        gone = await sweep(connection, CLASSES, keep_times(None))
    assert gone["quarantine"] == 2  # a row and a fold
    assert await rows(database, "SELECT bytes FROM quarantine_room") == [(3 + 301,)]


async def test_a_flood_of_topics_is_bounded_too(database: str) -> None:
    many = [bad(f"t{n}/{'x' * 5000}", b"?") for n in range(quarantine.MOST + 40)]
    await put(database, many[:600], 0)
    await put(database, many[600:], 0)
    found = await rows(
        database, "SELECT count(*), sum(count) FROM quarantine_folds WHERE topic <> %s", quarantine.OTHERS
    )
    assert found == [(quarantine.MOST, quarantine.MOST)]
    assert await rows(database, "SELECT count FROM quarantine_folds WHERE topic = %s", quarantine.OTHERS) == [
        (40,)
    ]


async def test_an_adapters_topic_belongs_to_the_estate_behind_via(database: str) -> None:
    topics = ["shequ/v1/EST1/d/event", "via/EST1/zigbee2mqtt/lamp", "zigbee2mqtt/lamp", "x"]
    async with open_desk(database) as desk:
        await put(database, [bad(topic, b"?", datetime.now(UTC)) for topic in topics], MIB)  # noqa: TID251 - counted by the hour
        assert (await desk.get("/api/kpi", "wuye")).json()["quarantined_last_hour"] == 2
        assert (await desk.get("/api/kpi", "boss")).json()["quarantined_last_hour"] == 4
