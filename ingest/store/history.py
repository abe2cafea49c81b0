"""The stored past, read back: events in order of arrival, alerts, what people closed.

Events come through a server-side cursor, chunk by chunk: a month of a county does not fit in memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row, tuple_row

from devices.event import Event, Flag
from devices.profiles import READINGS
from devices.reading import Reading
from ingest.store import sql
from rules.backtest import Closing, Line, Raised
from rules.engine import MemoryKey
from rules.handling.desk import is_note
from rules.window import Memory, decode_memory

Q = sql.load("ingest.store", "history.sql")
CHUNK = 500  # events judged before anybody else gets a turn

Connection = AsyncConnection[Any]
_DECODERS = {kind: msgspec.json.Decoder(reading) for kind, reading in READINGS.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A part of the past; None: every estate."""

    start: datetime
    end: datetime
    estates: tuple[str, ...] | None = None

    def values(self) -> dict[str, Any]:
        """Parameters of the queries."""
        estates = None if self.estates is None else list(self.estates)
        return {"start": self.start, "end": self.end, "estates": estates}


async def events(
    connection: Connection, span: Span, types: Sequence[str] | None
) -> AsyncIterator[list[Event]]:
    """Read events in order of arrival; a type or a reading that we no longer know is passed over."""
    wanted = {**span.values(), "types": None if types is None else list(types)}
    async with (
        connection.transaction(),
        connection.cursor(name="history", row_factory=tuple_row) as cursor,
    ):
        cursor.itersize = CHUNK
        await connection.execute(Q["patience"])
        await cursor.execute(Q["stored_events"], wanted)
        while rows := await cursor.fetchmany(CHUNK):
            yield [event for row in rows if (event := _event(row)) is not None]


def _event(row: tuple[Any, ...]) -> Event | None:
    device, id_, at, estate, kind, data, flags, received_at = row
    decoder: msgspec.json.Decoder[Reading] | None = _DECODERS.get(kind)
    if decoder is None:
        return None
    try:
        reading = decoder.decode(data)
    except msgspec.DecodeError:
        return None
    return Event(
        id=id_,
        device=device,
        estate=estate,
        at=at,
        received_at=received_at,
        reading=reading,
        flags=tuple(Flag(f) for f in flags),
    )


async def alerts(connection: Connection, span: Span, rule: str | None) -> list[Raised]:
    """Read the alerts that were raised."""
    return [
        Raised(**row) for row in await _rows(connection, "stored_alerts", {**span.values(), "rule": rule})
    ]


async def closings(connection: Connection, span: Span) -> list[Closing]:
    """Read what people closed."""
    return [Closing(**row) for row in await _rows(connection, "closings", span.values())]


async def lines(connection: Connection, span: Span) -> list[Line]:
    """Read the alert log as far as rules wrote it."""
    return [Line(**row) for row in await _rows(connection, "alert_lines", span.values())]


async def estates_of(connection: Connection, scope: str | None) -> tuple[str, ...]:
    """List the estates of a part of the place tree."""
    return tuple(row["code"] for row in await _rows(connection, "estates_of", {"scope": scope}))


async def memory(
    connection: Connection, estates: Sequence[str], subjects: Sequence[str] | None
) -> dict[MemoryKey, Memory]:
    """Read the engine's memory as it was last saved."""
    wanted = {"estates": list(estates), "subjects": None if subjects is None else list(subjects)}
    rows = await _rows(connection, "memory_of", wanted)
    return {
        key: decode_memory(r["memory"].encode())
        for r in rows
        if not is_note(key := MemoryKey(r["estate"], r["rule"], r["subject"]))
    }


async def _rows(connection: Connection, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(Q[query], values)).fetchall()
