"""Pictures that an open or a held case rests on: retention spares them for as long as the case needs them.

The camera's node knows no cases. It sees a mark beside a picture and spares it with its clip, so the
console keeps marks and cases in step: a mark is written before its row, and taken away in the row's
own transaction, so that a console killed in between spares a picture too long, never too short.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import anyio.to_thread
import msgspec

from console.camera_pictures import SQL, unmark
from console.database import Connection, Database
from devices.errors import StoreError
from ingest.camera.store import ArchiveError, PictureStore, hold_of

log = logging.getLogger(__name__)

EVERY: Final = 60.0  # seconds; nothing is deleted before it is a day old


async def keep_pictures(database: Database, store: PictureStore) -> None:
    """Keep marks and cases in step until cancelled; what is away is for the next round."""
    while True:
        try:
            await database.write(lambda connection: in_step(connection, store))
        except (StoreError, ArchiveError) as exc:
            log.warning("pictures of cases: %s", exc, extra={"action": "case_pictures_missed"})
        await asyncio.sleep(EVERY)


async def in_step(connection: Connection, store: PictureStore) -> tuple[int, int]:
    """Mark what open and held cases rest on, and free what no case needs any more; answers both counts."""
    await connection.execute(SQL["lock_case_pictures"])
    marked = 0
    for row in await (await connection.execute(SQL["wanted_by_cases"])).fetchall():
        words = msgspec.json.encode({"by": "case", "reason": row["case_code"]})
        await anyio.to_thread.run_sync(store.put, hold_of(row["ref"]), words)
        await connection.execute(SQL["tie_to_case"], row)
        marked += 1
    freed = await (await connection.execute(SQL["free_from_cases"])).fetchall()
    for ref in sorted({row["ref"] for row in freed}):
        await unmark(connection, store, ref)
    return marked, len(freed)
