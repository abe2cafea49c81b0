"""How quick the console's reads are over so many stored events, beside the same SQL without the console.

A private stack is filled with a month (benchmarks/reads_fill.py); then a real `shequ serve` is asked over
HTTP, one request after the other, and the statements behind each answer are run by psycopg on a connection
of their own.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString

import psycopg
from psycopg.rows import dict_row

from benchmarks.reads_fill import PER_ALERT, ROOT, fill
from console.commands.feed_watch import FeedWatch, first_login
from console.commands.local import free_port, open_local, running, throw_away
from console.commands.stack import stack_settings
from console.kpi_board import CHINA, LIMITS, period_of
from console.reconcile import percentiles
from ingest.clock import system_clock
from ingest.store.sql import load

TARGET_MS: Final = 100.0
WARM: Final = 10
TIMES: Final = 200
_SHARES: Final = {"p50": 0.5, "p99": 0.99}
_BOARD: Final = load("console.store", "kpi_board.sql")
_DEVICES: Final = load("console.store", "devices.sql")
_HEALTH: Final = load("console.store", "device_health.sql")
_ALERTS: Final = load("console.store", "alerts.sql")
_KPI: Final = load("console.store", "kpi.sql")
_EVERYWHERE: Final = dict.fromkeys(
    ("scope", "estate", "code", "severity", "device", "after_severity", "after_raised", "after_id")
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """An answer of the console, and the statements it rests on."""

    path: str
    statements: tuple[tuple[LiteralString, Mapping[str, Any]], ...]


def reads(events: int, now: datetime) -> dict[str, Read]:
    """What is asked: the lists and pages that people wait for."""
    alert = events // PER_ALERT // 4 * 2  # from the middle of the month, with a case
    device = f"d{7 % (events // 500)}"
    month = f"{(now - timedelta(days=15)).astimezone(CHINA):%Y-%m}"
    about = {"scope": None, "id": device}
    board = {"node": ROOT, **period_of(month, None, None, now).params, **LIMITS, "limit": 20}
    return {
        "open alerts": Read(
            path="/api/alerts", statements=((_ALERTS["active_alerts"], {**_EVERYWHERE, "limit": 51}),)
        ),
        "a device and its newest events": Read(
            path=f"/api/devices/{device}",
            statements=((_DEVICES["device"], about), (_DEVICES["device_events"], about)),
        ),
        "a device's day and health": Read(
            path=f"/api/devices/{device}/health",
            statements=(
                (_HEALTH["rate"], about),
                (_HEALTH["clock"], about),
                (_HEALTH["batteries"], {"ids": [device]}),
            ),
        ),
        "indicators of a month": Read(
            path=f"/api/kpi/board?node={ROOT}&month={month}",
            statements=tuple((_BOARD[name], board) for name in ("board", "false_by_rule", "false_by_device")),
        ),
        "events of a case's alert": Read(
            path=f"/api/alerts/{alert}",
            statements=tuple((_ALERTS[name], {**about, "id": alert}) for name in ("alert", "alert_events")),
        ),
        "figures of the wall": Read(
            path="/api/kpi",
            statements=((_KPI["kpi"], about), (_KPI["quarantined_last_hour"], about)),
        ),
    }


async def reads_speed(events: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure `{events, fill_s, reads: {name: {http_ms, sql_ms, ratio, met}}}`."""
    now = system_clock()
    with throw_away() as data:
        settings = stack_settings(data=data, port=0, durable=False)
        async with (
            open_local(settings, say) as local,
            await psycopg.AsyncConnection.connect(
                local.stack.database_url, autocommit=True, row_factory=dict_row
            ) as connection,
        ):
            began = time.perf_counter()
            await fill(connection, events, now - timedelta(days=30))
            took = time.perf_counter() - began
            say(f"{events:,} events stored in {took:.0f} s")
            port = free_port()
            login = await first_login(local.stack.database_url, "bench", "operator")
            async with (
                running(local.child("serve", extra={"SHEQU_PORT": str(port)})),
                FeedWatch.open(f"http://127.0.0.1:{port}", login) as person,
            ):
                found = {}
                for name, read in reads(events, now).items():
                    found[name] = await _measure(person, connection, read)
                    say(f"{name}: {found[name]}")
    return {"events": events, "fill_s": round(took, 1), "target_p99_ms": TARGET_MS, "reads": found}


async def _measure(
    person: FeedWatch, connection: psycopg.AsyncConnection[dict[str, Any]], read: Read
) -> dict[str, Any]:
    async def over_http() -> None:
        (await person.client.get(read.path)).raise_for_status()

    async def bare() -> None:
        for statement, params in read.statements:
            await (await connection.execute(statement, params)).fetchall()

    http, sql = await _times(over_http), await _times(bare)
    worst = http["p99"]
    return {
        "http_ms": http,
        "sql_ms": sql,
        "ratio_p50": round(http["p50"] / sql["p50"], 2),
        "met": worst < TARGET_MS,
    }


async def _times(work: Callable[[], Awaitable[None]]) -> dict[str, float]:
    """Median and p99 in milliseconds, after some rounds that warm everything."""
    took = []
    for n in range(WARM + TIMES):
        began = time.perf_counter()
        await work()
        if n >= WARM:
            took.append((time.perf_counter() - began) * 1000)
    return {name: value or 0.1 for name, value in percentiles(took, _SHARES).items()}
