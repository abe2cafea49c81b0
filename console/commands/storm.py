"""`shequ drill --storm`: one power cut, ten thousand messages in a minute, and a call for help in the middle.

What counts is the operator's list: how many things stand on it at the worst, and how long after its
message the call for help is on the live feed of a real console.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import aiomqtt
import httpx
import msgspec
import psycopg

from console.commands.feed_watch import FeedWatch
from console.commands.local import Local, open_local, running, throw_away
from console.commands.scene import hears, watching
from console.commands.stack import stack_settings
from ingest.clock import system_clock
from ingest.store import sql
from ingest.store.registry import save_registry
from simulators.storm import Storm, storm
from simulators.timeline import Sending

log = logging.getLogger(__name__)

Q: Final = sql.load("console.store", "commands.sql")
MOST_THINGS: Final = 5
HELP_WITHIN: Final = 1.0  # seconds
SETTLE: Final = 60.0
LOOK_EVERY: Final = 2.0


async def storm_drill(seed: int, events: int = 10_000, seconds: float = 60.0) -> dict[str, Any]:
    """Play the storm on a private stack and answer its report."""
    plan = storm(
        "storm",
        system_clock() + timedelta(seconds=5),
        seed=seed,
        events=events,
        lasts=timedelta(seconds=seconds),
    )
    with throw_away() as data:
        async with (
            open_local(stack_settings(data=data, port=0), log.info) as local,
            AsyncExitStack() as stack,
        ):
            async with await psycopg.AsyncConnection.connect(local.stack.database_url) as connection:
                await save_registry(connection, places=plan.places, devices=plan.devices)
            await stack.enter_async_context(running(local.child("ingest")))
            await hears(local.stack.database_url)
            watch = await stack.enter_async_context(watching(local, stack))
            return await _play(local, plan, watch)


async def _play(local: Local, plan: Storm, watch: FeedWatch) -> dict[str, Any]:
    worst: list[int] = []
    async with asyncio.TaskGroup() as group:
        follower = group.create_task(watch.follow(), name="storm.feed")
        looker = group.create_task(_look(watch.client, worst), name="storm.list")
        began = time.monotonic()
        pressed = await _tell(local, plan)
        told = time.monotonic() - began
        stored = await _settle(local.stack.database_url, len(plan.timeline))
        looker.cancel()
        follower.cancel()
    things = await _things(watch.client)
    seen = watch.seen.get(("SOS-001", plan.help.device))
    after = None if seen is None else round(seen - pressed, 3)
    async with await psycopg.AsyncConnection.connect(local.stack.database_url) as connection:
        held = await (await connection.execute(Q["held_back"])).fetchall()
    passed = stored == len(plan.timeline) and max([*worst, len(things)]) <= MOST_THINGS
    return {
        "events": len(plan.timeline),
        "seconds": round(told, 1),
        "stored": stored,
        "things_at_most": max([*worst, len(things)]),
        "things": [{"codes": t["codes"], "severity": t["severity"], "alerts": t["alerts"]} for t in things],
        "held_back": dict(held),
        "help_shown_after_s": after,
        "passed": passed and after is not None and after <= HELP_WITHIN,
    }


async def _tell(local: Local, plan: Storm) -> float:
    """Publish in real time; answers when help was called."""
    address, login = local.stack.broker, local.stack.gateway
    start, pressed = plan.timeline[0].when, 0.0
    shift = system_clock() - start
    began = time.monotonic()
    async with aiomqtt.Client(
        address.host,
        address.port,
        username=login.username,
        password=login.password,
        identifier="storm-gateway",
        protocol=aiomqtt.ProtocolVersion.V5,
    ) as client:
        for sending in plan.timeline:
            ahead = (sending.when - start).total_seconds() - (time.monotonic() - began)
            if ahead > 0.01:  # noqa: PLR2004 - shorter sleeps are longer than they say
                await asyncio.sleep(ahead)
            topic, payload = _now(sending, shift).wire()
            if sending is plan.help:
                pressed = time.monotonic()
            await client.publish(topic, payload, qos=1)
    return pressed


def _now(sending: Sending, shift: timedelta) -> Sending:
    """The same message, told now."""
    if sending.message is None:
        return sending
    moved = sending.when + shift
    return replace(sending, when=moved, message=msgspec.structs.replace(sending.message, at=moved))


async def _look(client: httpx.AsyncClient, worst: list[int]) -> None:
    """Look at the operator's list again and again."""
    while True:
        worst.append(len(await _things(client)))
        await asyncio.sleep(LOOK_EVERY)


async def _things(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get("/api/alerts/groups", params={"limit": 200})
    answer.raise_for_status()
    found: list[dict[str, Any]] = json.loads(answer.content)["items"]
    return found


async def _settle(url: str, count: int) -> int:
    """Wait until everything is stored; answers how much is."""
    deadline, stored = time.monotonic() + SETTLE, 0
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while stored < count and time.monotonic() < deadline:
            row = await (await connection.execute(Q["stored"], {"prefix": "%"})).fetchone()
            stored = int(row[0]) if row else 0
            await asyncio.sleep(0.1)
    return stored
