"""A database connection for commands: opened, used, closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

import psycopg
from psycopg.rows import dict_row

from console.database import Connection
from console.settings import CommandSettings
from devices.errors import StoreError
from ingest.settings import load
from ingest.store.roles import login_of

T = TypeVar("T")
Tool = Literal["alert", "audit", "device", "dialect", "dossier", "privacy", "replay", "rule", "user"]
"""Commands have an account of their own in the database: a part of `ingest/store/grants.txt` each."""


def with_database(work: Callable[[Connection], Awaitable[T]], tool: Tool) -> T:
    """Run `work` on a connection to the configured database, with the tool's own account where it has one.

    Raises StoreError where it cannot be reached, or the tool's account is not made yet.
    """

    async def go() -> T:
        settings = load(CommandSettings)
        url = settings.database_url.get_secret_value()
        if settings.database_logins is not None:
            url = login_of(tool, url, settings.database_logins)
        try:
            connection = await psycopg.AsyncConnection.connect(url, row_factory=dict_row, autocommit=True)
        except psycopg.OperationalError as exc:
            raise StoreError(f"the database cannot be reached ({exc}): is `shequ up` running?") from exc
        async with connection:
            return await work(connection)

    return asyncio.run(go())
