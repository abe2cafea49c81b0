"""The event's path: take -> sort out -> write (judge inside) -> acknowledge.

Two tasks: while one batch commits, the next is being decoded, and no third is in hand, for
whatever comes now waits behind what is. What is about life does not even wait for the next: it
joins, behind it, the batch that is about to be written. Nothing is acknowledged before its commit;
when the database is away the writer waits, the broker's window closes, and devices' messages
stay with the broker.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from devices.model import Registry
from ingest.batch import Batch, Marker, Recent, sort_out
from ingest.bench import seat
from ingest.clock import Clock
from ingest.ears import Ears
from ingest.judge import Judge, Verdict
from ingest.logs import bound
from ingest.message import RawMessage
from ingest.store.backlog import Backlog
from ingest.store.database import Database
from ingest.tracing import TRACES, Times, trace_id, traceparent

log = logging.getLogger(__name__)

RELOAD_EVERY = timedelta(seconds=1)  # at most: an unknown device may be one just added
RECOUNT_EVERY = timedelta(seconds=5)
PUT_BY_MOST = 4  # times for each batch that is judged, so that a flood does not end all judging


@dataclass(kw_only=True)
class Pipeline:
    """The state that the two stages share."""

    ears: Ears
    database: Database
    backlog: Backlog
    judge: Judge
    recent: Recent
    registry: Registry
    clock: Clock
    batch_size: int
    batch_wait: float  # seconds
    stale: asyncio.Event = field(default_factory=asyncio.Event)  # the registry has changed
    rules_changed: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)  # something set aside is to be read again
    _sorted: asyncio.Queue[Batch] = field(default_factory=lambda: asyncio.Queue(1))
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))  # for one in that queue
    _reloaded_at: datetime | None = None
    _counted_at: datetime | None = None
    _looking: set[int] = field(default_factory=set)  # quarantine rows on their way

    async def run(self) -> None:
        """Work until cancelled; a first, empty batch tells everybody that ingest hears."""
        await self.ears.first.hears.wait()
        await self._commit(Batch(messages=()))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sort(), name="ingest.sort")
            group.create_task(self._write(), name="ingest.write")

    async def _sort(self) -> None:
        """First stage: take what waits, and sort it out."""
        while True:
            await self._room.acquire()
            messages = await self._next()
            if self.asked.is_set():
                messages = (*messages, *await self._second_look())
            if self.stale.is_set():
                await self._reload()
            await self._sorted.put(await self._sort_out(messages))

    async def _next(self) -> Sequence[RawMessage]:
        """Take what came; while more comes than is judged, put it by, and take the oldest of that.

        What is about life is not put by. It waits for the batches in hand only, so those are halved:
        each event then costs a twentieth more, and an alarm waits half as long.
        """
        waiting = self.ears.first.waiting
        await self._recount()
        if not self.backlog.rows and waiting.unhurried <= self.backlog.limit:
            return await self.ears.take(self.batch_size, self.batch_wait)
        for _ in range(PUT_BY_MOST):  # more comes while these are written, and the broker is to keep none
            if await self._put_by() < self.batch_size // 4:
                break
        rushed = self.ears.rush(self.batch_size)
        async for attempt in _patiently():
            with attempt:
                oldest = await self.backlog.take(max(1, self.batch_size // 2))
        return (*rushed, *oldest)

    async def _put_by(self) -> int:
        """Put by all that waits and is not about life; answers how many those were."""
        if spilled := self.ears.first.waiting.spill():
            async for attempt in _patiently():
                with attempt:
                    await self.backlog.put(spilled, again=attempt.retry_state.attempt_number > 1)
            self.ears.ack(spilled)
        return len(spilled)

    async def _recount(self) -> None:
        """Look from time to time for what another process of this name put by before it knew of us."""
        now = self.clock()
        if self.backlog.rows or (self._counted_at is not None and now - self._counted_at < RECOUNT_EVERY):
            return
        self._counted_at = now
        async for attempt in _patiently():
            with attempt:
                await self.backlog.count()

    async def _sort_out(self, messages: Sequence[RawMessage]) -> Batch:
        """Decode, set aside, drop repetitions."""
        batch = sort_out(messages, self.registry, self.recent)
        if batch.unknown and await self._reload():
            batch = sort_out(messages, self.registry, self.recent)
        self.recent.add((e.device, e.id) for e in batch.events())
        self.recent.expect(batch.early, batch.met)
        batch.sorted_at = self.clock()
        batch.waiting = self.backlog.rows
        return batch

    async def _write(self) -> None:
        """Second stage: one transaction per batch, then its acknowledgements."""
        while True:
            batch = await self._sorted.get()
            if rushed := self.ears.rush(self.batch_size):
                batch.join(await self._sort_out(rushed))
            self._room.release()
            if self.rules_changed.is_set():
                await self._exchange()
            await self._commit(batch)
            self.ears.ack(batch.messages)
            for step in batch.steps:
                if isinstance(step, Marker):
                    self.ears.trust(step.at)
            self._looking -= {message.aside for message in batch.messages}

    async def _exchange(self) -> None:
        """Between two batches: go on by the rulebook as it is now, with the memory kept or restarted."""
        self.rules_changed.clear()
        await self._commit(Batch(messages=()))  # nothing may be pending that the old rules said
        try:
            async with self.database.writer() as writer:
                book, before = await writer.load_rules()
                if book.same(self.judge.bench.book):
                    return
                memory, _ = await writer.load_memory()
        except (psycopg.OperationalError, psycopg.InterfaceError) as exc:
            log.warning("rules not read, the old ones judge on: %s", exc, extra={"action": "rules_retry"})
            self.rules_changed.set()
            return
        self.judge.exchange(seat(book, before, self.registry, memory, self.clock()))
        log.info("rules exchanged", extra={"action": "rules_exchanged", "versions": dict(book.versions)})

    async def _commit(self, batch: Batch) -> None:
        """Write the batch however long the database stays away; judge it once only."""
        verdicts: list[Verdict] = []
        judging: list[datetime] = []

        def judge_once(sorted_batch: Batch) -> Verdict:
            if not verdicts:
                judging.append(self.clock())
                verdicts.append(self.judge.judge(sorted_batch.steps))
                verdicts[0].canaries = self.judge.rehearse(sorted_batch.canaries)
                sorted_batch.quarantined.extend(verdicts[0].failed)
                judging.append(self.clock())
            return verdicts[0]

        async for attempt in _patiently():
            with attempt:
                again = attempt.retry_state.attempt_number > 1
                began = self.clock()
                async with self.database.writer() as writer:
                    if not (again and await writer.arrived(batch)):
                        await writer.write(batch, judge_once)
        if verdicts and verdicts[0].raised:
            times = Times(
                sorted_at=batch.sorted_at or began,
                began=began,
                judged_from=judging[0],
                judged=judging[1],
                committed=self.clock(),
            )
            _tell(batch, verdicts[0], times)

    async def _second_look(self) -> list[RawMessage]:
        """Take from quarantine what somebody wants read again, each row once until it is settled."""
        self.asked.clear()
        async for attempt in _patiently():
            with attempt:
                found = await self.database.load_asked(self.batch_size)
        fresh = [message for message in found if message.aside not in self._looking]
        self._looking |= {message.aside for message in fresh}
        if len(found) == self.batch_size:
            self.asked.set()  # there may be more
        return fresh

    async def _reload(self) -> bool:
        """Read the registry again, at most once a second; False where it was too soon."""
        now = self.clock()
        if (
            not self.stale.is_set()
            and self._reloaded_at is not None
            and now - self._reloaded_at < RELOAD_EVERY
        ):
            return False
        self.stale.clear()
        self._reloaded_at = now
        async for attempt in _patiently():
            with attempt:
                self.registry = await self.database.load_registry()
                overrides, self.judge.desk.hushes = await self.database.load_wishes()
        self.ears.follow(self.registry.devices.values())
        self.judge.enrol(self.registry, now)
        self.judge.configure(overrides, now)
        return True


def _tell(batch: Batch, verdict: Verdict, times: Times) -> None:
    """One line per new alert, under the trace of the message that raised it; spans where they are wanted."""
    for alert, signal in verdict.raised.items():
        first = next(iter(signal.evidence), None)
        ids = {"device": first.device, "event": first.id} if first else {}
        with bound(trace=trace_id(traceparent(signal)), alert=alert, **ids):
            log.info("%s raised at %s", signal.code, signal.place, extra={"action": "alert_raised"})
    TRACES.batch(batch, verdict.raised, times)


def _patiently() -> AsyncRetrying:
    """Try again for as long as the database stays away, at growing, random pauses."""
    return AsyncRetrying(
        retry=retry_if_exception_type((psycopg.OperationalError, psycopg.InterfaceError)),
        wait=wait_random_exponential(multiplier=0.1, max=5),
        before_sleep=_say_retry,
    )


def _say_retry(state: RetryCallState) -> None:
    """One line per failed attempt, with the reason."""
    reason = state.outcome.exception() if state.outcome else None
    log.warning("database away, nothing is acknowledged: %s", reason, extra={"action": "store_retry"})
