"""What every drill needs around the platform: ingest that hears, and an operator at a console."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import psycopg

from console.commands.feed_watch import FeedWatch, first_login
from console.commands.local import Local, free_port, running
from ingest.store import sql

Q = sql.load("console.store", "commands.sql")
PATIENCE = 60.0  # seconds that ingest has to begin


@asynccontextmanager
async def watching(local: Local, stack: AsyncExitStack) -> AsyncIterator[FeedWatch]:
    """A console, and an operator who watches its live feed."""
    port = free_port()
    login = await first_login(local.stack.database_url, "drill", "operator")
    await stack.enter_async_context(running(local.child("serve", extra={"SHEQU_PORT": str(port)})))
    async with FeedWatch.open(f"http://127.0.0.1:{port}", login) as watch:
        yield watch


async def hears(url: str) -> None:
    """Wait for ingest's first batch: from then on the broker keeps everything for it."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        async with asyncio.timeout(PATIENCE):
            while await (await connection.execute(Q["judged_to"])).fetchone() is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # the other process offers no event to wait for
