"""Is the console alive, can it work, and what has it counted."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from console.access import Data
from console.metrics import Metrics
from console.schemas import Ready
from console.settings import ConsoleSettings
from devices.errors import StoreError
from ingest.deliver.endpoint import DIRECT
from ingest.store.sql import load

public = APIRouter(tags=["platform"])
_SQL: Final = load("console.store", "kpi.sql")
_DUTY: Final = load("console.store", "duty.sql")
_ASIDE: Final = load("console.store", "quarantine.sql")
_WATCH: Final = load("console.store", "watch.sql")
_CHANNELS: Final = load("console.store", "deliver.sql")


@public.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process is alive."""
    return {"status": "ok"}


@public.get("/readyz")
async def readyz(request: Request, response: Response, database: Data) -> Ready:
    """Say whether database, migrations and ingest are there; 503 where one is not."""
    settings: ConsoleSettings = request.app.state.settings
    try:
        migrated = await database.row(_SQL["ready"])
        ready = Ready(database=True, migrations=bool(migrated and migrated["migrations"]), ingest=False)
        if ready.migrations:
            ingest = await database.row(_SQL["ingest"])
            lag = ingest["lag_s"] if ingest else None
            ready = ready.model_copy(update={"ingest": lag is not None and lag <= settings.ingest_late_s})
    except StoreError:
        ready = Ready(database=False, migrations=False, ingest=False)
    if not (ready.database and ready.migrations and ready.ingest):
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return ready


@public.get("/metrics", response_class=Response)
async def metrics(request: Request, database: Data) -> Response:
    """Answer Prometheus; without a database, what the process itself knows."""
    counted: Metrics = request.app.state.metrics
    try:
        open_alerts = await database.rows(_SQL["open_alerts"])
        duty, ingest = await database.row(_DUTY["duty"]), await database.row(_DUTY["ingest"])
        watch = await database.row(_WATCH["watch"])
        if room := await database.row(_ASIDE["room"]):
            counted.watch_quarantine(room)
        about = {"scope": None, "code": None, "direct": [str(c) for c in DIRECT]}
        counted.watch_channels(
            await database.rows(_CHANNELS["channels"], about), await database.rows(_CHANNELS["missed_tests"])
        )
    except StoreError:
        open_alerts, duty, ingest, watch = [], None, None, None
    return Response(counted.exposition(open_alerts, duty, ingest, watch), media_type=CONTENT_TYPE_LATEST)
