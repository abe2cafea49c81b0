"""Looking at cameras' pictures and clips: by authorisation, for a reason, on the register. No row, no image.

A reference begins with the estate and the camera, or with the camera; the camera decides who may see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, Final, Literal

import anyio.to_thread
import msgspec
from psycopg.rows import DictRow

from console.auth import Caller
from console.database import Connection, Database, fetch, fetch_one
from console.problems import Invalid, NotConfigured
from devices.errors import Conflict, NotFound
from ingest.camera.archive import VIEW, recorded_at
from ingest.camera.store import PictureStore, clip_of, hold_of
from ingest.store.sql import load

SQL: Final = load("console.store", "pictures.sql")
MEDIA: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".png": "image/png",
        ".webp": "image/webp",
        ".webm": "video/webm",
    }
)
SHORTEST_REASON: Final = 2
What = Literal["picture", "clip", "view", "live", "hold", "release", "export"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Purpose:
    """Why somebody looks, and the alert it is about, if it is about one."""

    reason: str
    alert: int | None = None

    @classmethod
    def stated(cls, reason: str | None, alert: int | None) -> Purpose:
        """Read what the caller states.

        Raises Invalid where no reason is given.
        """
        words = (reason or "").strip()
        if len(words) < SHORTEST_REASON:
            raise Invalid({"reason": "say why: who looked at what, and why, goes on the register"})
        return cls(reason=words, alert=alert)


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One thing in the storage and the camera it comes from."""

    ref: str
    device: str
    grant: int | None = None  # that opens it to the caller's unit, where their places do not

    @property
    def media(self) -> str:
        """Its media type."""
        return MEDIA[PurePosixPath(self.ref).suffix.lower()]

    @property
    def what(self) -> What:
        """What the register calls it."""
        name = PurePosixPath(self.ref).name
        return "view" if name == VIEW else "clip" if self.media.startswith("video/") else "picture"


def store_of(store: PictureStore | None) -> PictureStore:
    """Return the storage.

    Raises NotConfigured where the console has none.
    """
    if store is None:
        raise NotConfigured("No storage for cameras' pictures is set: SHEQU_SNAPSHOTS.")
    return store


async def found(database: Database, caller: Caller, ref: str, *, granted: bool = False) -> Piece:
    """Return the piece of a reference; `granted`: one that was opened to the caller's unit too.

    Raises NotFound for what is no reference, and outside the caller's part of the tree.
    """
    parts = ref.split("/")
    fit = all(part.isprintable() and part not in {"", ".", ".."} for part in parts)
    if not fit or PurePosixPath(ref).suffix.lower() not in MEDIA or len(parts) < 2:  # noqa: PLR2004 - camera/name
        raise NotFound("snapshot", ref[:200])
    about = {"ids": parts[:2], "scope": caller.scope}
    for row in await database.rows(SQL["pictured_device"], about):
        if _names(parts, row["id"], row["estate"]):
            return Piece(ref=ref, device=row["id"])
    if granted:
        refs = sorted({ref, str(PurePosixPath(ref).with_suffix(".jpg"))})
        what = Piece(ref=ref, device="").what
        asked = {"ids": parts[:2], "who": caller.name, "what": what, "at": recorded_at(ref), "refs": refs}
        for row in await database.rows(SQL["granted"], asked):
            if _names(parts, row["device"], row["estate"]):
                return Piece(ref=ref, device=row["device"], grant=row["id"])
    raise NotFound("snapshot", ref[:200])


def _names(parts: Sequence[str], device: str, estate: str) -> bool:
    return parts[0] == device or (parts[0], parts[1]) == (estate, device)


async def asked_camera(connection: Connection, caller: Caller, device: str) -> DictRow:
    """Return the camera that a grant or a request is about; raises NotFound outside the caller's places."""
    camera = await fetch(connection, SQL["granted_camera"], {"device": device, "scope": caller.scope})
    if camera is None:
        raise NotFound("camera", device)
    return camera


def check_span(wish: Mapping[str, Any]) -> None:
    """Raise Invalid where the time that is asked for ends before it begins."""
    if wish["recorded_until"] <= wish["recorded_from"]:
        raise Invalid({"recorded_until": "it must lie after recorded_from"})


async def shown(
    database: Database, caller: Caller, store: PictureStore, piece: Piece, purpose: Purpose
) -> bytes:
    """Return the content, after its row is on the register.

    Raises NotFound where nothing lies there.
    """
    content = await anyio.to_thread.run_sync(store.get, piece.ref)
    if content is None:
        raise NotFound("snapshot", piece.ref[:200])

    async def work(connection: Connection) -> None:
        await note(connection, caller, piece, purpose, piece.what)

    await database.write(work)
    return content


async def note(connection: Connection, caller: Caller, piece: Piece, purpose: Purpose, what: What) -> int:
    """Write the row: who, of which unit, what, why, when."""
    row = {
        "who": caller.name,
        "role": caller.role,
        "scope": caller.scope,
        "device": piece.device,
        "what": what,
        "ref": piece.ref,
        "reason": purpose.reason,
        "alert": purpose.alert,
        "source": caller.source,
        "grant": piece.grant,
    }
    number: int = (await fetch_one(connection, SQL["note_access"], row))["id"]
    return number


async def state(database: Database, store: PictureStore, piece: Piece) -> dict[str, Any]:
    """Say what there is of a picture, without showing it."""
    held = await database.row(SQL["hold_of"], {"ref": piece.ref})
    return {
        "picture": await anyio.to_thread.run_sync(store.has, piece.ref),
        "clip": await anyio.to_thread.run_sync(store.has, clip_of(piece.ref)),
        "hold": held["body"] if held else None,
    }


async def hold(
    connection: Connection, caller: Caller, store: PictureStore, piece: Piece, purpose: Purpose
) -> None:
    """Keep a picture and its clip beyond their retention.

    Raises NotFound where there is no picture, Conflict where it is held already.
    """
    if not await anyio.to_thread.run_sync(store.has, piece.ref):
        raise NotFound("snapshot", piece.ref[:200])
    row = {"ref": piece.ref, "device": piece.device, "reason": purpose.reason, "who": caller.name}
    if await fetch(connection, SQL["hold"], row) is None:
        raise Conflict("this picture is on hold already")
    await note(connection, caller, piece, purpose, "hold")
    words = msgspec.json.encode({"by": caller.name, "reason": purpose.reason})
    await anyio.to_thread.run_sync(store.put, hold_of(piece.ref), words)


async def release(
    connection: Connection, caller: Caller, store: PictureStore, piece: Piece, purpose: Purpose
) -> None:
    """End a hold: retention applies again.

    Raises NotFound where there is none.
    """
    if await fetch(connection, SQL["release"], {"ref": piece.ref}) is None:
        raise NotFound("hold", piece.ref[:200])
    await note(connection, caller, piece, purpose, "release")
    await unmark(connection, store, piece.ref)


async def unmark(connection: Connection, store: PictureStore, ref: str) -> None:
    """Take the mark away that spares a picture, unless somebody or a case still holds it."""
    if await fetch(connection, SQL["hold_of"], {"ref": ref}) is None:
        await anyio.to_thread.run_sync(store.delete, hold_of(ref))
