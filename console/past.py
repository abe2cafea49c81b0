"""A month that never was: a simulated community's past, judged and stored as ingest would have.

It goes through ingest's own writer and judge, in batches, without a broker: events by COPY, alerts by
the rules in force. What people said of the alerts is played too. For trying rules, never for a
database that holds real events.
"""

from __future__ import annotations

import asyncio
import heapq
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from console.commands.local import open_local, throw_away
from console.commands.rule_change import told
from console.commands.stack import stack_settings
from console.rulebook import report_body, try_out
from devices.errors import SettingError
from devices.event import Event
from devices.profiles.access_gate import GatePass
from ingest.batch import Batch, Marker
from ingest.bench import seat
from ingest.judge import Judge
from ingest.store import rulebook
from ingest.store.history import Span
from ingest.store.registry import save_registry
from ingest.store.sql import load
from ingest.store.timers import TimerRows
from ingest.store.unfolded import Unfolded
from ingest.store.writer import Writer
from rules.backtest import LATENESS
from rules.texts import only
from simulators.community import Community, build, patient
from simulators.timeline import Sending, say, seeded
from simulators.traffic import background, order

_SQL: Final = load("console.store", "past.sql")
WORKER = "past"
END = datetime(2026, 4, 1, tzinfo=UTC)
STEP = timedelta(hours=6)  # of virtual time in one batch
BEAT = timedelta(minutes=1)  # between markers
QUIET = timedelta(hours=12)  # silences that are allowed, so that a month needs few heartbeats
ATTEMPTS = (3, 4, 5, 5, 6, 8)  # refusals in a row at a gate, a story a day


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """What was played."""

    start: datetime
    end: datetime
    community: Community
    events: int


async def fill(database_url: str, *, end: datetime, days: int = 30, seed: int = 7, size: float = 0.3) -> Past:
    """Play the days before `end` into an empty database."""
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        return await _fill(connection, end, days, seed, size)


async def _fill(connection: AsyncConnection[Any], end: datetime, days: int, seed: int, size: float) -> Past:
    start = end - timedelta(days=days)
    community = patient(build(seed, 1, size=size, now=start), gate=QUIET, camera=QUIET)
    async with connection.transaction():
        await save_registry(
            connection, places=community.places, devices=community.devices, cared=community.cared
        )
    writer = Writer(connection, WORKER, TimerRows(), Unfolded())
    await writer.import_rules()
    book, before = await writer.load_rules()
    judge = Judge(seat(book, before, community.registry, {}, start), LATENESS, start)
    count = 0
    for batch in _batches(_sendings(community, start, end, seed), start, end):
        count += sum(1 for _ in batch.events())
        await writer.write(batch, lambda b: judge.judge(b.steps))
    await _people(connection)
    return Past(start=start, end=end, community=community, events=count)


def rehearse(rule: str, old: str, new: str, *, days: int, seed: int) -> list[str]:
    """Fill a private stack with a past and back-test a rule with a part of its text changed."""
    return asyncio.run(_rehearse(rule, old, new, days, seed))


async def _rehearse(rule: str, old: str, new: str, days: int, seed: int) -> list[str]:
    with throw_away() as data:
        async with open_local(stack_settings(data=data, port=0), _say) as local:
            url = local.stack.database_url
            began = perf_counter()
            past = await fill(url, end=END, days=days, seed=seed)
            _say(f"{past.events} events of {days} days stored in {perf_counter() - began:.1f} s")
            async with await AsyncConnection.connect(
                url, autocommit=True, row_factory=dict_row
            ) as connection:
                live = await rulebook.find(connection, rule, None)
                if old not in live["source"]:
                    raise SettingError("--change", f"{old!r} does not stand in rule {rule}")
                candidate = only(live["source"].replace(old, new), f"{rule} changed")
                span = Span(start=past.start, end=past.end)
                began = perf_counter()
                report = await try_out(connection, candidate, span, None)
                _say(f"back-tested in {perf_counter() - began:.1f} s")
    return told(report_body(report))


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def _sendings(community: Community, start: datetime, end: datetime, seed: int) -> Iterator[Sending]:
    """The ordinary traffic, thinned, and a story a day: somebody is refused at a gate, so many times."""
    ordinary = background(community, start, end, seed=seed, detail=0.05)
    yield from heapq.merge(ordinary, sorted(_refused(community, start, end, seed), key=order), key=order)


def _refused(community: Community, start: datetime, end: datetime, seed: int) -> Iterator[Sending]:
    gates = community.family("access_gate")
    for day in range((end - start).days):
        rng = seeded(seed, "refused", day)
        gate, times = rng.choice(gates), rng.choice(ATTEMPTS)
        begin = start + timedelta(days=day, seconds=rng.randrange(3600, 82_800))
        for n in range(times):
            when = begin + timedelta(seconds=8 * n)
            reading = GatePass(direction="in", method="face", result="denied", score=0.3)
            yield say(gate, when, reading, f"refused-{day}-{n}", source="refused")


def _batches(sendings: Iterable[Sending], start: datetime, end: datetime) -> Iterator[Batch]:
    """Events and a marker a minute, six hours at a time."""
    steps: list[Event | Marker] = []
    beat, cut = start, start + STEP
    for sending in sendings:
        while beat <= sending.when:
            if beat >= cut:
                yield Batch(messages=(), steps=steps)
                steps, cut = [], cut + STEP
            steps.append(Marker(at=beat))
            beat += BEAT
        if sending.message is not None:
            steps.append(
                Event(
                    id=sending.message.id,
                    device=sending.device,
                    estate=sending.estate,
                    at=sending.message.at,
                    received_at=sending.when,
                    reading=sending.message.reading,
                )
            )
    steps.append(Marker(at=end))
    yield Batch(messages=(), steps=steps)


async def _people(connection: AsyncConnection[Any]) -> None:
    """Say of some alerts that they were false: of the refusals, mostly those that only just made five."""
    await connection.execute(_SQL["call_false"])
