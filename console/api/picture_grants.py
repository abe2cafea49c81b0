"""Pictures opened to another unit, for a while: given, withdrawn, and what is open to one's own unit."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from console import picture_grants as grants
from console.access import Data
from console.auth import Me
from console.camera_pictures import SQL
from console.database import Connection
from console.paging import Cursor, Limit, after, page
from console.picture_schemas import GrantedRefs, GrantsToUs, NewGrant, PictureGrant, Withdrawal
from console.schemas import Page
from console.writing import Answer, Once

router = APIRouter(prefix="/api/picture-grants", tags=["snapshots"])


@router.get("", response_model=Page[PictureGrant])
async def picture_grants(
    database: Data, caller: Me, device: str | None = None, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List what was opened to other units, newest first."""
    (number,) = after(cursor, int)
    about = {"scope": caller.scope, "id": None, "device": device, "after": number, "limit": limit + 1}
    return page(await database.rows(SQL["grants"], about), limit, "id")


@router.post("", response_model=PictureGrant, status_code=HTTPStatus.CREATED)
async def grant_pictures(caller: Me, wish: NewGrant, writer: Once) -> JSONResponse:
    """Open a camera's pictures of some time to another unit; it ends by itself."""

    async def work(connection: Connection) -> Answer:
        body = await grants.give(connection, caller, {**wish.model_dump(), "what": list(wish.what)})
        return Answer(status=HTTPStatus.CREATED, body=body)

    return await writer.once(work)


@router.get("/mine", response_model=GrantsToUs)
async def grants_to_us(database: Data, caller: Me) -> dict[str, Any]:
    """List what is open to the caller's unit now."""
    rows = await database.rows(SQL["grants_to"], {"who": caller.name, "id": None})
    return {"items": [row["body"] for row in rows]}


@router.get("/{grant_id}/pictures", response_model=GrantedRefs)
async def granted_pictures(request: Request, database: Data, caller: Me, grant_id: int) -> dict[str, Any]:
    """List the pictures and clips that a grant opens to the caller's unit; each look needs a reason."""
    return await grants.refs(database, caller, request.app.state.pictures, grant_id)


@router.post("/{grant_id}/withdraw", response_model=PictureGrant)
async def withdraw_grant(caller: Me, grant_id: int, wish: Withdrawal, writer: Once) -> JSONResponse:
    """End a grant at once: the next look is refused."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await grants.withdraw(connection, caller, grant_id, wish.reason))

    return await writer.once(work)
