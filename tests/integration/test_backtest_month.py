"""A changed threshold back-tested over a simulated past, and that past replayed to the same alert log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psycopg
import pytest

from console.past import Past, fill
from ingest.replay import backtest, replay
from ingest.store import rulebook
from ingest.store.history import Connection, Span
from ingest.store.registry import load_registry
from rules.texts import only

END = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
DAYS = 8


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    """A connection to an empty database."""
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as opened:
        yield opened


@pytest.fixture
async def past(database: str) -> Past:
    """A week and a day of one small estate."""
    return await fill(database, end=END, days=DAYS, seed=7)


async def test_a_changed_threshold_is_back_tested_on_the_stored_past(
    connection: Connection, past: Past
) -> None:
    span = Span(start=past.start, end=past.end)
    live = await rulebook.find(connection, "SEC-010", None)
    changed = live["source"].replace("times: 5", "times: 6")
    assert changed != live["source"]
    report = await backtest(
        connection,
        await load_registry(connection),
        span,
        only(changed, "draft"),
        only(live["source"], "live"),
    )
    assert [a.fingerprint for a in report.live] == [a.fingerprint for a in report.stored]
    assert len(report.would) < len(report.stored)
    assert len(report.would) == len(report.confirmed) + len(report.false) + len(report.fresh)
    assert len(report.stored) == len(report.would) + len(report.missed) + len(report.spared)
    assert report.spared
    assert {a.outcome for a in report.spared} == {"false_alarm"}
    assert sum(day["stored"] for day in report.days.values()) == len(report.stored)


async def test_a_replay_of_the_stored_past_gives_the_same_alert_log(
    connection: Connection, past: Past
) -> None:
    book = await rulebook.load(connection)
    answer = await replay(
        connection, await load_registry(connection), Span(start=past.start, end=past.end), book.live
    )
    assert answer.only_stored == answer.only_played == ()
    assert answer.same > 0
    assert answer.events == past.events
