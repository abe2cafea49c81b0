"""Messages that nobody could use: kept whole as long as there is room, beyond it counted with a proof.

A flood of them may not fill the disk. Each row takes its payload (at most 64 KiB), its topic and
`ROW` bytes for the rest; what does not fit into the room goes into one row per day, topic and
reason, with how many there were, how many bytes, a digest over all of them and the first one's head.
Those rows are bounded too: beyond `MOST` of a day everything goes under one topic, `#`, which
nobody can publish to.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from psycopg import AsyncCursor

from ingest.batch import KEPT_BYTES, Quarantined
from ingest.store import sql

log = logging.getLogger(__name__)

Q: Final = sql.load("ingest.store", "queries.sql")
ROOM: Final = 1024 * 1024 * 1024  # bytes, unless the settings say otherwise
ROW: Final = 300  # bytes of a row beside payload and topic, with its place in three indexes
HEAD: Final = 256  # bytes kept of the first message of a fold
TOPIC: Final = 200  # characters of a fold's topic
MOST: Final = 1000  # folds of a day
OTHERS: Final = "#"
AGAIN_AT: Final = 0.9  # full until a tenth of the room is free: no wavering at the edge

Cursor = AsyncCursor[Any]
Key = tuple[date, str, str, str]  # day, topic, stage, reason


@dataclass(kw_only=True, slots=True)
class Fold:
    """Messages of one day, topic and reason for which there was no room."""

    head: bytes
    detail: str
    first_at: datetime
    last_at: datetime
    count: int = 0
    bytes: int = 0
    digest: int = 0

    def add(self, q: Quarantined) -> None:
        """Count one more."""
        self.count += 1
        self.bytes += len(q.message.payload)
        self.digest += digest(q.message.payload)
        self.last_at = max(self.last_at, q.message.received_at)


async def put(cursor: Cursor, rows: list[Quarantined], room: int) -> None:
    """Set messages aside: into rows of their own while there is room, the others into folds."""
    fresh = await _fresh(cursor, rows)
    if not fresh:
        return
    await cursor.execute(Q["quarantine_room"])
    used, full_since = await cursor.fetchone() or (0, None)
    most = room if full_since is None else int(room * AGAIN_AT)
    kept = _fitting(fresh, most - used)
    folded = len(fresh) - kept
    await _copy(cursor, fresh[:kept])
    if folded:
        await _fold(cursor, fresh[kept:])
    taken = sum(weight(q) for q in fresh[:kept])
    about = {"bytes": taken, "limit": room, "folded": folded, "full": folded > 0}
    await cursor.execute(Q["take_room"], about)
    if folded and full_since is None:
        log.error(
            "quarantine is full (%d MiB): bad messages are counted only",
            room >> 20,
            extra={"action": "quarantine_full"},
        )
    elif full_since is not None and not folded:
        log.info("quarantine has room again", extra={"action": "quarantine_room"})


def weight(q: Quarantined) -> int:
    """What a row of it takes of the room, as retention.sql gives it back."""
    return min(len(q.message.payload), KEPT_BYTES) + len(sql.storable(q.message.topic).encode()) + ROW


def digest(payload: bytes) -> int:
    """What one message adds to the digest of its fold."""
    return int.from_bytes(hashlib.sha256(payload).digest()[:8])


def _fitting(rows: Iterable[Quarantined], room: int) -> int:
    """How many of them fit, in order of arrival."""
    kept = 0
    for q in rows:
        room -= weight(q)
        if room < 0:
            break
        kept += 1
    return kept


async def _fresh(cursor: Cursor, rows: list[Quarantined]) -> list[Quarantined]:
    """Leave out what lies there already: repetitions of the broker, and what was read again."""
    again = [(n, q) for n, q in enumerate(rows) if q.message.again]
    before: set[int] = set()
    if again:
        await cursor.execute(
            Q["quarantined_before"],
            {
                "numbers": [n for n, _ in again],
                "topics": [sql.storable(q.message.topic) for _, q in again],
                "payloads": [q.message.payload[:KEPT_BYTES] for _, q in again],
            },
        )
        before = {n for (n,) in await cursor.fetchall()}
    return [q for n, q in enumerate(rows) if n not in before and not q.message.aside]


async def _copy(cursor: Cursor, rows: Sequence[Quarantined]) -> None:
    if not rows:
        return
    async with cursor.copy(Q["copy_quarantine"]) as copy:
        for q in rows:
            message = q.message
            await copy.write_row(
                (
                    message.received_at,
                    sql.storable(message.topic),
                    message.payload[:KEPT_BYTES],
                    len(message.payload),
                    q.stage,
                    q.reason,
                    sql.storable(q.detail),
                )
            )


async def _fold(cursor: Cursor, rows: Iterable[Quarantined]) -> None:
    days = sorted({_day(q) for q in rows})
    await cursor.execute(Q["folds"], {"days": days})
    known: set[Key] = set(await cursor.fetchall())
    size = {day: sum(key[0] == day for key in known) for day in days}
    folds: dict[Key, Fold] = {}
    for q in rows:
        key = _key(q)
        if key not in known and size[key[0]] >= MOST:
            key = (key[0], OTHERS, *key[2:])
        elif key not in known:
            size[key[0]] += 1
        known.add(key)
        at = q.message.received_at
        start = Fold(head=q.message.payload[:HEAD], detail=sql.storable(q.detail), first_at=at, last_at=at)
        folds.setdefault(key, start).add(q)
    await cursor.executemany(Q["fold"], [_row(key, fold) for key, fold in sorted(folds.items())])


def _key(q: Quarantined) -> Key:
    return (_day(q), sql.storable(q.message.topic)[:TOPIC], q.stage, q.reason)


def _day(q: Quarantined) -> date:
    return q.message.received_at.astimezone(UTC).date()


def _row(key: Key, fold: Fold) -> dict[str, Any]:
    day, topic, stage, reason = key
    return {
        "day": day,
        "topic": topic,
        "stage": stage,
        "reason": reason,
        "count": fold.count,
        "bytes": fold.bytes,
        "digest": fold.digest,
        "head": fold.head,
        "detail": fold.detail,
        "first_at": fold.first_at,
        "last_at": fold.last_at,
    }
