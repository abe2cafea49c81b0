"""Files of photos that no case names any more: retention took their rows, the files follow with a proof."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import anyio.to_thread

from console.attachments import SQL
from console.database import Connection, Database
from ingest.clock import system_clock
from ingest.store.sweeping import prove

FRESH: Final = timedelta(days=1)
"""A file is written before its row: one so young waits for it."""


async def sweep_files(database: Database, folder: Path) -> int:
    """Delete the files without a row; answers how many."""
    now = system_clock()
    files = await anyio.to_thread.run_sync(_old, folder, now - FRESH)

    async def work(connection: Connection) -> int:
        found = await connection.execute(SQL["named_photos"], {"hashes": list(files)})
        gone = sorted(set(files) - {row["sha256"] for row in await found.fetchall()})
        if gone:
            await anyio.to_thread.run_sync(_unlink, [files[name] for name in gone])
            digest = hashlib.sha256("".join(gone).encode()).hexdigest()
            await prove(connection, "photos", "files", before=now - FRESH, rows=len(gone), digest=digest)
        return len(gone)

    return await database.write(work) if files else 0


def _old(folder: Path, before: datetime) -> dict[str, Path]:
    limit = before.timestamp()
    return {path.stem: path for path in folder.glob("??/*.jpg") if path.stat().st_mtime < limit}


def _unlink(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
