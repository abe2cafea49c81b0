"""Events into the real hypertable: repetitions leave, a refused row costs itself only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import psycopg

from devices.event import Event
from devices.profiles.camera import CameraObject
from ingest.batch import Batch
from ingest.store import events

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


def seen(id_: str, label: str = "person") -> Event:
    reading = CameraObject(track="t", label=label, phase="enter", score=0.5)
    return Event(
        id=id_, device="c1", estate="e1", at=NOW, received_at=NOW + timedelta(seconds=1), reading=reading
    )


async def put(database: str, *many: Event) -> Batch:
    batch = Batch(messages=(), steps=list(many))
    async with await psycopg.AsyncConnection.connect(database) as connection, connection.cursor() as cursor:
        await events.put(cursor, batch)
    return batch


async def stored(database: str) -> list[str]:
    async with await psycopg.AsyncConnection.connect(database) as connection:
        rows = await (await connection.execute("SELECT id FROM events ORDER BY id")).fetchall()
    return [id_ for (id_,) in rows]


async def test_what_is_stored_already_leaves_the_batch(database: str) -> None:
    await put(database, seen("1"), seen("2"))
    batch = await put(database, seen("2"), seen("3"))
    assert [e.id for e in batch.events()] == ["3"]
    assert await stored(database) == ["1", "2", "3"]


async def test_a_row_that_the_database_refuses_goes_to_quarantine_alone(database: str) -> None:
    nul = msgspec.structs.replace(seen("2"), id="nul\x00")  # no decoder lets this through; a bug might
    batch = await put(database, seen("1"), nul, seen("3"))
    assert [e.id for e in batch.events()] == ["1", "3"]
    assert await stored(database) == ["1", "3"]
    assert [(q.stage, q.reason) for q in batch.quarantined] == [("store", "refused")]


async def test_text_with_every_troublesome_character_comes_back_unchanged(database: str) -> None:
    await put(database, seen("\\N", label="\\t\"'\\ 烟 {},"))
    async with await psycopg.AsyncConnection.connect(database) as connection:
        row = await (await connection.execute("SELECT id, data->>'label' FROM events")).fetchone()
    assert row == ("\\N", "\\t\"'\\ 烟 {},")
