"""Pictures and clips of cameras: looked at for a reason, held for a reason, and who did so."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from console import camera_pictures as pictures
from console.access import Data
from console.auth import Me
from console.camera_pictures import Purpose, store_of
from console.database import Connection
from console.paging import Cursor, Limit, after, page
from console.picture_schemas import PictureAccess, SnapshotState
from console.schemas import Page
from console.wishes import Wish
from console.writing import Answer, Once

router = APIRouter(prefix="/api", tags=["snapshots"])
_Reason = Annotated[str | None, Query(max_length=500, description="why; required, and put on the register")]
_Alert = Annotated[int | None, Query(description="the alert it is looked at for")]
_CONTENT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {kind: {} for kind in sorted(set(pictures.MEDIA.values()))}}
}


class HoldWish(Wish):
    """Hold a picture and its clip, or release them."""

    ref: Annotated[str, Field(max_length=256)]
    hold: bool
    reason: Annotated[str, Field(max_length=500)]
    alert: int | None = None


@router.get("/snapshots/{path:path}", response_class=Response, responses=_CONTENT)
async def snapshot(
    request: Request,
    database: Data,
    caller: Me,
    path: str,
    *,
    reason: _Reason = None,
    alert: _Alert = None,
) -> Response:
    """Show a picture or clip, once it is on the register who looks at it, and why."""
    piece = await pictures.found(database, caller, path, granted=True)
    purpose = Purpose.stated(reason, alert)
    store = store_of(request.app.state.pictures)
    content = await pictures.shown(database, caller, store, piece, purpose)
    return Response(content, media_type=piece.media, headers={"Cache-Control": "no-store"})


@router.get("/snapshot-state/{path:path}", response_model=SnapshotState)
async def snapshot_state(request: Request, database: Data, caller: Me, path: str) -> dict[str, Any]:
    """Say whether there is a picture, a clip, a hold; shows nothing."""
    piece = await pictures.found(database, caller, path, granted=True)
    return await pictures.state(database, store_of(request.app.state.pictures), piece)


@router.post("/snapshot-holds", response_model=SnapshotState)
async def hold_snapshot(
    request: Request, database: Data, caller: Me, wish: HoldWish, writer: Once
) -> JSONResponse:
    """Keep a picture and its clip beyond their retention, or end that."""
    piece = await pictures.found(database, caller, wish.ref)
    purpose = Purpose.stated(wish.reason, wish.alert)
    store = store_of(request.app.state.pictures)
    change = pictures.hold if wish.hold else pictures.release

    async def work(connection: Connection) -> Answer:
        await change(connection, caller, store, piece, purpose)
        return Answer(body={})

    await writer.once(work)
    return JSONResponse(await _plain(request, database, piece))


async def _plain(request: Request, database: Data, piece: pictures.Piece) -> Any:
    there = await pictures.state(database, store_of(request.app.state.pictures), piece)
    return SnapshotState.model_validate(there).model_dump(mode="json")


@router.get("/picture-access", response_model=Page[PictureAccess])
async def picture_access(
    database: Data, caller: Me, device: str | None = None, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List who looked at which picture, clip or live view, and why, newest first."""
    (number,) = after(cursor, int)
    about = {"scope": caller.scope, "device": device, "after": number, "limit": limit + 1}
    return page(await database.rows(pictures.SQL["picture_access"], about), limit, "id")
