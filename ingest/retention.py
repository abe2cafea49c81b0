"""Retention, on by default: each class of data has its time, then it goes."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import psycopg

from ingest.store.database import Database

log = logging.getLogger(__name__)

SWEEP_EVERY = 3600.0  # seconds

CHUNKS = {
    "events": timedelta(days=90),
    "device_status": timedelta(days=365),
    "rule_silences": timedelta(days=90),
    "alert_log": timedelta(days=3 * 365),
    "incident_log": timedelta(days=3 * 365),
    "audit_log": timedelta(days=3 * 365),  # at least six months: domain.md f.23
}
ROWS = {
    "sweep_feed": timedelta(days=2),  # a console away for longer starts afresh
    "sweep_quarantine": timedelta(days=90),
    "sweep_idempotency": timedelta(days=1),
    "sweep_sessions": timedelta(),
}


async def keep_retention(database: Database) -> None:
    """Delete what is past its time, every hour, until cancelled."""
    while True:
        try:
            await database.sweep(CHUNKS, ROWS)
            log.info("retention swept", extra={"action": "retention_swept"})
        except psycopg.OperationalError as exc:  # the next round will do
            log.warning("retention not swept: %s", exc, extra={"action": "retention_missed"})
        await asyncio.sleep(SWEEP_EVERY)
