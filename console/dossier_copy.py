"""Hand out a copy of a dossier: complete the chain, build the file, and put on record who got it and why."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import anyio.to_thread

from console import accounts
from console.attachments import file_of
from console.database import Connection
from console.dossier import Case, read_chain
from console.dossier_file import Copy, Request, build
from rules.chain import Entry


async def take_copy(
    connection: Connection,
    case: Case,
    *,
    by: str,
    reason: str,
    at: datetime,
    personal: bool,
    photos: Path | None,
    source: str = "",
) -> Copy:
    """Make the copy; its seal stands in the audit log, and in the dossier itself, from now on."""
    entries = await read_chain(connection, case)
    request = Request(by=by, reason=reason, at=at, personal=personal)
    pictures = await anyio.to_thread.run_sync(_pictures, entries, photos)
    copy = await anyio.to_thread.run_sync(build, case, entries, request, pictures)
    detail = {
        "incident": case.id,
        "reason": reason,
        "personal": personal,
        "seal": copy.seal,
        "head": copy.head,
    }
    await accounts.audit(connection, by, "dossier.export", case.code, detail=detail, source=source)
    return copy


def _pictures(entries: tuple[Entry, ...], folder: Path | None) -> dict[str, bytes]:
    """The photos that are at hand; one that is gone is missed by whoever reads its entry."""
    if folder is None:
        return {}
    names = [str(entry.body["sha256"]) for entry in entries if entry.kind == "photo"]
    paths = {name: file_of(folder, name) for name in names}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}
