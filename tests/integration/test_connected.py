"""A connection of ingest is closed however its block ends."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest

from ingest.store.database import connected


async def test_a_commit_that_is_cancelled_leaves_no_connection_open(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(database) as first:
        pass
    assert first.closed

    async def cancelled() -> None:
        raise asyncio.CancelledError

    async def interrupted() -> None:
        async with connected(database) as connection:
            opened.append(connection)
            monkeypatch.setattr(connection, "commit", cancelled)

    opened: list[psycopg.AsyncConnection[Any]] = []
    with pytest.raises(asyncio.CancelledError):
        await interrupted()
    assert opened[0].closed
