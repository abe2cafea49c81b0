"""What the platform owes the people whose data it holds, kept without anybody asking, once a minute."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from console.database import Database
from console.subjects import erase_withdrawn
from devices.errors import SettingError, StoreError
from ingest.store.personal import seal_plain
from ingest.vault import Vault

log = logging.getLogger(__name__)

EVERY: Final = 60.0  # seconds


async def keep_privacy(database: Database, vault: Vault) -> None:
    """Keep it until cancelled; a database that is away, or a missing key, is for the next round."""
    while True:
        try:
            await database.write(lambda connection: seal_plain(connection, vault))
            await database.write(erase_withdrawn)
        except (StoreError, SettingError) as exc:
            log.warning("personal data: %s", exc, extra={"action": "privacy_missed"})
        await asyncio.sleep(EVERY)
