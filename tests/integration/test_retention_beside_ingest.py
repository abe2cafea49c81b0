"""Retention never makes ingest wait, nor waits for it: its locks, and both ways round with a lock timeout."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from ingest.retention import CLASSES, keep_times
from ingest.store.sweeping import sweep

HISTORY = """
INSERT INTO events (device, id, at, estate, type, data, received_at)
SELECT 'd', 'e' || n, now() - n * INTERVAL '150 days', 'E', 'smoke', '{}', now() FROM generate_series(0, 2) n
"""
ARRIVES = """
INSERT INTO events (device, id, at, estate, type, data, received_at)
SELECT 'd', 'new' || n, now() + n * INTERVAL '1 day', 'E', 'smoke', '{}', now() FROM generate_series(0, 1) n
"""  # today's chunk, and one that must be made first
LOCKS = "SELECT mode FROM pg_locks WHERE pid = %s AND relation = 'events'::regclass AND granted"
STOPS_INSERTS = {"ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"}
IMPATIENT = "SET lock_timeout = '2s'"


async def opened(database: str) -> AsyncConnection[TupleRow]:
    connection = await psycopg.AsyncConnection.connect(database, autocommit=True)
    await connection.execute(IMPATIENT)
    return connection


async def test_events_arrive_while_an_old_chunk_is_being_dropped(database: str) -> None:
    async with await opened(database) as sweeper, await opened(database) as ingest:
        await sweeper.execute(HISTORY)
        async with sweeper.transaction():
            gone = await sweep(sweeper, CLASSES, keep_times(None))
            assert gone["events"] == 2
            pid = sweeper.info.backend_pid
            modes = {mode for (mode,) in await (await ingest.execute(LOCKS, (pid,))).fetchall()}
            assert modes, "a sweep that locks nothing dropped nothing"
            assert not modes & STOPS_INSERTS
            await ingest.execute(ARRIVES)  # fails after 2 s if it must wait


async def test_an_old_chunk_is_dropped_while_a_batch_is_being_written(database: str) -> None:
    async with await opened(database) as sweeper, await opened(database) as ingest:
        await sweeper.execute(HISTORY)
        async with ingest.transaction():
            await ingest.execute(ARRIVES)
            gone = await sweep(sweeper, CLASSES, keep_times(None))
            assert gone["events"] == 2


async def test_a_lock_that_stops_inserts_would_be_noticed(database: str) -> None:
    async with await opened(database) as sweeper, await opened(database) as ingest, sweeper.transaction():
        await sweeper.execute("LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE")
        pid = sweeper.info.backend_pid
        modes = {mode for (mode,) in await (await ingest.execute(LOCKS, (pid,))).fetchall()}
        assert modes & STOPS_INSERTS
        await ingest.execute("SET lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            await ingest.execute(ARRIVES)
