"""The one transaction per batch: events, quarantine, alert changes, engine memory, timers, feed.

A batch is written whole or not at all, and a retry after a lost answer writes nothing
twice: the batch's id in `ingest_progress` tells whether the commit had arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import AsyncConnection, AsyncCursor

from devices.event import Event
from devices.reading import Availability
from ingest.batch import Batch, Key, by_device
from ingest.judge import Verdict
from ingest.store import (
    backlog,
    canaries,
    events,
    judgements,
    quarantine,
    reports,
    rulebook,
    second_look,
    signals,
    sql,
)
from ingest.store.timers import TimerRows
from ingest.store.unfolded import Unfolded, Words, encoded
from rules.engine import MemoryKey
from rules.handling.case import Note
from rules.handling.desk import decode_note, encode_note, is_note
from rules.ruleset import Rule
from rules.window import decode_memory, encode_memory

Q = sql.load("ingest.store", "queries.sql")
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # nothing judged yet
RECENT_FOR = timedelta(minutes=30)  # identities of this age are reloaded after a restart

Connection = AsyncConnection[Any]
Cursor = AsyncCursor[Any]


class Writer:
    """Writes batches over one connection; `worker` names the share of the estates it owns.

    `real` says that its time is the wall clock's, so that others may alarm its silence; `room` is
    what quarantine may hold, in bytes.
    """

    def __init__(
        self,
        connection: Connection,
        worker: str,
        timers: TimerRows,
        unfolded: Unfolded,
        *,
        real: bool = True,
        room: int = quarantine.ROOM,
    ) -> None:
        self._real = real
        self._room = room
        self._connection = connection
        self._worker = worker
        self._timers = timers
        self._unfolded = unfolded

    async def claim(self) -> bool:
        """Become the only writer of this worker's name; False while another process is."""
        row = await (await self._connection.execute(Q["claim_estates"], {"worker": self._worker})).fetchone()
        return bool(row and row[0])

    async def load_memory(self) -> tuple[dict[MemoryKey, Any], dict[MemoryKey, Note]]:
        """Read what the engine and the handling of alerts remember, as the last committed batch left it."""
        memory: dict[MemoryKey, Any] = {}
        notes: dict[MemoryKey, Note] = {}
        rows = await (await self._connection.execute(Q["load_memory"])).fetchall()
        for estate, rule, subject, text in rows:
            key = MemoryKey(estate, rule, subject)
            if is_note(key):
                notes[key] = decode_note(text.encode())
            else:
                memory[key] = decode_memory(text.encode())
        return memory, notes

    async def load_clock(self) -> datetime | None:
        """Read how far judgement had come."""
        row = await (await self._connection.execute(Q["progress"], {"worker": self._worker})).fetchone()
        return row[1] if row else None

    async def load_rules(self) -> tuple[rulebook.Book, dict[str, tuple[int, Rule | None]]]:
        """Read the rules in force, and the versions that the stored memory belongs to."""
        return await rulebook.load(self._connection), await rulebook.judged(self._connection, self._worker)

    async def import_rules(self) -> list[str]:
        """Take in what the platform ships and the rulebook does not know yet."""
        return await rulebook.import_shipped(self._connection)

    async def load_recent(self, now: datetime, limit: int) -> list[Key]:
        """Read the identities of the newest stored events, oldest first."""
        cursor = await self._connection.execute(Q["recent_keys"], {"since": now - RECENT_FOR, "limit": limit})
        return [(device, id_) for device, id_ in reversed(await cursor.fetchall())]

    async def arrived(self, batch: Batch) -> bool:
        """Whether this very batch has been committed already."""
        row = await (await self._connection.execute(Q["progress"], {"worker": self._worker})).fetchone()
        found = row is not None and row[0] == batch.id
        self._unfolded.sure &= not found  # its row in the journal is not known
        return found

    async def write(self, batch: Batch, judge: Callable[[Batch], Verdict]) -> None:
        """Write a batch and commit; `judge` is called once its events are known to be new.

        Raises psycopg's errors: whether to try again is the pipeline's decision.
        """
        async with self._connection.transaction(), self._connection.cursor() as cursor:
            await events.put(cursor, batch)
            verdict = judge(batch)
            await quarantine.put(cursor, batch.quarantined, self._room)
            await second_look.settle(cursor, batch)
            changed = await _put_links(cursor, batch)
            changed += await reports.put(cursor, batch)
            words = _words(verdict)
            row = await _put_memory(cursor, words)
            await self._timers.put(cursor, verdict)
            verdict.raised.clear()  # of an attempt that failed
            alerts = await signals.apply(
                cursor, verdict.cases, verdict.rules, verdict.versions, verdict.windows, verdict.raised
            )
            alerts += await signals.release_expired(cursor, verdict.clock)
            await judgements.put_silences(cursor, verdict.silences, verdict.versions)
            await judgements.put_shadow(cursor, verdict.shadow)
            if verdict.exchanged:
                await rulebook.put_judged(cursor, self._worker, verdict.versions)
            await canaries.rehearse(cursor, batch.canaries, verdict)
            await signals.publish(cursor, alerts, changed)
            await cursor.execute(
                Q["put_progress"],
                {
                    "worker": self._worker,
                    "batch": batch.id,
                    "clock": verdict.clock or LONG_AGO,
                    "real": self._real,
                    "waiting": batch.waiting,
                },
            )
            await backlog.forget(cursor, self._worker, batch)
        self._timers.committed(verdict)
        if row is not None:
            self._unfolded.committed(row, words)


async def _put_links(cursor: Cursor, batch: Batch) -> list[str]:
    """Note the devices whose link came or went; answers which did.

    Every word on a link is kept, changed or not: a replay must hear what the rules heard.
    """
    changed: list[str] = []
    for device, online, at in by_device(batch.links):
        await cursor.execute(Q["set_online"], {"device": device, "online": online})
        if cursor.rowcount:
            changed.append(device)
            if batch.links[device].retained:
                await cursor.execute(
                    Q["put_status"], {"at": at, "device": device, "online": online, "source": "retained"}
                )
    for event in batch.steps:
        if isinstance(event, Event) and isinstance(event.reading, Availability) and not event.retained:
            row = {"at": event.at, "device": event.device, "online": event.reading.online}
            await cursor.execute(Q["put_status"], {**row, "source": "availability"})
    return changed


def _words(verdict: Verdict) -> Words:
    """What changed of what engine and handling remember."""
    words: Words = {k: encode_memory(m) if m is not None else None for k, m in verdict.memory.items()}
    words |= {k: encode_note(n) if n is not None else None for k, n in verdict.notes.items()}
    return words


async def _put_memory(cursor: Cursor, words: Words) -> int | None:
    """Append to the journal, in one row whatever their number; answers which row."""
    if not words:
        return None
    await cursor.execute(Q["save_memory"], {"changes": encoded(words)})
    found = await cursor.fetchone()
    return int(found[0]) if found else None
