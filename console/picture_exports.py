"""Pictures and clips handed out: masked once more, for somebody, for a reason, hashed. No row, no file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import anyio.to_thread
from psycopg.types.json import Jsonb

from console.auth import Caller
from console.camera_pictures import SQL, Piece, Purpose, found, note
from console.database import Connection, Database, fetch_one
from console.problems import Invalid
from console.threads import Threads
from devices.errors import NotFound
from ingest.camera.archive import recorded_at
from ingest.camera.export import Cover, masked_clip, masked_picture
from ingest.camera.shape import Box
from ingest.camera.store import PictureStore, clip_of

_THREADS: Final = Threads("exports", 1)  # a clip takes a core for its length


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """A file on its way out: its row's number, what it is, and its hash."""

    id: int
    content: bytes
    media: str
    sha256: str
    name: str


async def hand_out(
    database: Database, caller: Caller, store: PictureStore, wish: Mapping[str, Any], face_model: str | None
) -> Export:
    """Mask a picture or clip, write down who hands it to whom and why, and only then answer it.

    Raises NotFound outside the caller's places and where nothing lies there, Invalid where a request
    does not allow it, UnreadableFootage.
    """
    piece = await found(database, caller, wish["ref"])
    if piece.what not in ("picture", "clip"):
        raise Invalid({"ref": "name a picture or a clip: what a camera sees now is not handed out"})
    if wish["request"] is not None:
        await _allowed(database, caller, piece, wish)
    content = await anyio.to_thread.run_sync(store.get, piece.ref)
    if content is None:
        raise NotFound("snapshot", piece.ref[:200])
    masks = (await database.row(SQL["masks_of"], {"device": piece.device}) or {"masks": []})["masks"]
    drawn = tuple(Box(*region) for region in wish["regions"])
    cover = Cover(masks=masks, drawn=drawn, bodies=wish["cover"] == "bodies", face_model=face_model)
    masked = await _THREADS.run(_masked, store, piece, content, cover)
    hidden = {
        "cover": wish["cover"],
        "masks": len(masks),
        "regions": len(drawn),
        "faces": face_model is not None,
    }
    row = {
        "who": caller.name,
        "role": caller.role,
        "device": piece.device,
        "what": piece.what,
        "ref": piece.ref,
        "reason": wish["reason"],
        "recipient": wish["recipient"],
        "request": wish["request"],
        "hidden": Jsonb(hidden),
        "original": hashlib.sha256(content).hexdigest(),
        "sha256": hashlib.sha256(masked).hexdigest(),
        "size": len(masked),
        "source": caller.source,
    }

    async def work(connection: Connection) -> int:
        await note(connection, caller, piece, Purpose(reason=wish["reason"]), "export")
        number: int = (await fetch_one(connection, SQL["add_export"], row))["id"]
        return number

    number = await database.write(work)
    ending = "webm" if piece.what == "clip" else "jpg"
    media = "video/webm" if piece.what == "clip" else "image/jpeg"
    return Export(
        id=number, content=masked, media=media, sha256=str(row["sha256"]), name=f"export-{number}.{ending}"
    )


def _masked(store: PictureStore, piece: Piece, content: bytes, cover: Cover) -> bytes:
    if piece.what == "clip":
        return masked_clip(content, cover)
    return masked_picture(content, store.get(clip_of(piece.ref)), cover)


async def _allowed(database: Database, caller: Caller, piece: Piece, wish: Mapping[str, Any]) -> None:
    about = {"scope": caller.scope, "id": wish["request"], "after": None, "limit": 1}
    request = await database.row(SQL["organ_requests"], about)
    at = recorded_at(piece.ref)
    asked = request is not None and request["device"] == piece.device and at is not None
    if request is None or not asked or not request["recorded_from"] <= at < request["recorded_until"]:
        raise Invalid({"request": "no request asks for this camera at that time"})
    if request["state"] != "approved":
        raise Invalid({"request": "this request is not approved: a second person decides it first"})
    if request["organ"] != wish["recipient"]:
        raise Invalid({"recipient": f"the request is of {request['organ']}: nobody else is given it"})
