"""The engine's memory reads the same before what batches appended is folded and after, in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.batch import Batch
from ingest.judge import Verdict
from ingest.store.database import Database, connected
from ingest.store.timers import TimerRows
from ingest.store.unfolded import Unfolded, fold
from ingest.store.writer import Writer
from rules.engine import MemoryKey
from rules.window import Memory, Seen

T0 = datetime(2026, 11, 26, 3, tzinfo=UTC)
KEYS = [MemoryKey("e1", "R-1", f"d{n}") for n in range(3)]
FOLD, STRANGER, LOST = "fold", "another process folds", "the next commit's answer is lost"

changes = st.dictionaries(st.sampled_from(KEYS), st.none() | st.integers(0, 9), min_size=1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from([FOLD, STRANGER, LOST]) | changes, max_size=12))
async def test_the_memory_reads_the_same_folded_or_not(
    database: str, steps: list[str | dict[MemoryKey, int | None]]
) -> None:
    store, stranger = Database(database, "w"), Database(database, "x")
    expected: dict[MemoryKey, Memory] = {}
    lost = False
    try:
        async with store.writer() as writer:
            await _emptied(database)
            for step in steps:
                if isinstance(step, str):
                    lost = lost or step == LOST
                    if step != LOST:
                        await (store if step == FOLD else stranger).fold()
                else:
                    verdict = Verdict(memory={key: _seen(n) for key, n in step.items()})
                    batch = Batch(messages=())
                    if lost:  # as if by another process: nothing told this one of the commit
                        teller = Writer(writer._connection, "w", TimerRows(), Unfolded())
                        await teller.write(batch, partial(_said, verdict))
                        assert await writer.arrived(batch)
                        lost = False
                    else:
                        await writer.write(batch, partial(_said, verdict))
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


async def test_what_is_known_is_folded_without_reading_the_journal(database: str) -> None:
    store = Database(database, "w")
    try:
        async with store.writer() as writer:
            await store.fold()  # the journal itself, once: somebody before us may have left something there
            verdict = Verdict(memory={KEYS[0]: _seen(1)})
            await writer.write(Batch(messages=()), partial(_said, verdict))
            async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
                await connection.execute("UPDATE engine_journal SET changes = '[]'")
            await store.fold()
            assert await writer.load_memory() == ({KEYS[0]: _seen(1)}, {})
        assert await _journal(database) == 0
    finally:
        await store.close()


async def test_what_another_process_has_folded_meanwhile_is_not_made_old_again(database: str) -> None:
    store, stranger = Database(database, "w"), Database(database, "x")
    try:
        async with store.writer() as writer:
            await store.fold()
            await writer.write(Batch(messages=()), partial(_said, Verdict(memory={KEYS[0]: _seen(1)})))
            taken = store._unfolded.take()
            await writer.write(Batch(messages=()), partial(_said, Verdict(memory={KEYS[0]: _seen(2)})))
            await stranger.fold()
            async with connected(database) as connection:
                await fold(connection, taken)
            assert await writer.load_memory() == ({KEYS[0]: _seen(2)}, {})
    finally:
        await store.close()
