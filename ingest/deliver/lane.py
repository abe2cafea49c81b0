"""One lane per endpoint: its own pace, its own places, its own failures; a hung one delays nobody else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from devices.errors import DeliveryError, PlatformError, SettingError, UndeliverableError
from ingest.clock import Clock
from ingest.deliver.bucket import Bucket
from ingest.deliver.channel import AWAY, Carrier, Parcel
from ingest.deliver.desk import Desk
from ingest.deliver.endpoint import Endpoint
from ingest.deliver.retry import Backoff, next_try
from ingest.logs import bound
from ingest.tracing import TRACES, trace_id

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds; a notification is faster
Open = Callable[[Endpoint], AbstractAsyncContextManager[Carrier]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """How lanes wait; `chance` is the die of the jitter."""

    clock: Clock
    chance: Callable[[], float]
    backoff: Backoff
    lease_s: float  # beyond the endpoint's time-out: a sender that is silent for longer has fallen


class Lane:
    """Sends the letters of one endpoint until it is told to close."""

    def __init__(self, endpoint: Endpoint, desk: Desk, opened: Open, habits: Habits) -> None:
        self.endpoint, self._desk, self._open, self._habits = endpoint, desk, opened, habits
        self.stirred = asyncio.Event()
        self._closing = False
        self._busy = 0

    def close(self) -> None:
        """Take no further letter; those on the way are finished."""
        self._closing = True
        self.stirred.set()

    async def run(self) -> None:
        """Open the carrier and send; a carrier that cannot be opened is said so and tried again."""
        tries = 0
        while not self._closing:
            try:
                async with self._open(self.endpoint) as carrier:
                    await self._note(None)
                    await self._send_all(carrier)
            except (PlatformError, OSError, TimeoutError) as exc:
                tries += 1
                await self._note(str(exc))
                log.warning("%s: %s", self.endpoint.code, exc, extra={"action": "endpoint_problem"})
                await self._rest(self._habits.backoff.pause(tries, self._habits.chance()) + 0.1)

    async def _send_all(self, carrier: Carrier) -> None:
        loop = asyncio.get_running_loop()
        bucket = Bucket(self.endpoint.rate_per_s, self.endpoint.concurrency, loop.time())
        lease = timedelta(seconds=self.endpoint.timeout_s + self._habits.lease_s)
        async with asyncio.TaskGroup() as group:
            while not self._closing:
                self.stirred.clear()
                most = min(self.endpoint.concurrency - self._busy, bucket.available(loop.time()))
                if most < 1:
                    await self._rest(LOOK_EVERY if self._busy else bucket.wait())
                    continue
                try:
                    parcels = await self._desk.claim(self.endpoint, most, lease)
                except AWAY as exc:
                    log.warning("the database is away: %s", exc, extra={"action": "deliver_database_away"})
                    await self._rest(LOOK_EVERY)
                    continue
                bucket.take(len(parcels))
                self._busy += len(parcels)
                for parcel in parcels:
                    group.create_task(self._deliver(carrier, parcel), name=f"deliver.{self.endpoint.code}")
                if not parcels:
                    await self._rest(LOOK_EVERY)

    async def _deliver(self, carrier: Carrier, parcel: Parcel) -> None:
        """Hand one letter over and write down what became of it."""
        ids = {"letter": parcel.key, "alert": parcel.alert_id, "incident": parcel.incident_id}
        began = self._habits.clock()
        with bound(trace=trace_id(parcel.trace), **ids):
            await self._hand_over(carrier, parcel)
        about = {"letter": parcel.key, "endpoint": self.endpoint.code, "attempt": str(parcel.attempt)}
        TRACES.child(parcel.trace, "deliver.send", began, self._habits.clock(), **about)

    async def _hand_over(self, carrier: Carrier, parcel: Parcel) -> None:
        finish: Callable[[], Awaitable[None]]
        try:
            try:
                async with asyncio.timeout(self.endpoint.timeout_s):
                    taken = await carrier.send(parcel)
                log.info("%s has it", self.endpoint.code, extra={"action": "letter_sent"})
                finish = partial(self._desk.sent, self.endpoint, parcel, taken)
            except UndeliverableError as exc:
                finish = partial(self._fail, parcel, str(exc), never=True)
            except (DeliveryError, SettingError, TimeoutError, OSError, *AWAY) as exc:
                finish = partial(self._fail, parcel, str(exc) or type(exc).__name__, never=False)
            except Exception as exc:  # a letter that breaks us must not stop its neighbours
                log.exception("a letter broke its channel", extra={"action": "delivery_broke"})
                finish = partial(self._fail, parcel, f"{type(exc).__name__}: {exc}", never=True)
            await self._persist(finish)
        finally:
            self._busy -= 1
            self.stirred.set()

    async def _fail(self, parcel: Parcel, reason: str, *, never: bool) -> None:
        due, now = None, self._habits.clock()
        if not never:
            due = next_try(
                now=now,
                attempt=parcel.attempt,
                expires_at=parcel.expires_at,
                chance=self._habits.chance(),
                backoff=self._habits.backoff,
            )
        await self._desk.failed(self.endpoint, parcel, reason, due)
        if due is not None:
            asyncio.get_running_loop().call_later((due - now).total_seconds(), self.stirred.set)
        log.info("%s: %s", self.endpoint.code, reason, extra={"action": "delivery_failed"})

    async def _persist(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write, however long the database is away: what was sent must not be sent again for that."""
        while True:
            try:
                await write()
            except AWAY as exc:
                log.warning("a result waits: %s", exc, extra={"action": "deliver_result_waits"})
                await asyncio.sleep(LOOK_EVERY)
            else:
                return

    async def _note(self, problem: str | None) -> None:
        with suppress(*AWAY):
            await self._desk.note_problem(self.endpoint.code, problem)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stirred.wait()
