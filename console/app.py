"""The composition root: settings in, one FastAPI application out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware import Middleware

from console import page, problems
from console.api import (
    account,
    alerts,
    attachments,
    audit,
    catalogue,
    coverage,
    delivery,
    desk,
    dossier,
    enrolment,
    explain,
    family,
    fleet,
    floor_plans,
    health,
    incidents,
    inspector,
    kpi,
    kpi_board,
    live,
    live_view,
    maps,
    orders,
    picture_exports,
    picture_grants,
    places,
    points,
    quarantine,
    quiet,
    repairs,
    rules,
    selfcheck,
    session,
    snapshots,
    staff,
    thresholds,
    today,
    users,
    wall,
)
from console.auditing import keep_seals
from console.auth import Gatekeeper, authorise
from console.canaries import confirm_canaries
from console.case_pictures import keep_pictures
from console.credentials import Credentials
from console.database import Database
from console.first_run import FirstRun
from console.live import Hub
from console.metrics import Metrics
from console.oidc import IdentityServer
from console.platform_watch import watch_platform
from console.privacy import keep_files, keep_privacy
from console.rates import Rate, SharedRate
from console.recent import Recent
from console.rulebook import Turnstile
from console.schemas import Problem
from console.settings import ConsoleSettings
from console.shell import Shell
from ingest.camera.store import Bucket, PictureStore, open_store
from ingest.deliver.secrets import Secrets
from ingest.vault import Vault

PUBLIC: tuple[APIRouter, ...] = (
    session.public,
    health.public,
    family.public,
    *fleet.PUBLIC,
    *delivery.PUBLIC,
)
PROTECTED: tuple[APIRouter, ...] = (
    *fleet.PROTECTED,
    *delivery.PROTECTED,
    *(
        module.router
        for module in (
            session,
            account,
            users,
            catalogue,
            places,
            alerts,
            desk,
            audit,
            incidents,
            dossier,
            family,
            repairs,
            points,
            attachments,
            orders,
            rules,
            quiet,
            thresholds,
            explain,
            live,
            kpi_board,
            coverage,
            kpi,
            selfcheck,
            quarantine,
            inspector,
            snapshots,
            picture_grants,
            picture_exports,
            live_view,
            maps,
            floor_plans,
            wall,
            today,
        )
    ),
    *staff.PROTECTED,
)
COUNT_AGE_S = 15  # counting an hour of a county's events takes a tenth of a second


class _Described(FastAPI):
    """Describes problems under the media type that they are sent with."""

    def openapi(self) -> dict[str, Any]:
        """Describe the HTTP API; FastAPI would describe every answer of a route as JSON of one kind."""
        if self.openapi_schema is None:
            for ways in super().openapi()["paths"].values():
                for operation in ways.values():
                    problem = operation["responses"]["default"]
                    (described,) = problem["content"].values()
                    problem["content"] = {problems.MEDIA_TYPE: described}
        return super().openapi()


def create_app(settings: ConsoleSettings, credentials: Credentials | None = None) -> FastAPI:
    """Wire the console; `credentials` gives devices their accounts, None if nobody can."""
    metrics = Metrics()
    app = _Described(
        title="Shequ",
        summary="Alerts, incidents and devices of a smart community.",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,  # the built-in pages load their scripts from the internet
        redoc_url=None,
        lifespan=_lifespan,
        middleware=[Middleware(Shell, metrics=metrics)],
        routes=[*_api().routes],
    )
    app.state.settings, app.state.credentials, app.state.metrics = settings, credentials, metrics
    app.state.pictures = _pictures(settings)
    app.state.tries, app.state.family_tries = enrolment.guesses("label"), enrolment.guesses("family")
    app.state.vault = Vault.open(settings.personal_keys)
    app.state.identity_server, app.state.first_run = IdentityServer(settings), FirstRun()
    app.state.login_rate = SharedRate(
        kind="login", per_s=settings.login_per_minute / 60, burst=2 * settings.login_per_minute
    )
    app.state.request_rate = Rate(settings.requests_per_s, burst=10 * settings.requests_per_s)
    app.state.secrets = Secrets(folder=settings.secrets)  # the entry point adds those of the environment
    problems.install(app)
    app.mount("/", page.WebPage(settings.web_dir), name="page")
    return app


@cache
def _api() -> APIRouter:
    """All routes, ready to be matched; they hold nothing of one application, so several share them."""
    api = APIRouter(responses={"default": {"model": Problem, "description": "RFC 9457 problem details"}})
    for router in PUBLIC:
        api.include_router(router)
    for router in PROTECTED:
        api.include_router(router, dependencies=[Depends(authorise)])
    for route in api.routes:  # FastAPI makes them when it is first asked: seconds of an operator
        route.matches({"type": "http", "method": "GET", "path": "/", "headers": []})
    return api


def _pictures(settings: ConsoleSettings) -> PictureStore | None:
    if settings.snapshots is None:
        return None
    secret = settings.snapshots_secret
    bucket = Bucket(
        endpoint=settings.snapshots_endpoint,
        region=settings.snapshots_region,
        key=settings.snapshots_key,
        secret=secret.get_secret_value() if secret else None,
    )
    return open_store(settings.snapshots, bucket)


@cache
def openapi_json() -> str:
    """Describe the HTTP API; needs no database."""
    app = create_app(ConsoleSettings.model_validate({"database_url": ""}))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1) + "\n"


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the database and follow the feed while the application runs."""
    settings: ConsoleSettings = app.state.settings
    url = settings.database_url.get_secret_value()
    async with Database.open(url, size=settings.pool_size) as database, asyncio.TaskGroup() as tasks:
        hub = Hub(url, database, beat_s=settings.heartbeat_s)
        app.state.database, app.state.hub = database, hub
        app.state.gatekeeper = Gatekeeper(database, settings, app.state.vault)
        app.state.backtests = Turnstile()
        app.state.event_counts = Recent[int](COUNT_AGE_S)
        app.state.boards = Recent[bytes](settings.board_age_s)
        app.state.metrics.watch_readers(lambda: hub.readers)
        running = (
            tasks.create_task(hub.run(), name="live feed"),
            tasks.create_task(keep_seals(database), name="audit seals"),
            tasks.create_task(
                watch_platform(
                    database,
                    {
                        "duty": settings.duty_late_s,
                        "ingest": settings.ingest_late_s,
                        "watch": settings.watch_late_s,
                    },
                ),
                name="platform watch",
            ),
            tasks.create_task(confirm_canaries(hub, database, app.state.metrics), name="canaries"),
            tasks.create_task(app.state.first_run.look(database), name="first run"),
            tasks.create_task(keep_privacy(database, app.state.vault), name="privacy"),
            *_photo_tasks(tasks, database, settings),
            *_picture_tasks(tasks, database, app.state.pictures),
        )
        try:
            yield
        finally:
            for task in running:
                task.cancel()


def _picture_tasks(
    tasks: asyncio.TaskGroup, database: Database, store: PictureStore | None
) -> tuple[asyncio.Task[None], ...]:
    if store is None:
        return ()
    return (tasks.create_task(keep_pictures(database, store), name="pictures of cases"),)


def _photo_tasks(
    tasks: asyncio.TaskGroup, database: Database, settings: ConsoleSettings
) -> tuple[asyncio.Task[None], ...]:
    if settings.attachments is None:
        return ()
    return (tasks.create_task(keep_files(database, settings.attachments), name="photo files"),)
