"""Durable end-to-end speed and alert latency, on a private stack.

Limit: a bare paho subscriber that only acknowledges. Product: `shequ ingest`, from the
first message to the commit of the last. In alternating runs.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any, Final

import aiomqtt
import msgspec
import psycopg

from benchmarks.messages import smoke_alarm, telemetry
from console.commands.bench_county import (
    Bench,
    hears,
    limit,
    middle,
    open_bench,
    packed,
    product,
    say,
    send,
)
from console.commands.feed_watch import FeedWatch, first_login
from console.commands.local import free_port, running
from console.reconcile import percentiles
from devices.codec import decode
from devices.event import Event
from devices.model import Device
from ingest.clock import system_clock
from ingest.store import sql

Q = sql.load("console.store", "commands.sql")
COPY_BATCH = 2000
ALARMS = 100  # per share of the capacity
ALARM_EVERY = 0.1  # seconds
SHARES: Final = (0.1, 0.5, 0.8)  # of the measured capacity, while latency is measured


async def pipeline_speed(*, messages: int, runs: int) -> dict[str, Any]:
    """Measure `{limit_msgs_per_s, end_to_end_events_per_s, ratio, cpu_us, copy_rows_per_s, latency_ms}`."""
    async with open_bench() as bench:
        copied = await _copy_speed(bench, messages)
        limits, speeds = [], []
        for run in range(runs):
            limits.append(await limit(bench, f"limit{run}-", messages))
            speeds.append(await product(bench, f"run{run}-", messages))
            say(f"run {run + 1}: bare {limits[-1].per_s:,.0f}/s, end to end {speeds[-1].per_s:,.0f}/s")
        bare, ours = middle(limits), middle(speeds)
        latencies = await _latencies(bench, ours.per_s)
    return {
        "limit_msgs_per_s": round(bare.per_s),
        "end_to_end_events_per_s": round(ours.per_s),
        "ratio": round(ours.per_s / bare.per_s, 3),
        "cpu_us_per_message": {"bare": round(bare.cpu_us, 1), "ingest": round(ours.cpu_us, 1)},
        "copy_rows_per_s": round(copied),
        "ratio_to_copy": round(ours.per_s / copied, 3),
        "latency_ms": latencies,
        "latency_samples": ALARMS,
        "messages": messages,
        "runs": runs,
    }


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


async def _latencies(bench: Bench, capacity: float) -> dict[str, dict[str, float | None]]:
    """Milliseconds from publishing a smoke alarm to its row on the live feed, by share of the capacity."""
    local = bench.local
    port = free_port()
    login = await first_login(local.stack.database_url, "bench", "operator")
    sensors = [d for d in bench.registry.devices.values() if d.profile == "smoke_sensor"]
    answer: dict[str, dict[str, float | None]] = {}
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(local.child("ingest")))
        url = local.stack.database_url
        await hears(
            await stack.enter_async_context(await psycopg.AsyncConnection.connect(url, autocommit=True))
        )
        await stack.enter_async_context(running(local.child("serve", extra={"SHEQU_PORT": str(port)})))
        watch = await stack.enter_async_context(FeedWatch.open(f"http://127.0.0.1:{port}", login))
        for share in SHARES:
            ringing, sensors = sensors[:ALARMS], sensors[ALARMS:]
            took = await _latency(bench, watch, ringing, capacity * share)
            marks = percentiles(took, {"p50": 0.5, "p99": 0.99, "p999": 0.999})
            answer[f"{share:.0%} of capacity"] = {"load_per_s": round(capacity * share), **marks}
    return answer


async def _latency(bench: Bench, watch: FeedWatch, sensors: list[Device], load: float) -> list[float]:
    broker, login = bench.local.stack.broker, bench.local.stack.gateway
    seconds = len(sensors) * ALARM_EVERY + 2
    sent: dict[str, float] = {}
    async with AsyncExitStack() as stack:
        client = aiomqtt.Client(broker.host, broker.port, username=login.username, password=login.password)
        gateway = await stack.enter_async_context(client)
        packets = await packed(bench, f"latency{load:.0f}-", int(load * seconds))  # before anything is timed
        group = await stack.enter_async_context(asyncio.TaskGroup())
        follower = group.create_task(watch.follow(), name="bench.feed")
        loader = group.create_task(send(bench, packets, load), name="bench.load")
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
