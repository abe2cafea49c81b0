"""The engine's memory: batches append what they changed, and every few seconds that is folded together.

A subject that moves in every batch is written into its own row once per folding. Nothing
waits for it: whoever reads the memory reads what is folded under what is not yet.
"""

from __future__ import annotations

import asyncio
import logging

import psycopg

from ingest.store.database import Database

log = logging.getLogger(__name__)

FOLD_EVERY = 5.0  # seconds; what a restart must read beside the table is as old at the most


async def keep_folded(database: Database) -> None:
    """Fold until cancelled; what one round could not do the next one will."""
    while True:
        await asyncio.sleep(FOLD_EVERY)
        try:
            await database.fold()
        except psycopg.OperationalError as exc:
            log.warning("memory not folded: %s", exc, extra={"action": "fold_missed"})
