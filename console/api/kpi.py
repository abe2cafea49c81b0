"""The figures of the wall."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request

from console.access import Data
from console.auth import Me
from console.recent import Recent
from console.schemas import Kpi
from console.settings import ConsoleSettings
from ingest.store.sql import load

router = APIRouter(prefix="/api", tags=["platform"])
_SQL: Final = load("console.store", "kpi.sql")
_DUTY: Final = load("console.store", "duty.sql")


@router.get("/kpi", response_model=Kpi)
async def kpi(request: Request, database: Data, caller: Me) -> dict[str, Any]:
    """Count what matters within the caller's places."""
    settings: ConsoleSettings = request.app.state.settings
    about = {"scope": caller.scope}
    figures = await database.row(_SQL["kpi"], about) or {}
    counts: Recent[int] = request.app.state.event_counts

    async def count() -> int:
        row = await database.row(_SQL["events_last_hour"], about)
        return int(row["n"]) if row else 0

    aside = await database.row(_SQL["quarantined_last_hour"], about) or {"n": 0}
    ingest = await database.row(_SQL["ingest"]) or {"clock": None, "lag_s": None}
    ok = ingest["lag_s"] is not None and ingest["lag_s"] <= settings.ingest_late_s
    return {
        **figures,
        "events_last_hour": await counts.get(caller.scope, count),
        "quarantined_last_hour": aside["n"],
        "ingest": {**ingest, "ok": ok},
        "duty": await watch(database, settings),
    }


async def watch(database: Data, settings: ConsoleSettings) -> dict[str, Any]:
    """Say whether duty is there, and what it counts that should be zero."""
    seen = await database.row(_DUTY["duty"]) or {"counts": None, "at": None, "lag_s": None}
    counts: dict[str, int] = seen["counts"] or {}
    alive = seen["lag_s"] is not None and seen["lag_s"] <= settings.duty_late_s
    return {
        "at": seen["at"],
        "lag_s": seen["lag_s"],
        "counts": counts,
        "ok": alive and not any(counts.values()),
    }
