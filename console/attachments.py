"""Photos of a case: a row that says who, when and where, and a file that its own hash names."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import anyio.to_thread

from console import accounts, feed
from console.auth import Caller
from console.database import Connection, Database, fetch, fetch_one
from console.incident_log import write_log
from console.incidents import SQL as INCIDENTS
from console.permissions import Role
from console.pictures import MEDIA_TYPE, Picture
from console.problems import Invalid, NotConfigured
from devices.errors import Conflict, NotFound
from ingest.store.sql import load
from rules.acted import acted

SQL: Final = load("console.store", "attachments.sql")
MOST: Final = 60  # photos of one case
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What is told beside a photo."""

    incident_id: int
    order_id: int | None = None
    taken_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None


def folder_of(folder: Path | None) -> Path:
    """Return the folder of photos.

    Raises NotConfigured where the platform keeps none.
    """
    if folder is None:
        raise NotConfigured("No folder for photos is set: SHEQU_ATTACHMENTS.")
    return folder


async def keep(folder: Path, picture: Picture) -> None:
    """Write the file unless it is there; a crash leaves none that is half written."""
    await anyio.to_thread.run_sync(_keep, file_of(folder, picture.sha256), picture.content)


def _keep(path: Path, content: bytes) -> None:
    if path.is_file():
        os.utime(path)  # young again: whoever deletes files without a row waits for this one's
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with draft.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


async def attach(connection: Connection, caller: Caller, about: About, picture: Picture) -> dict[str, Any]:
    """Write the photo into the case; the same photo again is the one that is there already.

    Raises NotFound outside the caller's places, Invalid for an order of another case, Conflict where
    the case has its fill.
    """
    where = {"id": about.incident_id, "scope": caller.scope}
    incident = await fetch(connection, SQL["seen_incident"], where)
    if incident is None:
        raise NotFound("incident", str(about.incident_id))
    await _check(connection, about)
    now: datetime = (await fetch_one(connection, SQL["now"]))["now"]
    when = acted(about.taken_at, now)
    row = {
        "id": about.incident_id,
        "order_id": about.order_id,
        "sha256": picture.sha256,
        "media_type": MEDIA_TYPE,
        "size": len(picture.content),
        "width": picture.width,
        "height": picture.height,
        "taken_at": when.at,
        "by_whom": caller.name,
        "lat": about.lat,
        "lon": about.lon,
        "flags": list(when.flags),
    }
    new = await fetch(connection, SQL["attach"], row)
    stored = await fetch_one(connection, SQL["by_hash"], row)
    if new is not None:
        await connection.execute(INCIDENTS["touch_incident"], where)
        detail = {"attachment": new["id"], "sha256": picture.sha256, "taken_at": when.at.isoformat()}
        state = incident["state"]
        await write_log(
            connection,
            caller,
            about.incident_id,
            action="attach",
            before=state,
            after=state,
            detail={**detail, **({"order": about.order_id} if about.order_id else {})},
        )
        await accounts.audit(
            connection,
            caller.name,
            "attach",
            incident["case_code"],
            detail={"attachment": new["id"]},
            source=caller.source,
        )
        await feed.publish(connection, incidents=[about.incident_id])
    body: dict[str, Any] = stored["body"]
    return body


async def _check(connection: Connection, about: About) -> None:
    if (about.lat is None) != (about.lon is None):
        raise Invalid({"lat": "give lat and lon together, or neither"})
    if (await fetch_one(connection, SQL["attached"], {"id": about.incident_id}))["n"] >= MOST:
        raise Conflict(f"this case has {MOST} photos: it takes no more")
    if about.order_id is not None:
        order = {"id": about.incident_id, "order_id": about.order_id}
        if await fetch(connection, SQL["order_of"], order) is None:
            raise Invalid({"order": "this order belongs to another case"})


async def must_see_case(database: Database, caller: Caller, incident_id: int) -> None:
    """Refuse a case outside the caller's places.

    Raises NotFound, as for a case that does not exist.
    """
    about = {"id": incident_id, "scope": caller.scope}
    if await database.row(SQL["incident_seen"], about | _limits(caller)) is None:
        raise NotFound("incident", str(incident_id))


def _limits(caller: Caller) -> dict[str, Any]:
    """Field staff see the photos of the cases they were sent to; everybody else those of their places."""
    return {"sent": caller.name if caller.role is Role.FIELD else None}


async def listed(database: Database, caller: Caller, incident_id: int) -> list[dict[str, Any]]:
    """Answer the photos of a case.

    Raises NotFound outside the caller's places.
    """
    await must_see_case(database, caller, incident_id)
    about = {"id": incident_id, "scope": caller.scope}
    return [row["body"] for row in await database.rows(SQL["attachments"], about)]


async def opened(database: Database, caller: Caller, attachment_id: int, folder: Path) -> Path:
    """Answer the file of a photo and write down who looked at it.

    Raises NotFound outside the caller's places, or where the file is gone.
    """

    async def work(connection: Connection) -> str:
        row = await fetch(
            connection, SQL["attachment"], {"id": attachment_id, "scope": caller.scope} | _limits(caller)
        )
        if row is None:
            raise NotFound("attachment", str(attachment_id))
        detail = {"attachment": attachment_id}
        await accounts.audit(
            connection, caller.name, "view_attachment", row["case_code"], detail=detail, source=caller.source
        )
        return str(row["sha256"])

    path = file_of(folder, await database.write(work))
    if not await anyio.to_thread.run_sync(path.is_file):
        raise NotFound("file of attachment", str(attachment_id))
    return path


def file_of(folder: Path, sha256: str) -> Path:
    """Say where the photo of this hash is kept."""
    if not _HASH.fullmatch(sha256):
        raise NotFound("attachment", sha256[:80])
    return folder / sha256[:2] / f"{sha256}.jpg"
