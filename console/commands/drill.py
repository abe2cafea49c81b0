"""`shequ drill`: play a scenario whose truth is known against the whole platform, and reconcile."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn

import psycopg
import typer

from console.commands.chaos import as_line, look_back, open_site, wreak
from console.commands.drill_cameras import drill_cameras
from console.commands.drill_platform import Platform, open_platform
from console.commands.feed_watch import FeedWatch
from console.commands.local import broker_url
from console.commands.shift import run_shift
from console.commands.storm import storm_drill
from console.reconcile import Aftermath, Report, compare
from console.shift_report import ShiftReport
from ingest.clock import system_clock
from ingest.logs import set_up_logs
from ingest.settings import BrokerUrl
from ingest.store import sql
from ingest.streams.__main__ import Publisher
from ingest.streams.client import follow_all
from ingest.streams.source import KINDS, Stream
from simulators.chaos.faults import FAULTS, Order, parse_chaos
from simulators.chaos.pace import Pace
from simulators.dialects import numbered, parse_dialects
from simulators.drill import DrillPlan, plan_drill, play_drill
from simulators.faults import parse_faults
from simulators.streams import StreamHouse
from simulators.timeline import Ledger

log = logging.getLogger(__name__)

Q = sql.load("console.store", "commands.sql")
SETTLE = 60.0  # seconds the platform has to catch up once everything is published
KEPT = 3_000_000  # identities of messages that are looked for one by one afterwards
BEFORE = timedelta(days=2)  # with chaos the play lies in the past, so that duty's waits are over in it
PLATFORM = "SYS-"  # alerts about the platform itself: with chaos they are the truth, and no device's
WRONG_CLOCK = "DEV-009"


def drill(
    *,
    seed: Annotated[int, typer.Option(help="same seed, same community and same scenario")] = 7,
    estates: Annotated[int, typer.Option(min=1, help="how many estates")] = 3,
    duration: Annotated[float, typer.Option(min=5, help="seconds to play about 30 virtual hours in")] = 30,
    rate: Annotated[float, typer.Option(min=0, help="further telemetry, events per second")] = 0,
    faults: Annotated[str, typer.Option(help="all, none, or a list such as drop,duplicate,reorder")] = "all",
    chaos: Annotated[
        str,
        typer.Option(help=f"what goes wrong on the way, such as ingest,database-stop=5: {', '.join(FAULTS)}"),
    ] = "",
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
    orders = parse_chaos(chaos)
    start = system_clock() - (BEFORE if orders else timedelta())
    plan = plan_drill(seed, estates, duration, parse_faults(faults), start, dialects=parse_dialects(dialects))
    result = asyncio.run(_drill(plan, rate=rate, orders=orders))
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


async def _drill(plan: DrillPlan, *, rate: float, orders: Sequence[Order]) -> Report:
    """Set up, play, let the platform finish, reconcile."""
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(open_platform(plan, orders))
        local = platform.local
        streams = await stack.enter_async_context(_streams(plan, platform))
        ledger, pace = Ledger(keep=KEPT, expected_alerts=plan.expected), Pace(plan.start, plan.end)
        site = open_site(plan, platform, ledger, pace)
        async with asyncio.TaskGroup() as group:
            follower = group.create_task(platform.watch.follow(), name="drill.feed")
            chaos = group.create_task(wreak(orders, site, platform, plan), name="drill.chaos")
            began = time.perf_counter()
            await play_drill(
                plan,
                local.stack.broker.host,
                local.stack.broker.port,
                platform.credentials,
                platform.login,
                rate=rate,
                hold=pace.hold,
                streams=streams,
                ledger=ledger,
            )
            faults = await chaos
            await _settle(local.stack.database_url, plan)
            seconds = time.perf_counter() - began
            await asyncio.sleep(0.5)  # the feed's last messages are on their way
            follower.cancel()
        aftermath = await look_back(platform, faults) if platform.receivers else None
        if aftermath is None and faults:
            aftermath = Aftermath(
                faults=tuple(faults), incidents=0, broken=(), letters=0, repeated=0, lost=()
            )
        return await _reconcile(local.stack.database_url, ledger, platform.watch, seconds, aftermath)


@asynccontextmanager
async def _streams(plan: DrillPlan, platform: Platform) -> AsyncIterator[StreamHouse | None]:
    """The devices that speak over HTTP, and the client that follows them, where there are any."""
    speakers = [d for d in plan.community.devices if d.dialect in KINDS]
    if not speakers:
        yield None
        return
    stack = platform.local.stack
    url = BrokerUrl(broker_url(stack.broker, stack.ingest))
    async with StreamHouse(platform.broker) as house, Publisher.open(url) as publish:
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


async def _reconcile(
    url: str, ledger: Ledger, watch: FeedWatch, seconds: float, aftermath: Aftermath | None
) -> Report:
    """Compare the ledger with the database and with what the operator saw."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        events = await (await connection.execute(Q["events"])).fetchall()
        everything = await (await connection.execute(Q["alerts"])).fetchall()
        found = await (await connection.execute(Q["quarantined"])).fetchall()
        reasons: dict[str, int] = dict(found)
        ((again,),) = await (await connection.execute(Q["quarantined_again"])).fetchall()
        # the faults decide whose clock is wrong how often; what is stored says it
        clocks = await (await connection.execute(Q["wrong_clocks"])).fetchall()
    stored = set(numbered(events))
    expected = [(e.code, e.subject, int(e.severity)) for e in ledger.expected_alerts]
    expected += [(WRONG_CLOCK, device, 4) for (device,) in clocks]
    alerts = [row for row in everything if aftermath is None or not row[0].startswith(PLATFORM)]
    missed, spurious, duplicates = compare(expected, alerts)
    return Report(
        published=ledger.published,
        stored=len(stored),
        unstored=tuple("/".join(key) for key in ledger.keys if key not in stored),
        quarantined=sum(reasons.values()),
        quarantine={reason: (n, ledger.quarantine.get(reason, 0)) for reason, n in sorted(reasons.items())},
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
        resent=ledger.resent + (again if aftermath and aftermath.forgetful else 0),
        aftermath=aftermath,
        platform_alerts=len(everything) - len(alerts),
    )


def _print(report: Report | ShiftReport) -> None:
    """The table for people, on standard error, so that `--report -` stays JSON."""
    for name, value in report.as_json().items():
        if name == "faults":
            sys.stderr.writelines(f"{as_line(fault)}\n" for fault in value)
        elif name != "details":
            sys.stderr.write(f"{name:>16}  {value}\n")
