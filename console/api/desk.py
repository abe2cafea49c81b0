"""The operator's desk: who has which alert open, filters under a name, what a case's place said before."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from psycopg.types.json import Jsonb

from console import holds, revealing
from console.access import Data
from console.auth import Caller, Me
from console.database import Connection, Database, fetch, fetch_one
from console.desk_schemas import AlertHistory, AlertHold, All, NearCamera, QueueView, QueueViewWish, Resident
from console.device_wishes import Reason
from console.permissions import allows
from console.problems import Forbidden, Invalid
from console.schemas import Reveal
from console.writing import Answer, Once
from devices.errors import NotFound

router = APIRouter(prefix="/api", tags=["alerts"])
MOST_VIEWS: Final = 30  # of one person
CAMERAS: Final = 4
RESIDENTS: Final = 100


@router.get("/holds", response_model=All[AlertHold])
async def list_holds(database: Data, caller: Me) -> dict[str, Any]:
    """List who has which alert open."""
    rows = await database.rows(holds.SQL["holds"], {"scope": caller.scope})
    return {"items": [row["body"] for row in rows]}


@router.put("/alerts/{alert_id}/hold", status_code=HTTPStatus.NO_CONTENT)
async def hold_alert(database: Data, caller: Me, alert_id: int) -> Response:
    """Say that one has this alert open, and no other; it lasts a minute unless said again."""

    async def work(connection: Connection) -> None:
        await holds.hold(connection, caller, alert_id)

    await database.write(work)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/holds/release", status_code=HTTPStatus.NO_CONTENT)
async def release_alert(database: Data, caller: Me) -> Response:
    """Say that one has no alert open."""

    async def work(connection: Connection) -> None:
        await holds.release(connection, caller)

    await database.write(work)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/queue-views", response_model=All[QueueView])
async def queue_views(database: Data, caller: Me) -> dict[str, Any]:
    """List one's own views of the queue, and those that shift leaders share."""
    rows = await database.rows(holds.SQL["queue_views"], _who(caller))
    return {"items": [row["body"] for row in rows]}


@router.post("/queue-views", response_model=QueueView, status_code=HTTPStatus.CREATED)
async def add_queue_view(caller: Me, wish: QueueViewWish, writer: Once) -> JSONResponse:
    """Keep a filter under a name; the same name again replaces it. Sharing is for shift leaders."""
    if wish.shared and not allows(caller.role, "queue_view.share"):
        raise Forbidden

    async def work(connection: Connection) -> Answer:
        row = {**_who(caller), "name": wish.name, "shared": wish.shared}
        if (await fetch_one(connection, holds.SQL["count_views"], row))["n"] >= MOST_VIEWS:
            raise Invalid({"name": f"you have {MOST_VIEWS} views: remove one first"})
        filter_ = wish.filter.model_dump()
        made = await fetch_one(connection, holds.SQL["add_view"], {**row, "filter": Jsonb(filter_)})
        cursor = await connection.execute(holds.SQL["queue_views"], _who(caller))
        (body,) = [row["body"] for row in await cursor.fetchall() if row["body"]["id"] == made["id"]]
        return Answer(body=body, status=HTTPStatus.CREATED)

    return await writer.once(work)


@router.delete("/queue-views/{view_id}", status_code=HTTPStatus.NO_CONTENT)
async def drop_queue_view(database: Data, caller: Me, view_id: int) -> Response:
    """Remove one of one's own views."""

    async def work(connection: Connection) -> None:
        if await fetch(connection, holds.SQL["drop_view"], {**_who(caller), "id": view_id}) is None:
            raise NotFound("view", str(view_id))

    await database.write(work)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/alerts/{alert_id}/history", response_model=AlertHistory)
async def alert_history(
    database: Data, caller: Me, alert_id: int, days: Annotated[int, Query(ge=1, le=90)] = 30
) -> dict[str, Any]:
    """List what the same device said before, and what else was raised at the same place."""
    about = await _visible(database, caller, alert_id)
    rows = await database.rows(holds.SQL["alert_history"], {**about, "days": days})
    return {
        "days": days,
        "device": [row["body"] for row in rows if row["own"]],
        "place": [row["body"] for row in rows if not row["own"]],
    }


@router.get("/alerts/{alert_id}/cameras", response_model=All[NearCamera])
async def alert_cameras(database: Data, caller: Me, alert_id: int) -> dict[str, Any]:
    """List the cameras nearest to an alert, each with its newest picture; looking needs a reason."""
    about = await _visible(database, caller, alert_id)
    rows = await database.rows(holds.SQL["alert_cameras"], {**about, "limit": CAMERAS})
    return {"items": [row["body"] for row in rows]}


@router.get("/alerts/{alert_id}/residents", response_model=All[Resident])
async def alert_residents(database: Data, caller: Me, alert_id: int) -> dict[str, Any]:
    """List people to care for in the alert's building, by entrance only; who they are needs a reason."""
    about = await _visible(database, caller, alert_id)
    rows = await database.rows(holds.SQL["alert_residents"], {**about, "limit": RESIDENTS})
    return {"items": [row["body"] for row in rows]}


@router.post("/alerts/{alert_id}/residents", response_model=Reveal)
async def reveal_residents(database: Data, caller: Me, alert_id: int, wish: Reason) -> dict[str, Any]:
    """Open where those people live and which of them are away, for a while and a reason."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await revealing.begin(connection, caller, "residents", str(alert_id), wish.reason)

    return await database.write(work)


async def _visible(database: Database, caller: Caller, alert_id: int) -> dict[str, Any]:
    about = {"id": alert_id, "scope": caller.scope}
    if await database.row(holds.SQL["visible_alert"], about) is None:
        raise NotFound("alert", str(alert_id))
    return about


def _who(caller: Caller) -> dict[str, Any]:
    return {"who": caller.name, "scope": caller.scope}
