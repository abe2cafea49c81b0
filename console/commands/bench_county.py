"""A county on a private stack, and who takes its messages from the broker: a bare subscriber, or the product.

Each is fed by the same load generator with the same messages, and shares the machine with it, the broker
and the database. Beside the speed stands the processor time per message of the process that takes them:
it says much the same on a machine that has other work.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

import aiomqtt
import psycopg

from benchmarks.load import write_packets
from benchmarks.messages import county, last_of, telemetry
from console.commands.local import Local, open_local, running, throw_away
from console.commands.measured import line_of, start_python
from console.commands.stack import stack_settings
from devices.model import Registry
from ingest.clock import system_clock
from ingest.settings import IngestSettings
from ingest.store import sql
from ingest.store.registry import save_registry
from simulators.chaos.sample import processor_seconds

Q = sql.load("console.store", "commands.sql")
DEVICES, ESTATES = 2100, 20
DRAINED_WITHIN: Final = 300.0  # seconds
INGEST_ID: Final = str(IngestSettings.model_fields["client_id"].default)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A running stack with a registered county, and room for packet files."""

    local: Local
    registry: Registry
    room: Path

    @property
    def where(self) -> tuple[str, str]:
        """The broker's host and port, as words of a command."""
        broker = self.local.stack.broker
        return broker.host, str(broker.port)


@dataclass(frozen=True, kw_only=True)
class Speed:
    """What one run showed."""

    per_s: float
    cpu_us: float  # of the taking process, per message

    def as_json(self) -> dict[str, float]:
        """The same, for a report."""
        return {name: round(value, 1) for name, value in asdict(self).items()}


def middle(speeds: list[Speed]) -> Speed:
    """The median of each figure."""
    return Speed(per_s=median(s.per_s for s in speeds), cpu_us=median(s.cpu_us for s in speeds))


@asynccontextmanager
async def open_bench(devices: int = DEVICES, estates: int = ESTATES) -> AsyncIterator[Bench]:
    """Set it up while the block runs."""
    with throw_away() as data:
        async with open_local(stack_settings(data=data, port=0), say) as local:
            bench = Bench(local=local, registry=Registry(), room=local.stack.data)
            yield await settle(bench, devices, estates)


async def settle(bench: Bench, devices: int, estates: int) -> Bench:
    """Register so many devices over so many estates, beside those that are there."""
    registry = county(devices, estates, system_clock())
    async with await psycopg.AsyncConnection.connect(bench.local.stack.database_url) as connection:
        await save_registry(connection, places=registry.places.values(), devices=registry.devices.values())
    return replace(bench, registry=registry)


async def limit(bench: Bench, prefix: str, messages: int) -> Speed:
    """The bare subscriber, which does nothing but acknowledge."""
    login = bench.local.stack.ingest
    words = ("benchmarks.bare", *bench.where, login.username, str(messages))
    process = await start_python(*words, login=login)
    await line_of(process)  # ready
    await put(bench, prefix, messages)
    answer = json.loads(await line_of(process))
    return Speed(per_s=messages / answer["seconds"], cpu_us=answer["cpu_seconds"] / messages * 1e6)


async def product(bench: Bench, prefix: str, messages: int) -> Speed:
    """`shequ ingest`, from the first message's arrival to the last one's commit."""
    try:
        async with AsyncExitStack() as stack:
            ingest = await stack.enter_async_context(running(bench.local.child("ingest")))
            url = bench.local.stack.database_url
            connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
            await stack.enter_async_context(connection)
            await hears(connection)
            before = processor_seconds(ingest.pid)
            await put(bench, prefix, messages)
            async with asyncio.timeout(DRAINED_WITHIN):
                await committed(connection, last_of(bench.registry, prefix, messages), every=0.02)
            ended = system_clock().timestamp()
            spent = processor_seconds(ingest.pid) - before
            found = await (await connection.execute(Q["stored"], {"prefix": f"{prefix}%"})).fetchone()
            row = await (await connection.execute(Q["first_received"], {"prefix": f"{prefix}%"})).fetchone()
    finally:
        await _forget_session(bench)
    if row is None or found != (messages,):
        raise RuntimeError(f"of {messages} messages {found} were stored")
    return Speed(per_s=messages / (ended - float(row[0])), cpu_us=spent / messages * 1e6)


async def put(bench: Bench, prefix: str, messages: int, rate: float = 0) -> None:
    """Publish telemetry from a process of its own, to the end; rate 0 is as fast as it is taken."""
    await send(bench, await packed(bench, prefix, messages), rate)


async def packed(bench: Bench, prefix: str, messages: int) -> Path:
    """Write the packets of so much telemetry, which costs as much processor as sending them does not."""
    file = bench.room / "packets"
    now = system_clock()
    count = await asyncio.to_thread(
        lambda: write_packets(file, telemetry(bench.registry, prefix, messages, now))
    )
    if not count:
        raise RuntimeError("no packets")
    return file


async def send(bench: Bench, file: Path, rate: float) -> None:
    """Publish a file of packets from a process of its own, to the end."""
    login = bench.local.stack.gateway
    words = ("benchmarks.load", *bench.where, login.username, str(file), str(rate))
    await line_of(await start_python(*words, login=login))


async def hears(connection: psycopg.AsyncConnection[Any]) -> None:
    """Wait until ingest judges the present: its own marker has come round."""
    asked = system_clock()
    async with asyncio.timeout(DRAINED_WITHIN):
        while True:
            row = await (await connection.execute(Q["judged_to"])).fetchone()
            if row is not None and row[0] > asked:
                return
            await asyncio.sleep(0.1)


async def committed(connection: psycopg.AsyncConnection[Any], event: Mapping[str, str], every: float) -> None:
    """Wait until an event is stored, looking every so many seconds; those before it then are too.

    Counting them all would take more of the processor than what is measured.
    """
    while True:
        if await (await connection.execute(Q["stored_one"], event)).fetchone():
            return
        await asyncio.sleep(every)


async def _forget_session(bench: Bench) -> None:
    """End ingest's session with the broker, which else keeps for it what the next run sends to others."""
    broker, login = bench.local.stack.broker, bench.local.stack.ingest
    options: Mapping[str, Any] = {"identifier": INGEST_ID, "clean_start": True}
    async with aiomqtt.Client(
        broker.host,
        broker.port,
        username=login.username,
        password=login.password,
        protocol=aiomqtt.ProtocolVersion.V5,
        **options,
    ):
        pass


def say(text: str) -> None:
    """Tell on the error stream how far it is."""
    sys.stderr.write(f"bench: {text}\n")
