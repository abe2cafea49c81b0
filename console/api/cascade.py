"""The cascade over HTTP: what the other centre posts, and what a superior's people do here."""

from __future__ import annotations

import hmac
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from console import cascade
from console.access import Data
from console.api.deliver import SQL
from console.api.deliver_public import Authorization, shown_secret
from console.auth import Me
from console.database import Connection, Database
from console.deliver_schemas import CascadeLinks, CascadeMove, CascadeOrder, CascadeTaken, CascadeTies
from console.problems import Unauthenticated
from console.writing import Answer, Once
from devices.errors import SettingError
from ingest.deliver import endpoint as kinds
from ingest.deliver.outbox import Channel
from ingest.deliver.secrets import Secrets

public = APIRouter(prefix="/api/cascade", tags=["delivery"])
router = APIRouter(prefix="/api", tags=["delivery"])


@public.post("/moves", response_model=CascadeTaken)
async def take_cascade_move(
    request: Request, database: Data, wish: CascadeMove, authorization: Authorization = ""
) -> dict[str, Any]:
    """Take a move from a linked centre; one that is known already changes nothing."""
    link, settings = await _link(database, request.app.state.secrets, shown_secret(authorization))

    async def work(connection: Connection) -> dict[str, Any]:
        return await cascade.take(connection, link, settings, wish)

    return await database.write(work)


@router.get("/cascade/links", response_model=CascadeLinks)
async def cascade_links(database: Data, caller: Me) -> dict[str, Any]:
    """List the links to other centres, and what waits for them."""
    rows = await database.rows(SQL["cascade_links"], {"scope": caller.scope})
    return {"items": [row["body"] for row in rows]}


@router.post("/incidents/{incident_id}/cascade", response_model=CascadeTies)
async def order_below(caller: Me, incident_id: int, wish: CascadeOrder, writer: Once) -> JSONResponse:
    """Urge (催办), supervise (督办) or send back (退回) a case of the centre below."""

    async def work(connection: Connection) -> Answer:
        ties = await cascade.order(connection, caller, incident_id, wish)
        shown = ("link", "name_zh", "name_en", "case_code", "mirrored")
        return Answer(body={"items": [{name: tie[name] for name in shown} for tie in ties]})

    return await writer.once(work)


async def _link(database: Database, secrets: Secrets, shown: str) -> tuple[str, kinds.Cascade]:
    """Answer the link whose credential was shown; raises Unauthenticated where there is none."""
    for row in await database.rows(cascade.SQL["links"]):
        try:
            settings = kinds.read(Channel.CASCADE, "http", row["settings"])
        except SettingError:
            continue
        if not isinstance(settings, kinds.Cascade):
            continue
        wanted = secrets.find(settings.accept_secret)
        if wanted is not None and hmac.compare_digest(wanted.encode(), shown.encode()):
            return row["code"], settings
    raise Unauthenticated
