"""Photos of a case: hand one in, list them, look at one."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, JSONResponse
from pydantic import AwareDatetime

from console import attachments as photos
from console.access import Data
from console.auth import Me
from console.database import Connection
from console.pictures import KINDS, MEDIA_TYPE, wash
from console.schemas import Attachment, Attachments
from console.settings import ConsoleSettings
from console.writing import Answer, Once

router = APIRouter(prefix="/api", tags=["attachments"])

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS},
    }
}
_Lat = Annotated[float | None, Query(ge=-90, le=90, description="WGS 84")]
_Lon = Annotated[float | None, Query(ge=-180, le=180, description="WGS 84")]
_When = Annotated[AwareDatetime | None, Query(description="when it was taken, if that was not now")]


@router.post(
    "/incidents/{incident_id}/attachments",
    response_model=Attachment,
    status_code=HTTPStatus.CREATED,
    openapi_extra=_BODY,
)
async def attach(
    request: Request,
    database: Data,
    caller: Me,
    incident_id: int,
    writer: Once,
    *,
    order: int | None = None,
    taken_at: _When = None,
    lat: _Lat = None,
    lon: _Lon = None,
) -> JSONResponse:
    """Attach a photo; it is encoded anew, without what the camera wrote into it."""
    folder = photos.folder_of(_settings(request).attachments)
    await photos.must_see_case(database, caller, incident_id)
    kind = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    picture = await wash(await request.body(), kind)
    await photos.keep(folder, picture)
    when: datetime | None = taken_at
    about = photos.About(incident_id=incident_id, order_id=order, taken_at=when, lat=lat, lon=lon)

    async def work(connection: Connection) -> Answer:
        body = await photos.attach(connection, caller, about, picture)
        return Answer(body=body, status=HTTPStatus.CREATED)

    return await writer.once(work)


@router.get("/incidents/{incident_id}/attachments", response_model=Attachments)
async def attachments(database: Data, caller: Me, incident_id: int) -> dict[str, Any]:
    """List the photos of a case."""
    return {"items": await photos.listed(database, caller, incident_id)}


@router.get("/attachments/{attachment_id}", response_class=FileResponse)
async def attachment(request: Request, database: Data, caller: Me, attachment_id: int) -> FileResponse:
    """Show a photo; who looked at it is on the audit log."""
    folder = photos.folder_of(_settings(request).attachments)
    file = await photos.opened(database, caller, attachment_id, folder)
    return FileResponse(file, media_type=MEDIA_TYPE, headers={"Cache-Control": "private, max-age=300"})


def _settings(request: Request) -> ConsoleSettings:
    settings: ConsoleSettings = request.app.state.settings
    return settings
