"""Why: an alert's chain, a device's silence, the engine's memory."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from console import explaining
from console.access import Data, must_see
from console.auth import Me
from console.database import Connection
from console.problems import Invalid
from console.rule_wire import EngineState, Explained, Why
from console.rulebook import span_of
from devices.errors import NotFound
from ingest.clock import system_clock
from ingest.store import history

router = APIRouter(tags=["explain"])

Name = Annotated[str | None, Query(max_length=64)]


@router.get("/api/alerts/{alert_id}/explain", response_model=Explained)
async def explain_alert(database: Data, caller: Me, alert_id: int) -> dict[str, Any]:
    """Show the chain behind an alert: events, window, figures, rule version, what kept silent."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await explaining.chain_of(connection, alert_id, caller.scope)

    return await database.write(work)


@router.get("/api/devices/{device_id}/why", response_model=Why)
async def why_device(
    database: Data,
    caller: Me,
    device_id: str,
    start: Annotated[datetime | None, Query(alias="from")] = None,
    end: Annotated[datetime | None, Query(alias="to")] = None,
) -> dict[str, Any]:
    """Say why nothing fired, or what did: the device's stored events judged again, every answer kept."""
    span = span_of(start, end, system_clock(), most=explaining.LONGEST)
    about = {"device": device_id, "scope": caller.scope}
    if await database.row(explaining.SQL["place_of_device"], about) is None:
        raise NotFound("device", device_id)

    async def work(connection: Connection) -> dict[str, Any]:
        return await explaining.why_device(connection, device_id, span)

    return await database.write(work)


@router.get("/api/engine", response_model=EngineState)
async def engine_state(
    database: Data, caller: Me, estate: Name = None, device: Name = None
) -> dict[str, Any]:
    """Show what the engine remembers and waits for, by estate or by device."""
    if estate is None and device is None:
        raise Invalid({"estate": "name an estate or a device"})
    await must_see(database, caller, estate)
    subjects: list[str] | None = None
    if device is not None:
        where = await database.row(
            explaining.SQL["place_of_device"], {"device": device, "scope": caller.scope}
        )
        if where is None:
            raise NotFound("device", device)
        estate, subjects = where["estate"], [device, where["place"]]

    async def work(connection: Connection) -> dict[str, Any]:
        visible = await history.estates_of(connection, caller.scope)
        return await explaining.engine_state(connection, [e for e in visible if e == estate], subjects)

    return await database.write(work)
