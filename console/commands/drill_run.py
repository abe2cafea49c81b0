"""The run of a drill: a platform of its own, the play, and what came of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import psycopg

from console.commands.chaos import look_back, open_site, wreak
from console.commands.drill_platform import Platform, open_platform
from console.commands.feed_watch import FeedWatch
from console.commands.local import broker_url
from console.reconcile import Aftermath, Report, compare
from ingest.settings import BrokerUrl
from ingest.store import sql
from ingest.streams.__main__ import Publisher
from ingest.streams.client import follow_all
from ingest.streams.source import KINDS, Stream
from simulators.chaos.faults import Order
from simulators.chaos.pace import Pace
from simulators.dialects import numbered
from simulators.drill import DrillPlan, play_drill
from simulators.streams import StreamHouse
from simulators.timeline import Ledger

log = logging.getLogger(__name__)

Q = sql.load("console.store", "commands.sql")
SETTLE = 60.0  # seconds the platform has to catch up once everything is published
KEPT = 6_000_000  # identities of messages that are looked for one by one afterwards
PLATFORM = "SYS-"  # alerts about the platform itself: with chaos they are the truth, and no device's
WRONG_CLOCK = "DEV-009"


async def run_drill(
    plan: DrillPlan,
    *,
    rate: float,
    orders: Sequence[Order] = (),
    whole: bool = False,
    beside: Callable[[Platform], Coroutine[Any, Any, None]] | None = None,
) -> Report:
    """Set up, play, let the platform finish, reconcile.

    `whole` says that duty and the sender run too, as they do with most `orders`; `beside` runs beside the
    play until it has ended.
    """
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(open_platform(plan, orders, whole=whole))
        local = platform.local
        streams = await stack.enter_async_context(_streams(plan, platform))
        ledger, pace = Ledger(keep=KEPT, expected_alerts=plan.expected), Pace(plan.start, plan.end)
        site = open_site(plan, platform, ledger, pace)
        async with asyncio.TaskGroup() as group:
            follower = group.create_task(platform.watch.follow(), name="drill.feed")
            chaos = group.create_task(wreak(orders, site, platform, plan), name="drill.chaos")
            watcher = group.create_task(beside(platform), name="drill.beside") if beside else None
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
            if watcher is not None:
                watcher.cancel()
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
        latencies=_latencies(ledger, watch),
        seconds=seconds,
        resent=ledger.resent + (again if aftermath and aftermath.forgetful else 0),
        aftermath=aftermath,
        platform_alerts=len(everything) - len(alerts),
    )


def _latencies(ledger: Ledger, watch: FeedWatch) -> tuple[tuple[float, float], ...]:
    """When the message that told was sent, and how many milliseconds later the alert was on the feed."""
    pairs = (
        (ledger.sent_at.get(e.trigger) if e.trigger else None, watch.seen.get((e.code, e.subject)))
        for e in ledger.expected_alerts
    )
    return tuple(
        (sent, (seen - sent) * 1000) for sent, seen in pairs if sent is not None and seen is not None
    )
