"""Timers as rows: claimed one at a time, fired in a transaction of their own, late by at most the outage.

The claim skips rows that another duty process holds. A case or alert that somebody is working on at this
very moment is given way to: that transaction takes the timer away or leaves it, and the next look decides.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from console.database import Connection, Database, fetch
from console.pace import Pace
from ingest.store.sql import load

SQL: Final = load("console.store", "duty.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A timer whose time has come."""

    kind: str
    subject: str
    due_at: datetime
    set_at: datetime
    step: int
    now: datetime
    trace: str | None = None  # of the alert or case it is about

    @property
    def late(self) -> timedelta:
        """How late it fires."""
        return max(self.now - self.due_at, timedelta())

    @property
    def detail(self) -> dict[str, Any]:
        """What the record keeps of it."""
        return {"due_at": self.due_at.isoformat(), "late_by_s": round(self.late.total_seconds(), 3)}


@dataclass(frozen=True, slots=True)
class Fired:
    """A timer that was claimed; whether its own work set it again or removed it, and what went wrong."""

    timer: Due
    again: bool = False
    failure: Exception | None = None

    @property
    def name(self) -> str:
        """What `skip` calls it."""
        return f"{self.timer.kind}:{self.timer.subject}"


Handler = Callable[[Connection, Due, Pace], Awaitable[datetime | None]]
"""Does what is due; answers when this timer is due next, None: never, unless it was set anew meanwhile."""


async def fire_one(
    database: Database,
    handlers: Mapping[str, Handler],
    now: datetime,
    pace: Pace,
    *,
    skip: Collection[str] = (),
) -> Fired | None:
    """Claim one due timer that is not in `skip` and do what it says; None where nothing is due.

    What fails is put off, and the others do not wait for it. Raises StoreError where the database is away.
    """
    claimed: list[Due] = []

    async def work(connection: Connection) -> Fired | None:
        claimed.clear()
        await connection.execute(SQL["patience"])
        row = await fetch(connection, SQL["claim"], {"kinds": list(handlers), "now": now, "skip": list(skip)})
        if row is None:
            return None
        timer = Due(
            kind=row["kind"],
            subject=row["subject"],
            due_at=row["due_at"],
            set_at=row["set_at"],
            step=row["step"],
            now=now,
            trace=row["trace"],
        )
        claimed.append(timer)
        key = {"kind": timer.kind, "subject": timer.subject, "version": row["version"]}
        after = await handlers[timer.kind](connection, timer, pace)
        if after is not None:
            await connection.execute(SQL["advance"], {**key, "due_at": after})
            return Fired(timer)
        gone = await connection.execute(SQL["fired"], key)
        return Fired(timer, again=gone.rowcount == 0)

    try:
        return await database.write(work)
    except Exception as exc:
        if not claimed:
            raise
        await _put_off(database, claimed[0], exc)
        return Fired(claimed[0], failure=exc)


async def _put_off(database: Database, timer: Due, exc: Exception) -> None:
    async def work(connection: Connection) -> None:
        row = {"kind": timer.kind, "subject": timer.subject, "now": timer.now, "error": str(exc)}
        await connection.execute(SQL["failed"], row)

    await database.write(work)
