"""Canaries go the whole way and leave no trace; where they stop, the watch rings by a way of its own."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.commands.local import broker_url
from console.duty.__main__ import run as run_duty
from console.settings import DutySettings, WatchSettings
from console.watch.__main__ import run as run_watch
from ingest.settings import IngestSettings
from simulators.receivers.serving import serving
from simulators.stack import Stack
from tests.chaos.test_duty_killed import counted, until
from tests.chaos.test_ingest_silent import heard
from tests.chaos.test_outages import running
from tests.integration.api_desk import Desk, open_desk
from tests.integration.post_office import Post, open_receivers
from tests.parts import as_part

EVERY_S, LATE_S = 2.5, 2.0
NO_TRACE: Final = {
    "alerts": "SELECT FROM alerts",
    "events": "SELECT FROM events WHERE type = 'sos'",
    "log": "SELECT FROM alert_log",
    "occurrences": "SELECT FROM alert_occurrences",
    "timers": "SELECT FROM timers WHERE kind NOT IN ('rule', 'canary')",
    "memory": "SELECT FROM engine_memory WHERE rule LIKE 'SOS%'",
    "people": "SELECT FROM outbox WHERE channel <> 'canary' OR person IS NOT NULL",
}


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run a part of the platform while the block runs."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work, name="part")
        try:
            yield
        finally:
            task.cancel()


@asynccontextmanager
async def outside(beats: list[str]) -> AsyncIterator[str]:
    """Somebody outside who expects to hear that all is well; answers the address."""

    async def take(request: Request) -> Response:
        beats.append(request.method)
        return Response()

    async with serving(Starlette(routes=[Route("/beat", take, methods=["POST"])])) as port:
        yield f"http://127.0.0.1:{port}/beat"


def watching(stack: Stack, database: str, post: Post, beat: str) -> WatchSettings:
    """The watch in a hurry, with a webhook of its own."""
    hook = {"url": f"{post.web}/alarm", "sign_secret": "sign"}
    return WatchSettings.model_validate(
        {
            "database_url": as_part(database, "watch"),
            "broker_url": broker_url(stack.broker, stack.ingest),
            "canary_every_s": EVERY_S,
            "canary_late_s": LATE_S,
            "watch_every_s": 0.1,
            "duty_late_s": 600,
            "ingest_late_s": 600,
            "watch_alarm": {"channel": "webhook", "driver": "http", "settings": hook},
            "watch_heartbeat_url": beat,
            "watch_heartbeat_s": 0.1,
            "secrets": str(post.folder),
            "deliver_private": "127.0.0.0/8",
        }
    )


async def test_canaries_go_the_whole_way_and_where_they_stop_the_watch_rings(
    stack: Stack, database: str, tmp_path: Path
) -> None:
    ingest = IngestSettings.model_validate(
        {
            "database_url": as_part(database, "ingest"),
            "broker_url": broker_url(stack.broker, stack.ingest),
            "client_id": f"ingest-{secrets.token_hex(4)}",
        }
    )
    duty = DutySettings.model_validate({"database_url": as_part(database, "duty"), "duty_poll_s": 0.05})
    beats: list[str] = []
    async with (
        open_desk(database) as desk,
        open_receivers(database, tmp_path) as post,
        outside(beats) as beat,
    ):
        watch = watching(stack, database, post, beat)
        async with AsyncExitStack() as parts, beside(run_duty(duty)), post.delivering():
            async with running(ingest):
                await until(lambda: heard(desk))
                await until(lambda: counted(desk))
                await parts.enter_async_context(beside(run_watch(watch)))
                await until(lambda: all_well(desk))
                page = (await desk.get("/api/selfcheck")).json()
                assert [c["estate"] for c in page["canaries"]] == ["EST1", "EST2"]
                assert page["watch"]["ok"]
                assert page["watch"]["channel"] == "webhook"
                assert {i["name"]: i["count"] for i in page["invariants"]}["letters_late"] == 0
                for query in NO_TRACE.values():
                    assert await desk.rows(query) == []
                assert (await desk.get("/api/kpi")).json()["alerts_today"] == 0
                assert (await desk.get("/api/deliver/letters", "boss")).json()["items"] == []
                assert await measured(desk) >= 2
                assert beats
            # ingest is gone
            await until(lambda: stopped(desk))
            so_far, looked = len(beats), (await desk.get("/api/selfcheck")).json()["watch"]["at"]
            assert any("未被接收程序判定" in text for text in post.ledger.texts("alarm"))
            assert [c["estate"] for c in (await desk.get("/api/selfcheck", "zhao")).json()["canaries"]] == [
                "EST2"
            ]
            await until(lambda: looked_since(desk, looked))
            assert len(beats) == so_far  # silence is what rings outside
            async with running(ingest):
                await until(lambda: all_well(desk))
                await until(lambda: rung(post, "平台自检恢复"))


async def looked_since(desk: Desk, before: str) -> bool:
    return bool((await desk.get("/api/selfcheck")).json()["watch"]["at"] > before)


async def all_well(desk: Desk) -> bool:
    rows = (await desk.get("/api/selfcheck")).json()["canaries"]
    return bool(rows) and all(row["shown_s"] and row["told_s"] for row in rows)


async def stopped(desk: Desk) -> bool:
    """The page says of every canary that ingest has it not, and that somebody was told."""
    rows = (await desk.get("/api/selfcheck")).json()["canaries"]
    return {(row["stops_at"], row["told_at"] is None) for row in rows} == {("ingest", False)}


async def measured(desk: Desk) -> float:
    """How many canaries `/metrics` has timed."""
    text = (await desk.client.get("/metrics")).text
    return next(
        float(line.split()[1]) for line in text.splitlines() if line.startswith("shequ_canary_seconds_count")
    )


async def rung(post: Post, lead: str) -> bool:
    """The newest alarm begins so."""
    return post.ledger.texts("alarm")[-1].startswith(lead)
