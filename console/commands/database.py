"""A database connection for commands: opened, used, closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg
from psycopg.rows import dict_row

from console.database import Connection
from devices.errors import StoreError
from ingest.settings import DatabaseSettings, load

T = TypeVar("T")


def with_database(work: Callable[[Connection], Awaitable[T]]) -> T:
    """Run `work` on a connection to the configured database.

    Raises StoreError where it cannot be reached.
    """

    async def go() -> T:
        url = load(DatabaseSettings).database_url.get_secret_value()
        try:
            connection = await psycopg.AsyncConnection.connect(url, row_factory=dict_row, autocommit=True)
        except psycopg.OperationalError as exc:
            raise StoreError(f"the database cannot be reached ({exc}): is `shequ up` running?") from exc
        async with connection:
            return await work(connection)

    return asyncio.run(go())
