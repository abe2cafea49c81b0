"""What only the wall shows: the last day by hour, and devices by family."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter

from console.access import Data
from console.auth import Me
from console.schemas import Instant, Wire
from ingest.store.sql import load

router = APIRouter(prefix="/api/wall", tags=["platform"])
_SQL: Final = load("console.store", "wall.sql")


class Hour(Wire):
    """Alerts raised in an hour, by severity 1 to 4."""

    at: Instant
    by_severity: list[int]


class Family(Wire):
    """Devices of a family."""

    profile: str
    devices: int
    offline: int


class Wall(Wire):
    """The wall's own figures."""

    hours: list[Hour]
    fleet: list[Family]


@router.get("", response_model=Wall)
async def wall(database: Data, caller: Me) -> dict[str, Any]:
    """Count alerts of the last 24 hours by hour, and devices by family; drills are left out."""
    about = {"scope": caller.scope}
    return {
        "hours": await database.rows(_SQL["hours"], about),
        "fleet": await database.rows(_SQL["fleet"], about),
    }
