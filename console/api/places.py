"""The place tree."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter

from console.access import Data, must_see
from console.auth import Me
from console.schemas import Places
from ingest.store.sql import load

router = APIRouter(prefix="/api/places", tags=["places"])
_SQL: Final = load("console.store", "devices.sql")


@router.get("", response_model=Places)
async def places(database: Data, caller: Me, estate: str | None = None) -> dict[str, Any]:
    """List the places the caller sees, or those of one estate."""
    await must_see(database, caller, estate)
    rows = await database.rows(_SQL["places"], {"scope": caller.scope, "estate": estate})
    return {"items": [row["body"] for row in rows]}
