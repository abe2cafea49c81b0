"""`shequ drill`: play a scenario whose truth is known against the whole platform, and reconcile."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import psycopg
import typer

from console.commands.drill_cameras import drill_cameras
from console.commands.feed_watch import FeedWatch
from console.commands.local import Local, broker_url, open_local, running, throw_away
from console.commands.scene import hears, watching
from console.commands.shift import run_shift
from console.commands.stack import stack_settings
from console.commands.storm import storm_drill
from console.reconcile import Report, compare
from console.shift_report import ShiftReport
from devices.errors import SettingError
from ingest.broker_admin import BrokerAdmin
from ingest.clock import system_clock
from ingest.logs import set_up_logs
from ingest.settings import BrokerUrl
from ingest.store import sql
from ingest.store.registry import save_registry
from ingest.streams.__main__ import Publisher
from ingest.streams.client import follow_all
from ingest.streams.source import KINDS, Stream
from simulators.dialects import numbered, parse_dialects
from simulators.drill import DrillPlan, plan_drill, play_drill, prepare_broker
from simulators.faults import parse_faults
from simulators.link import Broker
from simulators.stack.process import Server
from simulators.streams import StreamHouse
from simulators.timeline import Ledger

log = logging.getLogger(__name__)

Q = sql.load("console.store", "commands.sql")
SETTLE = 60.0  # seconds the platform has to catch up once everything is published
KILLS = (0.35, 0.65)  # at these shares of the drill, ingest is killed
CHAOS = ("ingest",)
WRONG_CLOCK = "DEV-009"


def drill(
    *,
    seed: Annotated[int, typer.Option(help="same seed, same community and same scenario")] = 7,
    estates: Annotated[int, typer.Option(min=1, help="how many estates")] = 3,
    duration: Annotated[float, typer.Option(min=5, help="seconds to play about 30 virtual hours in")] = 30,
    rate: Annotated[float, typer.Option(min=0, help="further telemetry, events per second")] = 0,
    faults: Annotated[str, typer.Option(help="all, none, or a list such as drop,duplicate,reorder")] = "all",
    chaos: Annotated[str, typer.Option(help="what is killed on the way: ingest, or nothing")] = "",
    dialects: Annotated[
        str, typer.Option(help="foreign dialects that most devices speak: all, none, or a list")
    ] = "none",
    storm: Annotated[
        bool, typer.Option(help="instead: one power cut, 10 000 messages a minute, one SOS")
    ] = False,
    cameras: Annotated[
        int, typer.Option(min=0, max=16, help="instead: so many rendered cameras, stream to picture")
    ] = 0,
    shift: Annotated[
        int, typer.Option(min=0, help="play a shift of so many cases with simulated people instead")
    ] = 0,
    speed: Annotated[float, typer.Option(min=1, help="how many times faster a shift's promises run")] = 60,
    report: Annotated[str, typer.Option(help="file for the JSON report; - prints it")] = "-",
) -> None:
    """Play a scenario on a private stack and reconcile; exit 0 only if nothing was missed or doubled."""
    set_up_logs("WARNING")
    if cameras:
        seen = asyncio.run(drill_cameras(cameras, seed))
        _write(seen, report)
        raise typer.Exit(0 if seen["passed"] else 1)
    if storm:
        told = asyncio.run(storm_drill(seed))
        _write(told, report)
        raise typer.Exit(0 if told["passed"] else 1)
    if shift:
        _finish(asyncio.run(run_shift(seed, shift, speed)), report)
    victims = tuple(word for word in chaos.split(",") if word)
    if set(victims) - set(CHAOS):
        raise SettingError("--chaos", f"{chaos!r}: choose from {', '.join(CHAOS)}")
    plan = plan_drill(
        seed, estates, duration, parse_faults(faults), system_clock(), dialects=parse_dialects(dialects)
    )
    kill = duration if "ingest" in victims else None
    result = asyncio.run(_drill(plan, rate=rate, kill_over=kill))
    _finish(result, report)


def _finish(result: Report | ShiftReport, report: str) -> NoReturn:
    """Print the table, write the JSON, and end with what it came to."""
    _print(result)
    _write(result.as_json(), report)
    raise typer.Exit(0 if result.passed else 1)


def _write(result: Mapping[str, Any], report: str) -> None:
    text = json.dumps(result, ensure_ascii=False, indent=2)
    if report == "-":
        typer.echo(text)
    else:
        Path(report).write_text(text + "\n", encoding="utf-8")


async def _drill(plan: DrillPlan, *, rate: float, kill_over: float | None) -> Report:
    """Set up, play, let the platform finish, reconcile."""
    async with AsyncExitStack() as stack:
        local, ingest, credentials = await stack.enter_async_context(_platform(plan))
        watch = await stack.enter_async_context(watching(local, stack))
        streams = await stack.enter_async_context(_streams(plan, local, credentials))
        async with asyncio.TaskGroup() as group:
            follower = group.create_task(watch.follow(), name="drill.feed")
            killer = group.create_task(_kill(ingest, kill_over), name="drill.chaos")
            began = time.perf_counter()
            ledger = await play_drill(
                plan,
                local.stack.broker.host,
                local.stack.broker.port,
                credentials,
                _login(local),
                rate=rate,
                streams=streams,
            )
            killer.cancel()
            await _settle(local.stack.database_url, plan)
            seconds = time.perf_counter() - began
            await asyncio.sleep(0.5)  # the feed's last messages are on their way
            follower.cancel()
        return await _reconcile(local.stack.database_url, ledger, watch, seconds)


@asynccontextmanager
async def _platform(plan: DrillPlan) -> AsyncIterator[tuple[Local, Server, dict[str, str]]]:
    """A private stack with the plan's community, ingest in virtual time."""
    with throw_away() as data:
        async with open_local(stack_settings(data=data, port=0), log.info) as local:
            community = plan.community
            async with await psycopg.AsyncConnection.connect(local.stack.database_url) as connection:
                await save_registry(
                    connection, places=community.places, devices=community.devices, cared=community.cared
                )
            async with BrokerAdmin.connect(local.stack.broker, local.stack.admin) as admin:
                credentials = await admin.add_devices((d.estate, d.id) for d in community.devices)
            await prepare_broker(plan, _broker(local, credentials))
            extra = {"SHEQU_CLOCK": "marker", "SHEQU_LATENESS_S": "0"}
            async with running(local.child("ingest", extra=extra)) as ingest:
                await hears(local.stack.database_url)
                yield local, ingest, credentials


@asynccontextmanager
async def _streams(
    plan: DrillPlan, local: Local, credentials: Mapping[str, str]
) -> AsyncIterator[StreamHouse | None]:
    """The devices that speak over HTTP, and the client that follows them, where there are any."""
    speakers = [d for d in plan.community.devices if d.dialect in KINDS]
    if not speakers:
        yield None
        return
    url = BrokerUrl(broker_url(local.stack.broker, local.stack.ingest))
    async with StreamHouse(_broker(local, credentials)) as house, Publisher.open(url) as publish:
        sources = [
            Stream(dialect=d.dialect or "", name=d.id, url=house.address(d.dialect or "", d.id))
            for d in speakers
        ]
        client = asyncio.create_task(follow_all(sources, publish), name="drill.streams")
        try:
            yield house
        finally:
            client.cancel()
            await asyncio.gather(client, return_exceptions=True)


def _broker(local: Local, credentials: Mapping[str, str]) -> Broker:
    address = local.stack.broker
    return Broker(host=address.host, port=address.port, credentials=credentials, gateway=_login(local))


def _login(local: Local) -> tuple[str, str]:
    return local.stack.gateway.username, local.stack.gateway.password


async def _kill(server: Server, duration: float | None) -> None:
    """Kill a process at fixed shares of the drill; its keeper starts it again."""
    if duration is None:
        return
    last = 0.0
    for share in KILLS:
        await asyncio.sleep(duration * share - last)
        last = duration * share
        await server.kill()


async def _settle(url: str, plan: DrillPlan) -> None:
    """Wait until ingest has judged everything up to the plan's end."""
    deadline = time.monotonic() + SETTLE
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = await (await connection.execute(Q["judged_to"])).fetchone()
            if row is not None and row[0] >= plan.end:
                return
            await asyncio.sleep(0.1)
    log.error("ingest did not come to the end within %s s", SETTLE, extra={"action": "drill_timeout"})


async def _reconcile(url: str, ledger: Ledger, watch: FeedWatch, seconds: float) -> Report:
    """Compare the ledger with the database and with what the operator saw."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        events = await (await connection.execute(Q["events"])).fetchall()
        alerts = await (await connection.execute(Q["alerts"])).fetchall()
        quarantined = await _count(connection, Q["quarantined"])
        # the faults decide whose clock is wrong how often; what is stored says it
        clocks = await (await connection.execute(Q["wrong_clocks"])).fetchall()
    stored = set(numbered(events))
    expected = [(e.code, e.subject, int(e.severity)) for e in ledger.expected_alerts]
    expected += [(WRONG_CLOCK, device, 4) for (device,) in clocks]
    missed, spurious, duplicates = compare(expected, alerts)
    return Report(
        published=ledger.published,
        stored=len(stored),
        unstored=tuple("/".join(key) for key in ledger.keys if key not in stored),
        quarantined=quarantined,
        expected_quarantine=ledger.expected_quarantine,
        expected_alerts=len(expected),
        raised=len(alerts),
        missed=tuple(missed),
        spurious=tuple(spurious),
        duplicates=tuple(duplicates),
        doubled_events=len(events) - len(stored),
        latencies_ms=tuple(
            (watch.seen[e.code, e.subject] - ledger.sent_at[e.trigger]) * 1000
            for e in ledger.expected_alerts
            if e.trigger in ledger.sent_at and (e.code, e.subject) in watch.seen
        ),
        seconds=seconds,
    )


async def _count(connection: psycopg.AsyncConnection[Any], query: Any) -> int:
    row = await (await connection.execute(query)).fetchone()
    return int(row[0]) if row else 0


def _print(report: Report | ShiftReport) -> None:
    """The table for people, on standard error, so that `--report -` stays JSON."""
    for name, value in report.as_json().items():
        if name != "details":
            sys.stderr.write(f"{name:>16}  {value}\n")
