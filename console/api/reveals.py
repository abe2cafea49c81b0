"""Reading what a reveal opens, and the reveals that belong to no page of their own: officers, plates."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from console import revealing
from console.access import Data, Safe
from console.auth import Me
from console.database import Connection
from console.device_wishes import Reason
from console.schemas import Reveal, Revealed

router = APIRouter(prefix="/api", tags=["privacy"])


@router.get("/reveals/{reveal_id}", response_model=Revealed)
async def read_reveal(database: Data, caller: Me, vault: Safe, reveal_id: int) -> dict[str, Any]:
    """Read what a reveal of one's own opens, until its time is over; each reading is on record."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await revealing.read(connection, caller, vault, reveal_id)

    return await database.write(work)


@router.post("/organ-requests/{request_id}/officers", response_model=Reveal)
async def reveal_officers(database: Data, caller: Me, request_id: int, wish: Reason) -> dict[str, Any]:
    """Open the officers' names and numbers of a state organ's request, for a while and a reason."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await revealing.begin(connection, caller, "organ", str(request_id), wish.reason)

    return await database.write(work)


@router.post("/devices/{device_id}/events/{event_id}/plate", response_model=Reveal)
async def reveal_plate(
    database: Data, caller: Me, device_id: str, event_id: str, wish: Reason
) -> dict[str, Any]:
    """Open the plate that a gate read, for a while and a reason."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await revealing.begin(connection, caller, "event", f"{device_id}/{event_id}", wish.reason)

    return await database.write(work)
