"""Connections of the ingest process: one that writes, one that listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection

from devices.model import Registry
from ingest.message import RawMessage
from ingest.store import quarantine, second_look
from ingest.store.registry import load_registry
from ingest.store.timers import TimerRows
from ingest.store.unfolded import Unfolded, fold
from ingest.store.wishes import load_hushes, load_overrides
from ingest.store.writer import Writer
from rules.handling.case import Hush
from rules.override import Overrides

log = logging.getLogger(__name__)

CLAIM_PAUSE = 0.5  # seconds between attempts to become the writer


@asynccontextmanager
async def connected(url: str, *, autocommit: bool = False) -> AsyncIterator[AsyncConnection[Any]]:
    """Connect while the block runs; psycopg's own block stays open where its last commit is cancelled."""
    connection = await psycopg.AsyncConnection.connect(url, autocommit=autocommit)
    try:
        async with connection:
            yield connection
    finally:
        await connection.close()


class Database:
    """Hands out the writer, on a connection that is opened anew after it broke."""

    def __init__(self, url: str, worker: str, *, real: bool = True, room: int = quarantine.ROOM) -> None:
        self._real = real
        self._room = room
        self._url = url
        self._worker = worker
        self._timers = TimerRows()
        self._unfolded = Unfolded()
        self._connection: AsyncConnection[Any] | None = None

    @asynccontextmanager
    async def writer(self) -> AsyncIterator[Writer]:
        """Lend the writer; a connection that failed is thrown away."""
        connection = self._connection or await self._open()
        try:
            yield self._writer(connection)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            if connection.broken or connection.closed:
                self._connection = None
                await connection.close()
            raise

    async def load_registry(self) -> Registry:
        """Read the registry on a connection of its own, so that no batch waits for it."""
        async with connected(self._url) as connection:
            return await load_registry(connection)

    async def load_asked(self, limit: int) -> list[RawMessage]:
        """Read the messages that somebody wants read again, oldest first."""
        async with connected(self._url) as connection:
            return await second_look.load(connection, limit)

    async def load_wishes(self) -> tuple[Overrides, tuple[Hush, ...]]:
        """Read the overrides of thresholds, and who asked for quiet."""
        async with connected(self._url) as connection:
            return await load_overrides(connection), await load_hushes(connection)

    async def listen(self, channel: str, heard: asyncio.Event) -> None:
        """Set `heard` at every notification, until cancelled; after a break, set it to be safe."""
        while True:
            try:
                async with connected(self._url, autocommit=True) as connection:
                    await connection.execute(
                        psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel))
                    )
                    heard.set()
                    async for _ in connection.notifies():
                        heard.set()
            except psycopg.OperationalError as exc:
                log.warning("listening stopped: %s", exc, extra={"action": "listen_retry"})
                await asyncio.sleep(1)

    async def fold(self) -> None:
        """Fold what batches wrote of the engine's memory into the table of it; raises psycopg's errors."""
        taken = self._unfolded.take()
        try:
            async with connected(self._url) as connection:
                await fold(connection, taken)
        except BaseException:
            self._unfolded.give_back(taken)
            raise

    def _writer(self, connection: AsyncConnection[Any]) -> Writer:
        return Writer(
            connection, self._worker, self._timers, self._unfolded, real=self._real, room=self._room
        )

    async def close(self) -> None:
        """Give the connection back; an open transaction is rolled back."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _open(self) -> AsyncConnection[Any]:
        """Connect and become the only writer, waiting for another process to let go."""
        connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
        try:
            told = False
            while not await self._writer(connection).claim():
                if not told:
                    log.warning(
                        "another ingest of this name is running: waiting", extra={"action": "claim_wait"}
                    )
                    told = True
                await asyncio.sleep(CLAIM_PAUSE)
        except BaseException:
            await connection.close()
            raise
        self._connection = connection
        self._unfolded.sure = False  # the one before may have committed what it could not say any more
        return connection
