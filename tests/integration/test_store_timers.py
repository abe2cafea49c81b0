"""Timer rows: a transaction that rolled back has written none of them."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg

from ingest.judge import Verdict
from ingest.store.timers import TimerRows
from rules.engine import TimerKey

DUE = datetime(2026, 11, 23, 3, tzinfo=UTC)
VERDICT = Verdict(timers={TimerKey("e1", "r1", "d1"): DUE})


async def test_a_batch_written_again_after_a_rollback_writes_its_timers_again(database: str) -> None:
    rows = TimerRows()
    async with await psycopg.AsyncConnection.connect(database) as connection:
        async with connection.cursor() as cursor:
            await rows.put(cursor, VERDICT)
        await connection.rollback()
        async with connection.cursor() as cursor:
            await rows.put(cursor, VERDICT)
        await connection.commit()
        rows.committed(VERDICT)
        found = await (await connection.execute("SELECT subject, due_at FROM timers")).fetchall()
    assert found == [("e1/r1/d1", DUE)]
