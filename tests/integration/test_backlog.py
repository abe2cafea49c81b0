"""The backlog on the real database: order, connections, a lost answer, and an ingest that needs it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiomqtt
import msgspec
import psycopg
import pytest

from devices.model import Device
from ingest.batch import Batch
from ingest.clock import system_clock
from ingest.message import NOT_THE_BROKER, RawMessage
from ingest.settings import IngestSettings
from ingest.store.backlog import Backlog, forget
from ingest.store.registry import save_registry
from tests.integration.test_ingest import (
    community,
    estate,
    gateway,
    rows,
    running,
    settings,
    smoke,
    subscribed,
    until,
)

__all__ = ["community", "estate", "gateway", "settings"]  # pytest finds its fixtures by name

MANY = 600


def said(n: int, *, session: int = 1, again: bool = False) -> RawMessage:
    return RawMessage(
        topic=f"shequ/v1/e/门{n}/event",
        payload=bytes([0, 92, 10, 255, n % 256]),
        received_at=system_clock(),
        retained=n % 2 == 0,
        again=again,
        session=session,
        mid=n,
    )


@pytest.fixture
async def backlog(database: str) -> AsyncIterator[Backlog]:
    made = Backlog(database, "worker", 10)
    yield made
    await made.close()


def as_kept(message: RawMessage, *, again: bool = False) -> RawMessage:
    return msgspec.structs.replace(message, session=NOT_THE_BROKER, again=message.again or again)


def facts(message: RawMessage) -> RawMessage:
    """The message but for the number of its row."""
    assert message.kept
    return msgspec.structs.replace(message, kept=0)


async def test_messages_come_back_whole_and_in_order(backlog: Backlog) -> None:
    messages = [said(n, again=n == 3) for n in range(7)]
    await backlog.put(messages[:4])
    await backlog.put(messages[4:])
    assert backlog.rows == 7
    taken = [*await backlog.take(5), *await backlog.take(5)]
    assert [facts(m) for m in taken] == [as_kept(m) for m in messages]
    assert backlog.rows == 0
    backlog.rows = 5  # somebody emptied the table by hand
    assert await backlog.take(5) == []
    assert backlog.rows == 0, "or the pipeline would ask for ever"


async def test_a_batch_is_of_one_connection_and_of_one_process(backlog: Backlog, database: str) -> None:
    await backlog.put([said(0), said(1)])
    await backlog.put([said(2, session=2)])
    assert [m.mid for m in await backlog.take(10)] == [0, 1]
    assert [m.mid for m in await backlog.take(10)] == [2]
    other = Backlog(database, "worker", 10)
    await other.count()
    await other.put([said(3, session=2)])
    assert other.rows == 4
    assert [[m.mid for m in await other.take(10)] for _ in range(3)] == [[0, 1], [2], [3]]
    await other.close()


async def test_what_was_judged_is_gone_and_the_rest_waits_for_the_next_process(
    backlog: Backlog, database: str
) -> None:
    stranger = Backlog(database, "another", 10)
    await stranger.put([said(9)])
    await backlog.put([said(n) for n in range(5)])
    batch = Batch(messages=await backlog.take(2))
    async with (
        await psycopg.AsyncConnection.connect(database) as connection,
        connection.cursor() as cursor,
    ):
        await forget(cursor, "worker", batch)
        await forget(cursor, "worker", Batch(messages=[said(1)]))  # of the broker: nothing to forget
    later = Backlog(database, "worker", 10)
    await later.count()
    assert later.rows == 3
    assert [m.mid for m in await later.take(10)] == [2, 3, 4]
    assert [m.mid for m in await stranger.take(10)] == [9]
    for one in (later, stranger):
        await one.close()


async def test_a_second_try_says_that_it_may_be_one(backlog: Backlog) -> None:
    """The answer to the first commit was lost: all of it is there twice, and counted."""
    messages = [said(n) for n in range(3)]
    await backlog.put(messages)
    backlog.rows = 0  # as a process knows it that had no answer
    await backlog.put(messages, again=True)
    assert backlog.rows == 6
    taken = await backlog.take(10)
    assert [facts(m) for m in taken] == [as_kept(m, again=n >= 3) for n, m in enumerate(messages * 2)]


async def test_a_connection_that_broke_is_opened_anew(backlog: Backlog, database: str) -> None:
    await backlog.put([said(1)])
    await rows(
        database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    with pytest.raises(psycopg.OperationalError):
        await backlog.put([said(2)])
    await backlog.put([said(2)], again=True)
    assert [m.mid for m in await backlog.take(10)] == [1, 2]


async def test_more_than_can_be_judged_waits_in_the_database_and_nothing_is_lost(
    database: str, community: str, estate: str, settings: IngestSettings, gateway: aiomqtt.Client
) -> None:
    """The first ingest is stopped in the middle of it: the second goes on, in the order of arrival."""
    door = f"{estate}-door"
    now = system_clock()
    async with await psycopg.AsyncConnection.connect(database) as connection:
        added = Device(
            id=door, estate=estate, place=estate, profile="door_contact", name_zh="门", name_en="Door",
            registered_at=now,
        )  # fmt: skip
        await save_registry(connection, devices=[added])
    narrow = settings.model_copy(update={"window": 200, "batch_size": 5})

    async def put_by() -> bool:
        return bool(await rows(database, "SELECT 1 FROM ingest_progress WHERE waiting > 0"))

    async with running(narrow):
        await subscribed(database)
        async with await psycopg.AsyncConnection.connect(database) as lock:
            await lock.execute("LOCK TABLE events IN EXCLUSIVE MODE")  # judging stands still
            for start in range(0, MANY, 50):
                topic = f"shequ/v1/{estate}/{door}/event"
                told = {"at": now.isoformat(), "type": "contact", "data": {"state": "open"}}
                messages = (json.dumps({"id": f"{n:04}", **told}) for n in range(start, start + 50))
                await asyncio.gather(*(gateway.publish(topic, one, qos=1) for one in messages))
            await gateway.publish(f"shequ/v1/{estate}/{community}/event", smoke("alarm"), qos=1)
        await until(put_by)
    kept = await rows(database, "SELECT count(*) FROM ingest_backlog")
    assert kept[0][0] > 0
    async with running(narrow):

        async def done() -> bool:
            found = await rows(
                database,
                "SELECT (SELECT count(*) FROM events WHERE device = %s),"
                " (SELECT count(*) FROM ingest_backlog), (SELECT sum(waiting) FROM ingest_progress)",
                door,
            )
            return found[0] == (MANY, 0, 0)

        await until(done)
    order = await rows(
        database, "SELECT id FROM events WHERE device = %s ORDER BY committed_at, received_at, id", door
    )
    assert [id_ for (id_,) in order] == [f"{n:04}" for n in range(MANY)]
    assert await rows(database, "SELECT code, hit_count FROM alerts WHERE severity = 1") == [("FIRE-001", 1)]
    assert await rows(
        database, "SELECT count(*) FROM quarantine WHERE topic LIKE %s", f"shequ/v1/{estate}/%"
    ) == [(0,)]
