"""Pictures and clips handed out, and the requests of state organs they may be handed out for."""

from __future__ import annotations

import base64
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from console import organ_requests, picture_exports
from console.access import Data, Safe
from console.auth import Me
from console.camera_pictures import SQL, store_of
from console.database import Connection
from console.paging import Cursor, Limit, after, page
from console.picture_schemas import ExportWish, NewOrganRequest, OrganDecision, OrganRequest, PictureExport
from console.schemas import Page
from console.settings import ConsoleSettings
from console.writing import Answer, Once

router = APIRouter(prefix="/api", tags=["snapshots"])
_FILE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"image/jpeg": {}, "video/webm": {}}}}
_Hash = Annotated[str | None, Query(pattern="^[0-9a-f]{64}$", description="of a file that was handed out")]


@router.get("/picture-exports", response_model=Page[PictureExport])
async def list_picture_exports(
    database: Data,
    caller: Me,
    *,
    sha256: _Hash = None,
    request_id: int | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List what was handed out, to whom and why, newest first; by its hash a file is found again."""
    (number,) = after(cursor, int)
    about = {
        "scope": caller.scope,
        "sha256": sha256,
        "request": request_id,
        "after": number,
        "limit": limit + 1,
    }
    return page(await database.rows(SQL["exports"], about), limit, "id")


@router.post("/picture-exports", response_class=Response, responses=_FILE)
async def export_picture(request: Request, database: Data, caller: Me, wish: ExportWish) -> Response:
    """Hand out a picture or clip, masked once more; the row is written first and its hash is the file's."""
    settings: ConsoleSettings = request.app.state.settings
    model = str(settings.face_model) if settings.face_model else None
    store = store_of(request.app.state.pictures)
    made = await picture_exports.hand_out(database, caller, store, wish.model_dump(), model)
    digest = base64.b64encode(bytes.fromhex(made.sha256)).decode()
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{made.name}"',
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    return Response(made.content, media_type=made.media, headers=headers)


@router.get("/organ-requests", response_model=Page[OrganRequest])
async def list_organ_requests(
    database: Data, caller: Me, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List what state organs asked for, newest first; the officers' names are masked."""
    (number,) = after(cursor, int)
    about = {"scope": caller.scope, "id": None, "after": number, "limit": limit + 1}
    return page(await database.rows(SQL["organ_requests"], about), limit, "id")


@router.post("/organ-requests", response_model=OrganRequest, status_code=HTTPStatus.CREATED)
async def take_organ_request(caller: Me, vault: Safe, wish: NewOrganRequest, writer: Once) -> JSONResponse:
    """Take a state organ's request: its paper's number, two officers, which camera, what time."""

    async def work(connection: Connection) -> Answer:
        body = await organ_requests.take(connection, caller, vault, wish.model_dump())
        return Answer(status=HTTPStatus.CREATED, body=body)

    return await writer.once(work)


@router.post("/organ-requests/{request_id}/decision", response_model=OrganRequest)
async def decide_organ_request(
    caller: Me, request_id: int, wish: OrganDecision, writer: Once
) -> JSONResponse:
    """Approve or refuse a request; whoever took it may not."""

    async def work(connection: Connection) -> Answer:
        return Answer(
            body=await organ_requests.decide(
                connection, caller, request_id, state=wish.state, answer=wish.answer
            )
        )

    return await writer.once(work)
