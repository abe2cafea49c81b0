"""A task that waits for a connection ends when it is cancelled, at whatever moment that is."""

from __future__ import annotations

import asyncio

import pytest

from ingest.store.pool import Pool, open_pool


async def use(pool: Pool, started: asyncio.Event, go: asyncio.Event) -> None:
    """Take the connection and keep it until told."""
    async with pool.connection():
        started.set()
        await go.wait()


@pytest.mark.parametrize("moment", range(10))
async def test_a_cancellation_that_comes_with_the_connection_is_heard(database: str, moment: int) -> None:
    """`moment`: how many turns of the loop after the connection is given back the cancellation comes."""
    async with open_pool(database, 1, "test") as pool, asyncio.timeout(20):
        has, give = asyncio.Event(), asyncio.Event()
        holder = asyncio.create_task(use(pool, has, give))
        await has.wait()
        asker = asyncio.create_task(use(pool, asyncio.Event(), asyncio.Event()))
        while not pool.get_stats()["requests_waiting"]:
            await asyncio.sleep(0)
        give.set()
        for _ in range(moment):
            await asyncio.sleep(0)
        asker.cancel()
        ended, _ = await asyncio.wait({asker}, timeout=30)
        asker.cancel()  # where it was not heard
        await asyncio.gather(holder, asker, return_exceptions=True)
        assert ended == {asker}
        async with pool.connection() as connection:  # it is back, whoever it was given to
            assert await (await connection.execute("SELECT 1 AS n")).fetchall() == [{"n": 1}]
