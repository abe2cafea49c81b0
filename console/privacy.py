"""What the platform owes the people whose data it holds, kept without anybody asking, once a minute."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final

from console import second_factor
from console.database import Database
from console.photo_files import sweep_files
from console.subjects import erase_withdrawn
from devices.errors import SettingError, StoreError
from ingest.store.personal import seal_plain
from ingest.store.sweeping import anchor
from ingest.vault import Vault

log = logging.getLogger(__name__)

EVERY: Final = 60.0  # seconds
EVERY_FILES: Final = 3600.0  # seconds


async def keep_privacy(database: Database, vault: Vault) -> None:
    """Keep it until cancelled; a database that is away, or a missing key, is for the next round."""
    while True:
        try:
            await database.write(lambda connection: seal_plain(connection, vault))
            await database.write(lambda connection: second_factor.seal_plain(connection, vault))
            await database.write(erase_withdrawn)
            await database.write(anchor)
        except (StoreError, SettingError) as exc:
            log.warning("personal data: %s", exc, extra={"action": "privacy_missed"})
        await asyncio.sleep(EVERY)


async def keep_files(database: Database, folder: Path) -> None:
    """Delete photos' files that no case names any more, every hour, until cancelled."""
    while True:
        try:
            await sweep_files(database, folder)
        except (StoreError, OSError) as exc:  # the next round will do
            log.warning("photos: %s", exc, extra={"action": "photos_missed"})
        await asyncio.sleep(EVERY_FILES)
