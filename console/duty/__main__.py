"""`python -m console.duty`: settings -> open -> fire timers until signalled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from types import MappingProxyType
from typing import Final

from console.confirming import on_confirm
from console.database import Database
from console.duty import watchdog
from console.duty.alerts import on_lapse, on_waiting
from console.duty.canaries import on_canary
from console.duty.care import on_care
from console.duty.clocks import on_level
from console.duty.responders import on_check_in, on_plan
from console.duty.timers import SQL, Due, Fired, Handler, fire_one
from console.pace import Pace, entry
from console.settings import DutySettings
from devices.errors import StoreError
from ingest.__main__ import run_until_signalled
from ingest.clock import system_clock
from ingest.logs import bound, set_up_logs
from ingest.settings import load
from ingest.tracing import TRACES, collecting, trace_id

log = logging.getLogger(__name__)

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "alert": on_waiting,
        "ack": on_lapse,
        "confirm": on_confirm,
        "care": on_care,
        "sla": on_level,
        "plan": on_plan,
        "check_in": on_check_in,
        "canary": on_canary,
    }
)
LOOK_EVERY: Final = 2.0  # seconds between two looks of the watchdog
PAUSE: Final = 1.0  # seconds to wait for a database that is away


async def tick(database: Database, pace: Pace, now: datetime) -> list[Due]:
    """Fire everything that is due by `now`, oldest first; answers what was fired."""
    fired: list[Due] = []
    anew: set[str] = set()  # what set itself again waits for the next look: no timer keeps the others waiting
    began = system_clock()
    while (done := await fire_one(database, HANDLERS, now, pace, skip=anew)) is not None:
        if done.again:
            anew.add(done.name)
        if done.failure is None:
            fired.append(done.timer)
        ended = system_clock()
        TRACES.child(done.timer.trace, f"duty.{done.timer.kind}", began, ended, subject=done.timer.subject)
        began = ended
        _tell(done)
    return fired


def _tell(done: Fired) -> None:
    """One line per timer, under the trace of what it is about."""
    timer = done.timer
    with bound(trace=trace_id(timer.trace), **{timer.kind: timer.subject}):
        if done.failure is not None:
            log.error(
                "%s %s failed and was put off",
                timer.kind,
                timer.subject,
                exc_info=done.failure,
                extra={"action": "timer_failed"},
            )
            return
        log.info(
            "%s %s fired, late by %.3f s",
            timer.kind,
            timer.subject,
            timer.late.total_seconds(),
            extra={"action": "timer_fired"},
        )


async def run(settings: DutySettings) -> None:
    """Fire timers and watch, until cancelled; a database that is away is waited for."""
    pace = Pace.of(settings)
    entry("")  # reads the catalogue now, not at the first alarm
    async with AsyncExitStack() as stack:
        stack.enter_context(collecting("duty", settings.otlp_url))
        url = settings.database_url.get_secret_value()
        database = await stack.enter_async_context(Database.open(url, size=4))
        group = await stack.enter_async_context(asyncio.TaskGroup())
        group.create_task(_patiently(lambda: _fire(database, pace), settings.duty_poll_s), name="duty.timers")
        group.create_task(_patiently(lambda: _look(database, settings), LOOK_EVERY), name="duty.watchdog")
        log.info("duty runs", extra={"action": "duty_started"})


async def _patiently(work: Callable[[], Awaitable[None]], every: float) -> None:
    while True:
        try:
            await work()
        except StoreError as exc:
            log.warning("the database did not answer: %s", exc, extra={"action": "duty_retry"})
            await asyncio.sleep(PAUSE)
        await asyncio.sleep(every)


async def _fire(database: Database, pace: Pace) -> None:
    await tick(database, pace, await now_of(database))


async def _look(database: Database, settings: DutySettings) -> None:
    await watchdog.look(database, settings, await now_of(database))


async def now_of(database: Database) -> datetime:
    """Ask the database what time it is: promises are reckoned by its clock alone."""
    row = await database.row(SQL["clock"])
    if row is None:
        raise StoreError("the database does not know the time")
    now: datetime = row["now"]
    return now


def main() -> None:
    """Entry point."""
    set_up_logs()
    run_until_signalled(run(load(DutySettings)))


if __name__ == "__main__":
    main()
