"""Incidents: the cases, one case with its record, and moving it on."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from console import incident_actions, revealing
from console.access import Data, Safe
from console.auth import Me
from console.database import Connection
from console.dossier import note_view
from console.incidents import SQL, find_incident
from console.paging import Cursor, Limit, after, page
from console.schemas import Incident, IncidentDetail, Page, Reveal
from console.wishes import IncidentAction, IncidentReport, RevealReason
from console.writing import Answer, Once
from devices.errors import NotFound

router = APIRouter(prefix="/api/incidents", tags=["incidents"])


@router.get("", response_model=Page[Incident])
async def incidents(
    database: Data,
    caller: Me,
    state: Literal["open", "closed", "all"] = "open",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List incidents, newest first."""
    opened, number = after(cursor, datetime, int)
    wanted = {
        "scope": caller.scope,
        "state": state,
        "after_opened": opened,
        "after_id": number,
        "limit": limit + 1,
    }
    return page(await database.rows(SQL["incidents"], wanted), limit, "opened_at", "id")


@router.post("", response_model=Incident, status_code=HTTPStatus.CREATED)
async def report_incident(caller: Me, vault: Safe, report: IncidentReport, writer: Once) -> JSONResponse:
    """Open a case that no alert began: what a grid worker, the hotline, a resident or a patrol reported."""

    async def work(connection: Connection) -> Answer:
        body = await incident_actions.report_incident(connection, caller, vault, report)
        return Answer(body=body, status=HTTPStatus.CREATED)

    return await writer.once(work)


@router.get("/{incident_id}", response_model=IncidentDetail)
async def incident(database: Data, caller: Me, incident_id: int) -> dict[str, Any]:
    """Show one incident with its record, orders, alerts and what the caller may do now."""
    found = await find_incident(database, caller, incident_id)
    if found is None:
        raise NotFound("incident", str(incident_id))
    await note_view(database, caller, incident_id)
    return found


@router.post("/{incident_id}/actions", response_model=Incident)
async def act_on_incident(caller: Me, incident_id: int, wish: IncidentAction, writer: Once) -> JSONResponse:
    """Move an incident on; 409 with `legal` and `last` where that is not possible."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await incident_actions.act(connection, caller, incident_id, wish))

    return await writer.once(work)


@router.post("/{incident_id}/reporter", response_model=Reveal)
async def show_reporter(database: Data, caller: Me, incident_id: int, wish: RevealReason) -> dict[str, Any]:
    """Open who reported a case, for a while; the reason (without one the case code) is on record before."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await revealing.begin(connection, caller, "incident", str(incident_id), wish.reason)

    return await database.write(work)
