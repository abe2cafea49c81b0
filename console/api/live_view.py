"""Live view of a camera for an authorised operator: marked with the name, on the register, for a while."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from console import camera_pictures as pictures
from console.access import Data
from console.auth import Gatekeeper, Me, Token
from console.camera_pictures import Piece, Purpose
from console.database import Connection
from console.live_view import open_live
from console.settings import ConsoleSettings
from devices.errors import NotFound
from ingest.store.sql import load

router = APIRouter(prefix="/api/cameras", tags=["snapshots"])
_DEVICES: Final = load("console.store", "devices.sql")
_STREAM: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"multipart/x-mixed-replace": {}}}}
_Reason = Annotated[str | None, Query(max_length=500, description="why; required, and put on the register")]


@router.get("/{device_id}/live", response_class=StreamingResponse, responses=_STREAM)
async def live_view(
    request: Request,
    database: Data,
    caller: Me,
    token: Token,
    device_id: str,
    *,
    reason: _Reason = None,
    alert: Annotated[int | None, Query(description="the alert it is watched for")] = None,
) -> StreamingResponse:
    """Watch a camera: JPEG pictures, each bearing the viewer's name and the time, for a while.

    It ends when the time is over, when the session ends, and when the caller's role or place changes.
    """
    device = await database.row(_DEVICES["visible_device"], {"id": device_id, "scope": caller.scope})
    if device is None or device["profile"] != "camera":
        raise NotFound("camera", device_id)
    purpose = Purpose.stated(reason, alert)
    settings: ConsoleSettings = request.app.state.settings
    stream = await open_live(settings, device["estate"], device_id, caller.name)
    piece = Piece(ref=f"{device['estate']}/{device_id}", device=device_id)

    async def work(connection: Connection) -> None:
        await pictures.note(connection, caller, piece, purpose, "live")

    try:
        await database.write(work)
    except BaseException:
        await stream.close()  # no row, no image
        raise
    gatekeeper: Gatekeeper = request.app.state.gatekeeper

    async def allowed() -> bool:
        now = await gatekeeper.find(token)
        return now is not None and (now.role, now.scope) == (caller.role, caller.scope)

    return StreamingResponse(
        stream.pictures(allowed), media_type=stream.media, headers={"Cache-Control": "no-store"}
    )
