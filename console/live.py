"""The live feed: one LISTEN connection per process, many readers, no gap and no repetition.

Why it holds. Whoever writes feed rows takes one lock just before and keeps it until the commit, so
numbers become visible in their order: what is above the newest number seen is still to come, never
overlooked. The hub hands every reader the rows above `last` in the same instant as it moves `last`.
A reader joins at `last`, takes what lies between its cursor and that point from the table, and
everything after it from its queue. A NOTIFY only says "look": a lost one costs a heartbeat's time.

A reader that cannot keep up is not waited for and does not grow: its queue is thrown away and it is
told to fetch the lists again. Heartbeats are sent only while the database answers, so that a
console cut off from the truth goes stale instead of looking calm.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import psycopg
from fastapi.sse import format_sse_event
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from console.database import Database
from ingest.store.sql import load

log = logging.getLogger(__name__)

BACKLOG: Final = 1000
CANARY: Final = "canary"  # the kind of rows that are for the console itself, not for its readers
REPLAY: Final = 5000
PAGE: Final = 500
_EVERYTHING: Final = 2**62
_SQL: Final = load("console.store", "live.sql")


@dataclass(frozen=True, slots=True)
class News:
    """One row of the feed, ready to be sent."""

    seq: int
    everybody: bool
    path: frozenset[str]
    frame: bytes

    def concerns(self, scope: str | None) -> bool:
        """Say whether a reader with this scope may see it."""
        return scope is None or self.everybody or scope in self.path


@dataclass(eq=False, slots=True)
class Reader:
    """One listener's bounded queue."""

    scope: str | None
    backlog: int
    news: deque[News] = field(default_factory=deque)
    lost: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, batch: list[News]) -> None:
        """Queue what concerns this reader, or give up on its queue."""
        concerning = [item for item in batch if item.concerns(self.scope)]
        if self.lost or not concerning:
            return  # and no waking: news for others must not hold up this reader's heartbeat
        self.news.extend(concerning)
        if len(self.news) > self.backlog:
            self.news.clear()
            self.lost = True
        self.wake.set()


class Hub:
    """Reads the feed once and fans it out."""

    def __init__(self, url: str, database: Database, *, beat_s: float, backlog: int = BACKLOG) -> None:
        self._url, self._database, self._beat_s, self._backlog = url, database, beat_s, backlog
        self._readers: set[Reader] = set()
        self._started = asyncio.Event()
        self._closing = False
        self._last = 0
        self._at = ""
        self._answered = 0.0  # loop time of the database's last answer
        self.canaries: asyncio.Queue[str] = asyncio.Queue()  # estates whose canary has come this far

    @property
    def readers(self) -> int:
        """The number of readers now."""
        return len(self._readers)

    @property
    def fresh(self) -> bool:
        """Whether the database has answered lately."""
        return self._started.is_set() and _now() - self._answered < 2 * self._beat_s

    def close(self) -> None:
        """End every stream: a server that stops would wait for them for ever."""
        self._closing = True
        for reader in self._readers:
            reader.wake.set()

    async def run(self) -> None:
        """Follow the feed until cancelled, whatever happens to the connection."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(Exception),
            wait=wait_random_exponential(multiplier=0.1, max=5),
            before_sleep=_complain,
        ):
            with attempt:
                await self._follow()

    async def stream(self, scope: str | None, cursor: int | None) -> AsyncGenerator[bytes]:
        """Yield SSE messages for one reader, first what it missed after `cursor`, then live, for ever."""
        await self._started.wait()
        with self._join(scope) as reader:
            last = seen = self._last
            if cursor is None:
                yield _frame("hello", last, {"seq": last})
            elif not await self._can_resume(cursor, last):
                yield _frame("resync", last, {"seq": last})
            else:
                async with aclosing(self._missed(scope, cursor, last)) as missed:
                    async for frame in missed:
                        yield frame
                seen = max(cursor, last)  # another console may have shown this reader more than we know
            async with aclosing(self._live(reader, seen)) as live:
                async for frame in live:
                    yield frame

    async def _follow(self) -> None:
        async with await AsyncConnection.connect(
            self._url, autocommit=True, row_factory=dict_row
        ) as connection:
            await connection.execute(_SQL["listen"])
            if not self._started.is_set():
                cursor = await connection.execute(_SQL["bounds"], {"cursor": 0})
                bounds = await cursor.fetchone()
                self._last = bounds["last"] if bounds else 0
            while True:
                async with asyncio.timeout(2 * self._beat_s):
                    await self._pump(connection)
                async for _ in connection.notifies(timeout=self._beat_s, stop_after=1):
                    pass

    async def _pump(self, connection: AsyncConnection[DictRow]) -> None:
        more = True
        while more:
            about = {"after": self._last, "upto": _EVERYTHING, "limit": PAGE}
            rows = await (await connection.execute(_SQL["news"], about)).fetchall()
            if rows:
                self._last = rows[-1]["seq"]
                for row in rows:
                    if row["kind"] == CANARY:
                        self.canaries.put_nowait(row["ref"])
                batch = [_news(row) for row in rows if row["kind"] != CANARY]
                for reader in self._readers:
                    reader.offer(batch)
            more = len(rows) == PAGE
        clock = await (await connection.execute(_SQL["clock"])).fetchone()
        self._at, self._answered = (clock["at"] if clock else ""), _now()
        self._started.set()

    @contextmanager
    def _join(self, scope: str | None) -> Iterator[Reader]:
        reader = Reader(scope, self._backlog)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)

    async def _can_resume(self, cursor: int, last: int) -> bool:
        """Say whether everything after `cursor` is still there, and not too much to show again."""
        bounds = await self._database.row(_SQL["bounds"], {"cursor": cursor})
        if bounds is None or cursor > bounds["given"] or last - cursor > REPLAY:
            return False
        return bool(bounds["kept"]) or cursor == bounds["given"]

    async def _missed(self, scope: str | None, cursor: int, last: int) -> AsyncGenerator[bytes]:
        while cursor < last:
            rows = await self._database.rows(_SQL["news"], {"after": cursor, "upto": last, "limit": PAGE})
            for item in (_news(row) for row in rows if row["kind"] != CANARY):
                if item.concerns(scope):
                    yield item.frame
            cursor = rows[-1]["seq"] if rows else last

    async def _live(self, reader: Reader, seen: int) -> AsyncGenerator[bytes]:
        while True:
            if reader.lost:
                # everything thrown away lies at or below `last`; from here on the queue fills again
                reader.lost = False
                yield _frame("resync", self._last, {"seq": self._last})
            while reader.news:
                item = reader.news.popleft()
                if item.seq > seen:
                    yield item.frame
            reader.wake.clear()
            if self._closing:
                return
            try:
                async with asyncio.timeout(self._beat_s):
                    await reader.wake.wait()
            except TimeoutError:
                if self.fresh:
                    seq = max(self._last, seen)
                    yield _frame("heartbeat", seq, {"seq": seq, "at": self._at})


def _news(row: DictRow) -> News:
    return News(
        seq=row["seq"],
        everybody=row["everybody"],
        path=frozenset(row["path"]),
        frame=format_sse_event(data_str=row["data"], event=row["kind"], id=str(row["seq"])),
    )


def _frame(event: str, seq: int, data: dict[str, Any]) -> bytes:
    return format_sse_event(data_str=orjson.dumps(data).decode(), event=event, id=str(seq))


def _now() -> float:
    return asyncio.get_running_loop().time()


def _complain(state: RetryCallState) -> None:
    exc = state.outcome.exception() if state.outcome else None
    known = isinstance(exc, (psycopg.Error, OSError, TimeoutError))
    log.warning(
        "live feed interrupted, trying again", exc_info=None if known else exc, extra={"why": str(exc)}
    )
