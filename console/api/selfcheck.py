"""The platform about itself: canaries, invariants, and the watch that looks at both."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request

from console.access import Data
from console.auth import Me
from console.selfcheck_schemas import SelfCheck
from console.settings import ConsoleSettings
from ingest.store.sql import load

router = APIRouter(prefix="/api", tags=["platform"])
_SQL: Final = load("console.store", "watch.sql")
_ASIDE: Final = load("console.store", "quarantine.sql")
_NEVER: Final[dict[str, Any]] = {"at": None, "lag_s": None, "channel": "", "heartbeat_at": None}


@router.get("/selfcheck", response_model=SelfCheck)
async def selfcheck(request: Request, database: Data, caller: Me) -> dict[str, Any]:
    """Show each canary of the caller's places and each count that must be zero, with since when."""
    settings: ConsoleSettings = request.app.state.settings
    watch = await database.row(_SQL["watch"]) or _NEVER
    awake = watch["lag_s"] is not None and watch["lag_s"] <= settings.watch_late_s
    canaries = await database.rows(_SQL["canaries"], {"scope": caller.scope})
    return {
        "watch": {**watch, "ok": awake},
        "canaries": [row["body"] for row in canaries],
        "invariants": [row["body"] for row in await database.rows(_SQL["invariants"])],
        "findings": [row["body"] for row in await database.rows(_SQL["others"])],
        "quarantine": await database.row(_ASIDE["room"]),
    }
