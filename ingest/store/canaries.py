"""Canaries in the transaction of their batch: their alerts are written like any other's, and taken back.

What a canary's call causes is stored, raised, logged and published inside a savepoint that is rolled
back, so no list, figure, timer or letter can ever hold a trace of it: nobody else sees it. What stays
is the note that it went through, one row of the feed for the consoles, and a timer for duty.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import AsyncCursor

from devices.event import Event
from ingest.batch import Batch
from ingest.judge import Verdict
from ingest.store import events, signals, sql

log = logging.getLogger(__name__)

Q = sql.load("ingest.store", "canaries.sql")

Cursor = AsyncCursor[Any]


async def rehearse(cursor: Cursor, calls: Sequence[Event], verdict: Verdict) -> None:
    """Write what the calls cause, take it back, and note which went through.

    One that cannot be written hurts nobody's batch: its silence is what is alarmed.
    """
    if not verdict.canaries:
        return
    try:
        async with cursor.connection.transaction(force_rollback=True):
            await events.put(cursor, Batch(messages=(), steps=list(calls)))
            alerts = await signals.apply(cursor, verdict.canaries, verdict.rules, verdict.versions, {}, {})
            await signals.publish(cursor, alerts, ())
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise  # the database is away: for the whole batch
    except psycopg.Error as exc:
        log.exception("a canary's alert cannot be written", extra={"action": "canary_failed"}, exc_info=exc)
        return
    for case in verdict.canaries:
        for proof in case.signal.evidence:
            await cursor.execute(Q["went_through"], {"estate": case.signal.estate, "id": proof.id})
