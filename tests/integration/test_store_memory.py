"""The engine's memory reads the same before what batches appended is folded and after, in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.batch import Batch
from ingest.judge import Verdict
from ingest.store.database import Database
from rules.engine import MemoryKey
from rules.window import Memory, Seen

T0 = datetime(2026, 11, 26, 3, tzinfo=UTC)
KEYS = [MemoryKey("e1", "R-1", f"d{n}") for n in range(3)]
FOLD = "fold"

changes = st.dictionaries(st.sampled_from(KEYS), st.none() | st.integers(0, 9), min_size=1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.just(FOLD) | changes, max_size=8))
async def test_the_memory_reads_the_same_folded_or_not(
    database: str, steps: list[str | dict[MemoryKey, int | None]]
) -> None:
    store = Database(database, "w")
    expected: dict[MemoryKey, Memory] = {}
    try:
        async with store.writer() as writer:
            await _emptied(database)
            for step in steps:
                if isinstance(step, str):
                    await store.fold()
                else:
                    verdict = Verdict(memory={key: _seen(n) for key, n in step.items()})
                    await writer.write(Batch(messages=()), partial(_said, verdict))
                    expected = {k: v for k, v in {**expected, **verdict.memory}.items() if v is not None}
                assert await writer.load_memory() == (expected, {})
            await store.fold()
            assert await writer.load_memory() == (expected, {})
        assert await _journal(database) == 0
    finally:
        await store.close()


def _said(verdict: Verdict, _batch: Batch) -> Verdict:
    return verdict


def _seen(n: int | None) -> Memory | None:
    return None if n is None else Seen(T0 + timedelta(seconds=n))


async def _emptied(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        await connection.execute("TRUNCATE engine_state, engine_journal")


async def _journal(database: str) -> int:
    async with await psycopg.AsyncConnection.connect(database) as connection:
        row = await (await connection.execute("SELECT count(*) FROM engine_journal")).fetchone()
    return int(row[0]) if row else -1
