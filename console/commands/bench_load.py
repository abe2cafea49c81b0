"""Load on the whole platform for a while: what each process takes, how late alarms are, what is left over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiomqtt
import psycopg

from benchmarks.load import write_packets
from benchmarks.messages import county, last_of, smoke_alarm, telemetry
from console.commands.bench_county import committed
from console.commands.feed_watch import FeedWatch, first_login
from console.commands.local import Local, free_port, open_local, running, throw_away
from console.commands.measured import line_of, start_python
from console.commands.scene import hears
from console.commands.stack import stack_settings
from devices.model import Device, Registry
from ingest.clock import system_clock
from ingest.store import sql
from ingest.store.registry import save_registry
from simulators.chaos.sample import taken
from simulators.stack import Part

Q: Final = sql.load("console.store", "commands.sql")
ESTATES: Final = 20
SENSOR_SHARE: Final = 7  # one device in seven is a smoke sensor
SLICE: Final = 5.0  # seconds of load per file of packets


@dataclass(frozen=True, kw_only=True)
class Rig:
    """A running platform with a registered county, and an operator who watches its feed."""

    local: Local
    registry: Registry
    pids: Mapping[str, int]
    watch: FeedWatch
    connection: psycopg.AsyncConnection[Any]


@dataclass(kw_only=True)
class Phase:
    """What was seen while a load was on."""

    samples: list[dict[str, Any]] = field(default_factory=list)
    sent: int = 0
    last: dict[str, str] = field(default_factory=dict)  # the event of the last message
    seconds: float = 0.0
    alarms: dict[str, float] = field(default_factory=dict)  # sensor: when it was published


@asynccontextmanager
async def open_rig(alarms: int) -> AsyncIterator[Rig]:
    """Set it up, with a sensor for every alarm that is to come."""
    async with AsyncExitStack() as stack:
        data = stack.enter_context(throw_away())
        local = await stack.enter_async_context(open_local(stack_settings(data=data, port=0), lambda _: None))
        registry = county(max(700, (alarms + 1) * SENSOR_SHARE), ESTATES, system_clock())
        connection = await psycopg.AsyncConnection.connect(local.stack.database_url, autocommit=True)
        await stack.enter_async_context(connection)
        await save_registry(connection, places=registry.places.values(), devices=registry.devices.values())
        port = free_port()
        login = await first_login(local.stack.database_url, "bench", "operator")
        ingest = await stack.enter_async_context(running(local.child("ingest")))
        serve = await stack.enter_async_context(
            running(local.child("serve", extra={"SHEQU_PORT": str(port)}))
        )
        await hears(local.stack.database_url)
        watch = await stack.enter_async_context(FeedWatch.open(f"http://127.0.0.1:{port}", login))
        services = local.stack.services
        pids = {
            "ingest": ingest.pid,
            "console": serve.pid,
            "broker": services[Part.BROKER].pid,
            "database": services[Part.DATABASE].pid,
        }
        yield Rig(local=local, registry=registry, pids=pids, watch=watch, connection=connection)


async def put_load(
    rig: Rig, prefix: str, rate: float, seconds: float, *, every: float, sensors: list[Device]
) -> Phase:
    """Offer `rate` messages a second for a while; an alarm and a sample `every` so many seconds."""
    phase = Phase()
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        loading = group.create_task(_offer(rig, prefix, rate, seconds, phase), name="bench.load")
        login, broker = rig.local.stack.gateway, rig.local.stack.broker
        async with aiomqtt.Client(
            broker.host, broker.port, username=login.username, password=login.password, identifier="alarms"
        ) as client:
            while not loading.done():
                if sensors:
                    sensor = sensors.pop()
                    phase.alarms[sensor.id] = time.monotonic()
                    topic = f"shequ/v1/{sensor.estate}/{sensor.id}/event"
                    await client.publish(topic, smoke_alarm(f"alarm-{prefix}", system_clock()), qos=1)
                phase.samples.append(await sample(rig, time.monotonic() - began))
                await asyncio.wait([loading], timeout=every)
    phase.seconds = time.monotonic() - began
    return phase


async def sample(rig: Rig, at: float) -> dict[str, Any]:
    """What each process takes now, and how far judgement is behind."""
    held = {name: (await asyncio.to_thread(taken, pid)).as_json() for name, pid in rig.pids.items()}
    row = await (await rig.connection.execute(Q["judged_to"])).fetchone()
    behind = (system_clock() - row[0]).total_seconds() if row else 0.0
    return {"at_s": round(at, 1), "behind_s": round(behind, 2), **held}


async def _offer(rig: Rig, prefix: str, rate: float, seconds: float, phase: Phase) -> None:
    """Publish slice by slice, so that the packets of a long run need not be on the disk at once."""
    login, broker = rig.local.stack.gateway, rig.local.stack.broker
    began, n = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        file = Path(rig.local.data / "packets")
        count = max(1, int(rate * min(SLICE, seconds)))
        messages = telemetry(rig.registry, f"{prefix}{n}-", count, system_clock())
        await asyncio.to_thread(write_packets, file, messages)
        words = (broker.host, str(broker.port), login.username, str(file), str(rate))
        await line_of(await start_python("benchmarks.load", *words, login=login))
        phase.sent += count
        phase.last = last_of(rig.registry, f"{prefix}{n}-", count)
        n += 1


async def drained(rig: Rig, phase: Phase, within: float) -> float | None:
    """Wait until all are stored; answers after how many seconds, None where they never were."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(within):
            await committed(rig.connection, phase.last, every=0.1)
    except TimeoutError:
        return None
    return time.monotonic() - began


def latencies(rig: Rig, phase: Phase) -> tuple[list[float], int]:
    """Milliseconds from an alarm's publication to the feed, and how many never reached it."""
    seen = rig.watch.seen
    took = [
        (seen["FIRE-001", name] - at) * 1000
        for name, at in phase.alarms.items()
        if ("FIRE-001", name) in seen
    ]
    return took, len(phase.alarms) - len(took)
