"""An operator without eyes: logs in, follows the live feed, notes when each alert was first seen."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import psycopg
from psycopg.rows import dict_row
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from console.accounts import create_user
from console.permissions import Role

READY_WITHIN = 30.0  # seconds
RETRY = 0.2  # seconds between attempts to follow the feed again


@dataclass(frozen=True, slots=True)
class Person:
    """A login of the console; the password never shows in a repr."""

    name: str
    password: str = field(repr=False)


async def first_login(database_url: str, name: str, role: str) -> Person:
    """Make an account with a fresh password."""
    password = secrets.token_urlsafe(12)
    async with await psycopg.AsyncConnection.connect(
        database_url, row_factory=dict_row, autocommit=True
    ) as connection:
        await create_user(connection, name, password, Role(role))
    return Person(name, password)


@dataclass
class FeedWatch:
    """Follows `/api/live`; `seen` holds the monotonic time of each alert's first appearance."""

    client: httpx.AsyncClient
    seen: dict[tuple[str, str], float] = field(default_factory=dict)
    cursor: int = 0
    resyncs: int = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, base: str, person: Person) -> AsyncIterator[FeedWatch]:
        """Wait for the console, and log in."""
        async with httpx.AsyncClient(base_url=base, timeout=httpx.Timeout(10, read=30)) as client:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(httpx.TransportError),
                stop=stop_after_delay(READY_WITHIN),
                wait=wait_fixed(0.1),
                reraise=True,
            ):
                with attempt:
                    answer = await client.post(
                        "/api/token", data={"username": person.name, "password": person.password}
                    )
            answer.raise_for_status()
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            yield cls(client)

    async def follow(self) -> None:
        """Read the feed until cancelled; after a break, go on from the last number."""
        while True:
            try:
                await self._read()
            except httpx.TransportError:
                await asyncio.sleep(RETRY)
            except httpx.HTTPStatusError as exc:
                if exc.response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    raise
                await asyncio.sleep(RETRY)  # without its database the console knows nobody

    async def _read(self) -> None:
        async with self.client.stream("GET", "/api/live", params={"cursor": self.cursor}) as stream:
            stream.raise_for_status()
            async for line in stream.aiter_lines():
                if line.startswith("id:"):
                    self.cursor = int(line.removeprefix("id:"))
                elif line.startswith("data:"):
                    self._note(json.loads(line.removeprefix("data:")))
                elif line.startswith("event:") and line.endswith("resync"):
                    self.resyncs += 1

    def _note(self, message: dict[str, object]) -> None:
        body = message.get("body")
        if message.get("kind") == "alert" and isinstance(body, dict):
            self.seen.setdefault((body["code"], body["subject"]), time.monotonic())
