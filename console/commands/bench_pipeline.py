"""Durable end-to-end speed and alert latency, on a private stack.

Limit: a bare paho subscriber that only acknowledges. Product: `shequ ingest`, from the
first message to the commit of the last. Both are fed by the same load generator with the
same messages, in alternating runs, and share the machine with it, the broker and the
database.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec
import psycopg

from benchmarks.load import write_packets
from benchmarks.messages import county, smoke_alarm, telemetry
from console.commands.feed_watch import FeedWatch, first_login
from console.commands.local import Local, free_port, open_local, running, throw_away
from console.commands.measured import line_of, start_python
from console.commands.stack import stack_settings
from console.reconcile import percentiles
from devices.codec import decode
from devices.event import Event
from devices.model import Registry
from ingest.clock import system_clock
from ingest.store import sql
from ingest.store.registry import save_registry

Q = sql.load("console.store", "commands.sql")
DEVICES, ESTATES = 2000, 20
COPY_BATCH = 2000
ALARMS = 200
ALARM_EVERY = 0.1  # seconds
LOAD_SHARE = 0.5  # of the measured capacity, while latency is measured
DRAINED_WITHIN = 300.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A running stack with a registered county, and room for packet files."""

    local: Local
    registry: Registry
    room: Path


async def pipeline_speed(*, messages: int, runs: int) -> dict[str, Any]:
    """Measure `{limit_msgs_per_s, end_to_end_events_per_s, ratio, copy_rows_per_s, latency_ms}`."""
    with throw_away() as data:
        async with open_local(stack_settings(data=data, port=0), _say) as local:
            registry = county(DEVICES, ESTATES, system_clock())
            async with await psycopg.AsyncConnection.connect(local.stack.database_url) as connection:
                await save_registry(
                    connection, places=registry.places.values(), devices=registry.devices.values()
                )
            bench = Bench(local=local, registry=registry, room=local.stack.data)
            copied = await _copy_speed(bench, messages)
            limits, speeds = [], []
            for run in range(runs):
                limits.append(await _limit(bench, f"limit{run}-", messages))
                speeds.append(await _product(bench, f"run{run}-", messages))
                _say(f"run {run + 1}: bare {limits[-1]:,.0f}/s, end to end {speeds[-1]:,.0f}/s")
            limit, speed = statistics.median(limits), statistics.median(speeds)
            latencies = await _latency(bench, speed * LOAD_SHARE)
    return {
        "limit_msgs_per_s": round(limit),
        "end_to_end_events_per_s": round(speed),
        "ratio": round(speed / limit, 3),
        "copy_rows_per_s": round(copied),
        "latency_ms": percentiles(latencies, {"p50": 0.5, "p99": 0.99, "p999": 0.999}),
        "latency_samples": len(latencies),
        "latency_load_events_per_s": round(speed * LOAD_SHARE),
        "messages": messages,
        "runs": runs,
    }


async def _limit(bench: Bench, prefix: str, messages: int) -> float:
    """Messages per second of the bare subscriber."""
    login = bench.local.stack.ingest
    words = ("benchmarks.bare", *_where(bench), login.username, str(messages))
    process = await start_python(*words, login=login)
    await line_of(process)  # ready
    await _load(bench, prefix, messages, 0)
    return messages / float(json.loads(await line_of(process))["seconds"])


async def _product(bench: Bench, prefix: str, messages: int) -> float:
    """Events per second from the first one's arrival to the last one's commit."""
    async with running(bench.local.child("ingest")):
        url = bench.local.stack.database_url
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await _hears(connection)
            await _load(bench, prefix, messages, 0)
            ended = await _drained(connection, prefix, messages)
            row = await (await connection.execute(Q["first_received"], {"prefix": f"{prefix}%"})).fetchone()
    if row is None:
        raise RuntimeError("nothing was stored")
    return messages / (ended - float(row[0]))


async def _hears(connection: psycopg.AsyncConnection[Any]) -> None:
    """Wait until ingest judges the present: its own marker has come round."""
    asked = system_clock()
    async with asyncio.timeout(DRAINED_WITHIN):
        while True:
            row = await (await connection.execute(Q["judged_to"])).fetchone()
            if row is not None and row[0] > asked:
                return
            await asyncio.sleep(0.1)


async def _drained(connection: psycopg.AsyncConnection[Any], prefix: str, messages: int) -> float:
    """Wait until all are stored; answers when, in epoch seconds."""
    async with asyncio.timeout(DRAINED_WITHIN):
        while True:
            row = await (await connection.execute(Q["stored"], {"prefix": f"{prefix}%"})).fetchone()
            if row is not None and row[0] >= messages:
                return system_clock().timestamp()
            await asyncio.sleep(0.05)


async def _load(bench: Bench, prefix: str, messages: int, rate: float) -> None:
    """Publish telemetry from a process of its own, to the end."""
    file = bench.room / "packets"
    if not await asyncio.to_thread(_make_packets, file, bench.registry, prefix, messages):
        raise RuntimeError("no packets")
    login = bench.local.stack.gateway
    process = await start_python(
        "benchmarks.load", *_where(bench), login.username, str(file), str(rate), login=login
    )
    await line_of(process)


def _make_packets(file: Path, registry: Registry, prefix: str, messages: int) -> int:
    return write_packets(file, telemetry(registry, prefix, messages, system_clock()))


async def _copy_speed(bench: Bench, messages: int) -> float:
    """Rows per second of bare COPY of the same rows into the same kind of table."""
    now = system_clock()
    events = [
        decode(topic, payload, received_at=now, registry=bench.registry)
        for topic, payload in telemetry(bench.registry, "copy-", messages, now)
    ]
    rows = [_row(event) for event in events]
    async with await psycopg.AsyncConnection.connect(bench.local.stack.database_url) as connection:
        for query in ("bare_table", "bare_hypertable", "bare_once", "bare_device"):
            await connection.execute(Q[query])
        await connection.commit()
        began = time.perf_counter()
        for at in range(0, len(rows), COPY_BATCH):
            async with connection.cursor() as cursor, cursor.copy(Q["bare_copy"]) as copy:
                for row in rows[at : at + COPY_BATCH]:
                    await copy.write_row(row)
            await connection.commit()
        return len(rows) / (time.perf_counter() - began)


def _row(event: Event) -> tuple[object, ...]:
    data = msgspec.json.encode(event.reading).decode()
    return (event.device, event.id, event.at, event.estate, event.type, data, [], event.received_at)


async def _latency(bench: Bench, load: float) -> list[float]:
    """Milliseconds from publishing a smoke alarm to its row on the live feed, under load."""
    local = bench.local
    port = free_port()
    login = await first_login(local.stack.database_url, "bench", "operator")
    sensors = [d for d in bench.registry.devices.values() if d.profile == "smoke_sensor"][:ALARMS]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(local.child("ingest")))
        await stack.enter_async_context(running(local.child("serve", extra={"SHEQU_PORT": str(port)})))
        watch = await stack.enter_async_context(FeedWatch.open(f"http://127.0.0.1:{port}", login))
        gateway = await stack.enter_async_context(_client(local))
        seconds = len(sensors) * ALARM_EVERY
        sent: dict[str, float] = {}
        async with asyncio.TaskGroup() as group:
            follower = group.create_task(watch.follow(), name="bench.feed")
            loader = group.create_task(_load(bench, "latency-", int(load * seconds), load), name="bench.load")
            await asyncio.sleep(2)  # the load has begun
            for n, sensor in enumerate(sensors):
                sent[sensor.id] = time.monotonic()
                topic = f"shequ/v1/{sensor.estate}/{sensor.id}/event"
                await gateway.publish(topic, smoke_alarm(f"alarm-{n}", system_clock()), qos=1)
                await asyncio.sleep(ALARM_EVERY)
            await loader
            await asyncio.sleep(2)
            follower.cancel()
    missing = [name for name in sent if ("FIRE-001", name) not in watch.seen]
    if missing:
        raise RuntimeError(f"{len(missing)} alarms never reached the feed")
    return [(watch.seen["FIRE-001", name] - at) * 1000 for name, at in sent.items()]


def _client(local: Local) -> aiomqtt.Client:
    broker, login = local.stack.broker, local.stack.gateway
    return aiomqtt.Client(broker.host, broker.port, username=login.username, password=login.password)


def _where(bench: Bench) -> tuple[str, str]:
    broker = bench.local.stack.broker
    return broker.host, str(broker.port)


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")
