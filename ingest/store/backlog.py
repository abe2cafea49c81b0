"""The backlog: what comes in faster than it can be judged, put by and judged in the order it came.

A broker keeps what waits for a subscriber in its memory, writes all of it to its disk every few seconds
and serves nobody meanwhile. So it is not left there: messages go into a table as they are, are
acknowledged once that has committed, and leave it in the transaction that judges them. See
docs/adr/071-backlog.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from itertools import takewhile
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection, AsyncCursor

from ingest.batch import Batch
from ingest.message import NOT_THE_BROKER, RawMessage
from ingest.store import sql

Q: Final = sql.load("ingest.store", "backlog.sql")
SESSIONS: Final = 1 << 20  # connections of one process that are told apart

Connection = AsyncConnection[Any]


class Backlog:
    """One worker's messages that wait in the table, on a connection that is opened anew after it broke.

    `limit` is how many may wait in memory before they are put by, `rows` how many wait in the table.
    """

    def __init__(self, url: str, worker: str, limit: int) -> None:
        self.limit = limit
        self.rows = 0
        self._url = url
        self._worker = worker
        self._taken = 0  # up to this row they are in the pipeline's hand
        self._process = secrets.randbits(40) * SESSIONS
        self._connection: Connection | None = None

    async def put(self, messages: Sequence[RawMessage], *, again: bool = False) -> None:
        """Keep these messages, behind those that are kept; `again`: an earlier try may have kept them.

        Raises psycopg's errors: then it is not known whether they are kept.
        """
        connection = await self._connected()
        async with connection.transaction(), connection.cursor() as cursor, cursor.copy(Q["put"]) as copy:
            for m in messages:
                line = self._process + m.session % SESSIONS
                row = (m.topic.encode(), m.payload, m.received_at.isoformat(), m.retained, m.again or again)
                await copy.write_row((self._worker, line, m.mid, *row))
        if again:
            await self.count()
        else:
            self.rows += len(messages)

    async def take(self, most: int) -> list[RawMessage]:
        """Hand out the next messages, at most `most`, all of one connection; they stay until judged."""
        connection = await self._connected()
        async with connection.cursor(binary=True) as cursor:
            await cursor.execute(Q["take"], {"worker": self._worker, "after": self._taken, "most": most})
            found = await cursor.fetchall()
        taken = [
            RawMessage(
                topic=topic.decode(),
                payload=payload,
                received_at=received_at,
                retained=retained,
                again=again,
                session=NOT_THE_BROKER,
                mid=mid,
                kept=number,
            )
            for number, _, mid, topic, payload, received_at, retained, again in takewhile(
                lambda row: row[1] == found[0][1], found
            )
        ]
        self._taken = taken[-1].kept if taken else self._taken
        self.rows = self.rows - len(taken) if taken else 0
        return taken

    async def count(self) -> None:
        """Count what waits: at the start, from time to time, and where a commit's answer was lost."""
        connection = await self._connected()
        row = await (
            await connection.execute(Q["count"], {"worker": self._worker, "after": self._taken})
        ).fetchone()
        self.rows = row[0] if row else 0

    async def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
        return self._connection


async def forget(cursor: AsyncCursor[Any], worker: str, batch: Batch) -> None:
    """Delete what the batch took from the backlog, in the transaction that holds what became of it."""
    last = max((message.kept for message in batch.messages), default=0)
    if last:
        await cursor.execute(Q["forget"], {"worker": worker, "last": last})
