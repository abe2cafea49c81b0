"""`shequ bench size`: what an event takes on the disk, and whether retention makes a commit wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, Final

import psycopg
from psycopg.rows import DictRow, dict_row

from console.commands.local import open_local, throw_away
from console.commands.stack import stack_settings
from console.reconcile import percentiles
from ingest.retention import CLASSES, keep_times
from ingest.store import sql
from ingest.store.sweeping import sweep

Q: Final = sql.load("console.store", "size.sql")
OLD: Final = timedelta(days=100)  # beyond what is kept by default
BATCH: Final = 200  # events of one commit, while retention works
QUIET: Final = 10.0  # seconds of commits without retention, to compare with
RATE: Final = 5000  # events per second of the month that is planned
MONTH: Final = 30 * 86_400
RANKS: Final = {"p50": 0.5, "p99": 0.99, "max": 1.0}

Connection = psycopg.AsyncConnection[DictRow]


async def size(*, events: int) -> dict[str, Any]:
    """Fill a day, weigh it, and drop an old day as large while batches are committed."""
    with throw_away() as data:
        async with open_local(stack_settings(data=data, port=0), lambda _: None) as local:
            url = local.stack.database_url
            async with await _opened(url) as work, await _opened(url) as writer:
                await work.execute(Q["fill"], {"rows": events, "ago": timedelta(days=1)})
                await work.execute("VACUUM ANALYZE events")
                report = await _weighed(work, events)
                await work.execute(Q["fill"], {"rows": events, "ago": OLD})
                quiet = await _commits(writer, asyncio.sleep(QUIET), "quiet")
                began = time.monotonic()
                beside = await _commits(writer, sweep(work, CLASSES, keep_times(None)), "beside")
                report["retention"] = {
                    "dropped_events": events,
                    "took_s": round(time.monotonic() - began, 2),
                    "commit_ms_quiet": percentiles(quiet, RANKS),
                    "commit_ms_beside": percentiles(beside, RANKS),
                    "commits": [len(quiet), len(beside)],
                }
                report["compressed"] = await _compressed(work, events)
    return report


async def _opened(url: str) -> Connection:
    return await psycopg.AsyncConnection.connect(url, autocommit=True, row_factory=dict_row)


async def _one(connection: Connection, name: str) -> DictRow:
    return await (await connection.execute(Q[name])).fetchone() or {}


async def _weighed(connection: Connection, events: int) -> dict[str, Any]:
    taken = await _one(connection, "taken")
    indexes = await (await connection.execute(Q["indexes"])).fetchall()
    seconds = (await _one(connection, "interval"))["seconds"]
    each = {part: round(taken[part] / events, 1) for part in ("heap", "indexes", "toast", "total")}
    return {
        "events": events,
        "bytes_per_event": each,
        "bytes_per_event_by_index": {row["name"]: round(row["bytes"] / events, 1) for row in indexes},
        "chunk_s": seconds,
        "plan": plan(each["total"], each["indexes"], seconds),
    }


def plan(each: float, indexes: float, chunk_s: float) -> dict[str, int]:
    """A month of `RATE` on paper: what it takes, and what one chunk and its indexes weigh."""
    chunk = RATE * chunk_s
    return {
        "events_per_s": RATE,
        "month_events": RATE * MONTH,
        "month_bytes": round(RATE * MONTH * each),
        "chunk_bytes": round(chunk * each),
        "chunk_index_bytes": round(chunk * indexes),
        "hour_index_bytes": round(RATE * 3600 * indexes),
    }


async def _commits(connection: Connection, work: Awaitable[object], name: str) -> list[float]:
    """Commit batch after batch until the other work is done; answers how many milliseconds each took."""
    other = asyncio.ensure_future(work)
    took: list[float] = []
    while not other.done():
        began = time.monotonic()
        await connection.execute(Q["write"], {"batch": f"{name}-{len(took)}", "rows": BATCH})
        took.append((time.monotonic() - began) * 1000)
    await other
    return took


async def _compressed(connection: Connection, events: int) -> dict[str, Any]:
    """What an event takes in the columnstore, where the edition has one."""
    license_ = (await _one(connection, "edition"))["license"]
    if license_ != "timescale":
        return {"edition": license_, "bytes_per_event": None}
    await connection.execute(Q["compress"])
    await connection.execute(Q["compress_chunks"])
    taken = await _one(connection, "taken")
    return {"edition": license_, "bytes_per_event": round(taken["total"] / events, 1)}
