"""Canaries reach the console: the live feed had them, and how long that took from the button."""

from __future__ import annotations

import logging
from typing import Final

from console.database import Database
from console.live import Hub
from console.metrics import Metrics
from devices.errors import StoreError
from ingest.store.sql import load

log = logging.getLogger(__name__)

_SQL: Final = load("console.store", "live.sql")


async def confirm_canaries(hub: Hub, database: Database, metrics: Metrics) -> None:
    """Confirm what the live feed shows, until cancelled; a console that cannot write confirms nothing."""
    while True:
        estate = await hub.canaries.get()
        try:
            row = await database.row(_SQL["canary_shown"], {"estate": estate})
        except StoreError as exc:
            log.warning("a canary is not confirmed: %s", exc, extra={"action": "canary_unconfirmed"})
            continue
        if row is not None:
            metrics.canary(row["seconds"])
