"""For developers: what ingest hears and how it reads it; the simulated community's controls."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request

from console.access import Data, must_see
from console.accounts import audit
from console.auth import Me
from console.database import Connection
from console.developer_schemas import Heard, Simulation, SimulationWish
from console.problems import Invalid
from console.simulation import ask_simulation
from ingest.store.sql import load

router = APIRouter(prefix="/api", tags=["developer"])
_SQL: Final = load("console.store", "inspector.sql")
_Name = Annotated[str | None, Query(max_length=64)]


@router.get("/inspector", response_model=Heard)
async def inspector(
    database: Data,
    caller: Me,
    *,
    estate: _Name = None,
    device: _Name = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> dict[str, Any]:
    """Show what was heard in the last quarter of an hour and how it was read, newest first."""
    if estate is None and device is None:
        raise Invalid({"estate": "name an estate or a device"})
    await must_see(database, caller, estate)
    about = {"scope": caller.scope, "estate": estate, "device": device, "limit": limit}
    return {"items": [row["body"] for row in await database.rows(_SQL["heard"], about)]}


@router.get("/simulation", response_model=Simulation)
async def simulation(request: Request) -> dict[str, Any]:
    """Show what the simulated community plays; 404 where there is none."""
    return await ask_simulation(request.app.state.settings, None)


@router.post("/simulation", response_model=Simulation)
async def steer_simulation(
    request: Request, database: Data, caller: Me, wish: SimulationWish
) -> dict[str, Any]:
    """Let the simulated community play a scenario, talk more or less, or misbehave."""
    detail = wish.model_dump(mode="json", exclude_none=True)
    answer = await ask_simulation(request.app.state.settings, detail)

    async def work(connection: Connection) -> None:
        await audit(connection, caller.name, "simulation.steer", "", detail=detail)

    await database.write(work)
    return answer
