"""The console's way to the database: named queries, one error, transactions that may be told to retry."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg.rows import DictRow
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random

from console.pace import pace
from devices.errors import StoreError, Unstorable
from ingest.store.pool import Connection, Pool, open_pool

__all__ = ["Connection", "Database", "fetch", "fetch_one"]

T = TypeVar("T")

_PATIENCE_MS = 15_000
_NO_COLUMN_TAKES = (
    psycopg.errors.NumericValueOutOfRange,
    psycopg.errors.DatetimeFieldOverflow,
    psycopg.errors.InvalidTimeZoneDisplacementValue,
    psycopg.errors.CharacterNotInRepertoire,
    psycopg.errors.UntranslatableCharacter,
)


class Database:
    """A pool of connections that speaks in dict rows and fails with StoreError only."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, size: int) -> AsyncIterator[Database]:
        """Open the pool while the context lasts; a database that is away now may come later."""
        async with open_pool(url, size, "console", _configure) as pool:
            yield cls(pool)

    async def rows(self, query: LiteralString, params: Mapping[str, Any] | None = None) -> list[DictRow]:
        """Answer every row of a query."""
        with _translated():
            async with self._pool.connection() as connection:
                cursor = await connection.execute(query, params)
                return await cursor.fetchall()

    async def row(self, query: LiteralString, params: Mapping[str, Any] | None = None) -> DictRow | None:
        """Answer the first row of a query, if there is one."""
        with _translated():
            async with self._pool.connection() as connection:
                cursor = await connection.execute(query, params)
                return await cursor.fetchone()

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work` in one transaction: all of it, or nothing.

        A deadlock with another writer is nobody's fault: the work is done again.
        """
        with _translated():
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(psycopg.errors.DeadlockDetected),
                stop=stop_after_attempt(4),
                wait=wait_random(0, 0.05),
                reraise=True,
            ):
                with attempt:
                    async with self._pool.connection() as connection, connection.transaction():
                        return await work(connection)
        raise StoreError


async def fetch(
    connection: Connection, query: LiteralString, params: Mapping[str, Any] | None = None
) -> DictRow | None:
    """Answer the first row of a query inside a transaction, if there is one."""
    return await (await connection.execute(query, params)).fetchone()


async def fetch_one(
    connection: Connection, query: LiteralString, params: Mapping[str, Any] | None = None
) -> DictRow:
    """Answer the one row a query must have.

    Raises StoreError where it has none.
    """
    row = await fetch(connection, query, params)
    if row is None:
        raise StoreError("a query that must answer a row answered none")
    return row


async def _configure(connection: Connection) -> None:
    await connection.execute("SELECT set_config('timezone', 'UTC', false)")
    # for responder_moves of schema.sql: whoever moves an order starts the wait of somebody alone on the scene
    wait = str(pace().check_in.total_seconds())
    await connection.execute("SELECT set_config('shequ.check_in_s', %(s)s, false)", {"s": wait})
    await connection.execute(
        "SELECT set_config('statement_timeout', %(ms)s, false)", {"ms": str(_PATIENCE_MS)}
    )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as exc:  # the pool's time-out is one too
        if _callers_mistake(exc):
            why = exc.diag.message_primary or exc
            raise Unstorable(f"a value is one that nothing here can be: {why}") from exc
        raise StoreError(f"{type(exc).__name__}: {exc}") from exc


def _callers_mistake(exc: psycopg.Error) -> bool:
    """Whether a value that came in fits no column: larger than any, of no time zone, with a NUL in it."""
    return isinstance(exc, _NO_COLUMN_TAKES) or (isinstance(exc, psycopg.DataError) and "NUL" in str(exc))
