"""Events into their hypertable: COPY, each `(device, id)` once, and no row spoils its neighbours."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import msgspec
from psycopg import AsyncCursor, DataError
from psycopg.errors import UniqueViolation

from devices.errors import Fault, Stage
from devices.event import Event
from ingest.batch import Batch, Key, set_aside
from ingest.store import sql

log = logging.getLogger(__name__)

Q = sql.load("ingest.store", "queries.sql")

Cursor = AsyncCursor[Any]


async def put(cursor: Cursor, batch: Batch) -> None:
    """Store the batch's events; those known already, and those PostgreSQL refuses, leave the batch.

    The ordinary batch pays for nothing but COPY: only where it fails is the database
    asked which events it has, or which one it cannot take.
    """
    try:
        async with cursor.connection.transaction():
            await _copy(cursor, batch.events())
    except UniqueViolation:
        batch.without(await _known(cursor, batch))
        await _copy(cursor, batch.events())
    except DataError as exc:
        log.warning("a row was refused, looking for it: %s", exc, extra={"action": "row_refused"})
        await _one_by_one(cursor, batch)


async def _copy(cursor: Cursor, events: Iterable[Event]) -> None:
    async with cursor.copy(Q["copy_events"]) as copy:
        for e in events:
            await copy.write_row(
                (
                    e.device,
                    e.id,
                    e.at.isoformat(),  # a text is written as it is; of a time psycopg asks its zone first
                    e.estate,
                    e.reading.type,
                    msgspec.json.encode(e.reading).decode(),
                    "{" + ",".join(e.flags) + "}",
                    e.received_at.isoformat(),
                )
            )


async def _one_by_one(cursor: Cursor, batch: Batch) -> None:
    """Find the rows that PostgreSQL refuses: into quarantine with them, the others are stored."""
    gone: set[Key] = set()
    for event in list(batch.events()):
        try:
            async with cursor.connection.transaction():
                await _copy(cursor, [event])
        except UniqueViolation:
            gone.add((event.device, event.id))
        except DataError as exc:
            gone.add((event.device, event.id))
            batch.quarantined.append(set_aside(event, Stage.STORE, Fault.REFUSED, str(exc)))
    batch.without(gone)


async def _known(cursor: Cursor, batch: Batch) -> set[Key]:
    """Ask which of the batch's events are stored."""
    events = list(batch.events())
    times = [e.at for e in events]
    await cursor.execute(
        Q["known_keys"],
        {
            "devices": [e.device for e in events],
            "ids": [e.id for e in events],
            "first": min(times),
            "last": max(times),
        },
    )
    return set(await cursor.fetchall())
