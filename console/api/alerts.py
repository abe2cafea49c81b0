"""Alerts: the queue, one alert with all its evidence, and what to do with it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from console import alert_actions, alert_batch, confirming, family
from console.access import Data, must_see, place_path
from console.alert_moves import AlertVerb
from console.auth import Me
from console.database import Connection
from console.desk_schemas import Acknowledged
from console.incidents import find_incident
from console.paging import Cursor, Limit, QueueLimit, after, page
from console.schemas import Alert, AlertDetail, AlertGroup, Page
from console.settings import ConsoleSettings
from console.wishes import AcknowledgeMany, AlertAction, AlertVerdict
from console.writing import Answer, Once
from devices.errors import NotFound
from ingest.store.sql import load
from rules.duty import Verdict

router = APIRouter(prefix="/api/alerts", tags=["alerts"])
_SQL: Final = load("console.store", "alerts.sql")
_DEVICES: Final = load("console.store", "devices.sql")


@router.get("", response_model=Page[Alert])
async def alerts(
    *,
    database: Data,
    caller: Me,
    state: Literal["active", "suppressed", "ended", "all"] = "active",
    estate: str | None = None,
    code: str | None = None,
    severity: Annotated[int | None, Query(ge=1, le=4)] = None,
    device: str | None = None,
    cursor: Cursor = None,
    limit: QueueLimit = 50,
) -> dict[str, Any]:
    """List alerts: gravest first while active, newest first otherwise; `suppressed`: off the list."""
    await must_see(database, caller, estate)
    wanted = {"scope": caller.scope, "estate": estate, "code": code, "severity": severity, "device": device}
    if state == "active":
        grave, raised, number = after(cursor, int, datetime, int)
        wanted |= {"after_severity": grave, "after_raised": raised, "after_id": number}
        rows = await database.rows(_SQL["active_alerts"], {**wanted, "limit": limit + 1})
        return page(rows, limit, "severity", "raised_at", "id")
    raised, number = after(cursor, datetime, int)
    wanted |= {"after_raised": raised, "after_id": number, "state": state}
    rows = await database.rows(_SQL["past_alerts"], {**wanted, "limit": limit + 1})
    return page(rows, limit, "raised_at", "id")


@router.get("/groups", response_model=Page[AlertGroup])
async def alert_groups(
    *, database: Data, caller: Me, estate: str | None = None, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List what stands on the operator's list: one thing per building and hazard, gravest first."""
    await must_see(database, caller, estate)
    grave, raised, number = after(cursor, int, datetime, int)
    wanted = {"scope": caller.scope, "estate": estate, "limit": limit + 1}
    wanted |= {"after_severity": grave, "after_raised": raised, "after_id": number}
    rows = await database.rows(_SQL["alert_groups"], wanted)
    return page(rows, limit, "severity", "raised_at", "lead")


@router.post("/acknowledge", response_model=Acknowledged)
async def acknowledge_alerts(caller: Me, wish: AcknowledgeMany, writer: Once) -> dict[str, Any]:
    """Acknowledge several alerts, each by itself: a row says what became of it; severity 1 by permission."""
    return {"items": [await alert_batch.acknowledge(writer, caller, number, wish) for number in wish.alerts]}


@router.get("/{alert_id}", response_model=AlertDetail)
async def alert(database: Data, caller: Me, alert_id: int) -> dict[str, Any]:
    """Show one alert with its events, its record, its place, its device and its incident."""
    about = {"id": alert_id, "scope": caller.scope}
    row = await database.row(_SQL["alert"], about)
    if row is None:
        raise NotFound("alert", str(alert_id))
    device = await database.row(_DEVICES["device"], {"id": row["device"], "scope": caller.scope})
    incident = row["incident_id"] and await find_incident(database, caller, row["incident_id"])
    return {
        **row["body"],
        "events": [event["body"] for event in await database.rows(_SQL["alert_events"], about)],
        "log": [line["body"] for line in await database.rows(_SQL["alert_log"], about)],
        "place_path": await place_path(database, row["place"]),
        "device_info": device and device["body"],
        "incident": incident,
        "held_back": [other["body"] for other in await database.rows(_SQL["held_back"], row["body"])],
    }


@router.post("/{alert_id}/actions", response_model=Alert)
async def act_on_alert(
    request: Request, caller: Me, alert_id: int, wish: AlertAction, writer: Once
) -> JSONResponse:
    """Acknowledge, dispatch or close an alert; 409 with `legal` and `last` where that is not possible."""
    settings: ConsoleSettings = request.app.state.settings

    async def work(connection: Connection) -> Answer:
        body = await alert_actions.act(connection, caller, alert_id, wish)
        if wish.action is AlertVerb.DISPATCH and body["incident_id"] is not None:
            address = settings.public_url.rstrip("/")
            await family.invite_contacts(connection, caller, body["incident_id"], address)
        return Answer(body=body)

    return await writer.once(work)


@router.post("/{alert_id}/verdict", response_model=Alert)
async def confirm_alert(caller: Me, alert_id: int, wish: AlertVerdict, writer: Once) -> JSONResponse:
    """Confirm an alarm, go past the confirming, or call it off; 409 where it has been decided."""

    async def work(connection: Connection) -> Answer:
        verdict = Verdict(wish.verdict)
        return Answer(body=await confirming.decide(connection, caller, alert_id, verdict, note=wish.note))

    return await writer.once(work)
