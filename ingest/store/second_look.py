"""What was set aside and is read again: taken from quarantine, and settled with the batch it went in."""

from __future__ import annotations

from typing import Any, Final

from psycopg import AsyncConnection, AsyncCursor

from ingest.batch import Batch
from ingest.message import NOT_THE_BROKER, RawMessage
from ingest.store import sql

Q: Final = sql.load("ingest.store", "queries.sql")


async def load(connection: AsyncConnection[Any], limit: int) -> list[RawMessage]:
    """Read what somebody asked for, as it came: its topic, its bytes, the time of its arrival."""
    cursor = await connection.execute(Q["asked_again"], {"limit": limit})
    return [
        RawMessage(
            topic=topic,
            payload=bytes(payload),
            received_at=received_at,
            retained=False,
            again=False,
            session=NOT_THE_BROKER,
            mid=0,
            aside=number,
        )
        for number, topic, payload, received_at in await cursor.fetchall()
    ]


async def settle(cursor: AsyncCursor[Any], batch: Batch) -> None:
    """Mark what was understood this time, and say of the rest what is wrong now."""
    looked = {message.aside for message in batch.messages if message.aside}
    if not looked:
        return
    wrong = {q.message.aside: q for q in batch.quarantined if q.message.aside}
    for number, q in wrong.items():
        row = {"id": number, "stage": q.stage, "reason": q.reason, "detail": sql.storable(q.detail)}
        await cursor.execute(Q["set_aside_again"], row)
    await cursor.execute(Q["read_again"], {"ids": sorted(looked - set(wrong))})
