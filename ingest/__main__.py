"""`python -m ingest`: settings -> open -> run until signalled."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from devices.codec import subscriptions
from ingest.announce import announce
from ingest.batch import Recent, read_marker
from ingest.bench import seat
from ingest.broker import MARKER, Session, SessionSettings, holding
from ingest.clock import Clock, MarkerClock, system_clock
from ingest.early import KEPT, SUFFIX, WINDOW, EarlySession
from ingest.ears import Ears
from ingest.folding import keep_folded
from ingest.judge import Judge
from ingest.logs import set_up_logs
from ingest.pauses import settle
from ingest.pipeline import Pipeline
from ingest.registry_orders import keep_orders
from ingest.retention import keep_retention, keep_times
from ingest.settings import BrokerUrl, IngestSettings, load, parse_dialects
from ingest.store.backlog import Backlog
from ingest.store.database import Database
from ingest.tracing import collecting
from rules.handling.desk import Desk

log = logging.getLogger(__name__)

RECENT_KEYS = 200_000  # identities kept to recognise repetitions; about 40 MB
MARKER_EVERY = 1.0  # seconds
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # before the first marker of a drill


async def run(settings: IngestSettings, when_up: Callable[[], None] = lambda: None) -> None:
    """Run ingest until cancelled: straight-line wiring, the one place where its parts meet.

    `when_up` is called once everything stands: what concerns the whole process is the entry point's.
    """
    url = settings.database_url.get_secret_value()
    database = Database(
        url,
        settings.client_id,
        real=settings.clock != "marker",
        room=settings.quarantine_mb * 1024 * 1024,
    )
    async with AsyncExitStack() as stack:
        stack.enter_context(collecting("ingest", settings.otlp_url))
        stack.push_async_callback(database.close)
        async with database.writer() as writer:
            for line in await writer.import_rules():
                log.info("rule %s", line, extra={"action": "rule_imported"})
            book, before = await writer.load_rules()
            judged_to = await writer.load_clock()
            memory, notes = await writer.load_memory()
            recent = Recent(RECENT_KEYS)
            virtual = MarkerClock(judged_to or EPOCH) if settings.clock == "marker" else None
            clock: Clock = virtual or system_clock
            # what was committed and not acknowledged is as old as the last commit, however long ago
            recent.add(await writer.load_recent(min(clock(), judged_to or clock()), RECENT_KEYS))
        backlog = Backlog(url, settings.client_id, settings.in_memory)
        stack.push_async_callback(backlog.close)
        registry = await database.load_registry()
        bench = seat(book, before, registry, memory, clock())
        desk = Desk({}, registry, notes)
        overrides, desk.hushes = await database.load_wishes()
        judge = Judge(bench, timedelta(seconds=settings.lateness_s), judged_to, desk)
        judge.configure(overrides, clock())
        ears = _ears(settings, clock, virtual, judged_to)
        ears.follow(registry.devices.values())
        session = await stack.enter_async_context(holding(ears.first))
        if ears.early:
            await stack.enter_async_context(holding(ears.early))
        pipeline = Pipeline(
            ears=ears,
            database=database,
            backlog=backlog,
            judge=judge,
            recent=recent,
            registry=registry,
            clock=clock,
            batch_size=settings.batch_size,
            batch_wait=settings.batch_ms / 1000,
        )
        group = await stack.enter_async_context(asyncio.TaskGroup())
        group.create_task(pipeline.run(), name="ingest.pipeline")
        group.create_task(keep_folded(database), name="ingest.fold")
        group.create_task(database.listen("shequ_registry", pipeline.stale), name="ingest.registry")
        group.create_task(database.listen("shequ_rules", pipeline.rules_changed), name="ingest.rules")
        group.create_task(database.listen("shequ_quarantine", pipeline.asked), name="ingest.second_look")
        if settings.home_assistant:
            group.create_task(announce(session, lambda: pipeline.registry), name="ingest.announce")
        if virtual is None:
            group.create_task(mark_time(session, clock), name="ingest.marker")
            broker = BrokerUrl(settings.broker_url.get_secret_value())
            sweeping = keep_retention(url, keep_times(settings.retention))
            group.create_task(sweeping, name="ingest.retention")
            orders = keep_orders(url, broker, settings.client_id, database.listen)
            group.create_task(orders, name="ingest.orders")
        when_up()
        log.info("ingest runs", extra={"action": "ingest_started"})


def _ears(
    settings: IngestSettings, clock: Clock, virtual: MarkerClock | None, judged_to: datetime | None
) -> Ears:
    """Both lines to the broker; in virtual time one: what overtakes a marker would come from the future."""
    url, name = BrokerUrl(settings.broker_url.get_secret_value()), settings.client_id
    foreign = subscriptions(parse_dialects(settings.dialects))
    arrival = asyncio.Event()
    first = Session(
        SessionSettings(url, name, settings.window, foreign),
        clock,
        lambda payload: virtual.advance(read_marker(payload).at) if virtual else None,
        arrival,
    )
    if virtual is not None:
        return Ears(first=first, early=None, arrival=arrival)
    early = SessionSettings(url, name + SUFFIX, min(WINDOW, settings.window), kept=KEPT)
    return Ears(first=first, early=EarlySession(early, clock, arrival, judged_to), arrival=arrival)


async def mark_time(session: Session, clock: Clock) -> None:
    """Send a marker through the broker every second.

    It comes back behind everything the broker had accepted before, so whoever reads it
    knows that nothing older is still under way: timers may go on to that time.
    """
    while True:
        session.publish(MARKER, json.dumps({"at": clock().isoformat()}).encode())
        await asyncio.sleep(MARKER_EVERY)


def run_until_signalled(work: Coroutine[None, None, None]) -> None:
    """Run until the work is done, or until SIGINT or SIGTERM asks it to stop: cleanly, inside out."""

    async def watched() -> None:
        task = asyncio.ensure_future(work)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(watched())


def main() -> None:
    """Entry point."""
    set_up_logs()
    run_until_signalled(run(load(IngestSettings), settle))


if __name__ == "__main__":
    main()
