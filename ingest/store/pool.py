"""Pools of connections: patient with a database that is away, and obedient to cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[DictRow]


class Pool(AsyncConnectionPool[Connection]):
    """A pool in which a task that is cancelled while it waits for a connection ends.

    psycopg's waits with `asyncio.wait_for`, which before Python 3.12 forgets a cancellation that comes
    together with the connection; the task went on for good, and its process did not stop.
    """

    async def getconn(self, timeout: float | None = None) -> Connection:  # noqa: ASYNC109 - the base's own
        """Obtain a connection, unless the task was cancelled meanwhile."""
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        connection = await super().getconn(timeout)
        if task and task.cancelling() > before:
            await self.putconn(connection)
            raise asyncio.CancelledError
        return connection


def open_pool(
    url: str, size: int, name: str, configure: Callable[[Connection], Awaitable[None]] | None = None
) -> Pool:
    """Describe the pool; opened by its `async with`, and patient with a database that is away."""
    return Pool(
        url,
        connection_class=AsyncConnection[DictRow],
        kwargs={"row_factory": dict_row, "autocommit": True},
        min_size=1,
        max_size=size,
        timeout=5,
        configure=configure,
        check=AsyncConnectionPool.check_connection,
        open=False,
        name=name,
    )
