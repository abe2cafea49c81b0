"""`python -m benchmarks.wall_soak`: the wall page left running before a real platform; fails where it grows.

A week of a wall is squeezed: alerts come and go many times a second, and what the page asks for once a
minute it asks for once a second. Before the measurement the page has met more alerts than it remembers.
After each collection of garbage three things are counted: bytes of the heap of scripts, nodes (those that
nobody sees any more among them) and listeners of events. `console.slope` says what growth is.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import psycopg
import typer
from playwright.async_api import CDPSession, Page, ViewportSize, async_playwright
from psycopg.rows import DictRow, dict_row

from benchmarks.messages import county
from console.commands.bench_console import answers
from console.commands.feed_watch import Person, first_login
from console.commands.local import free_port, open_local, running, throw_away
from console.commands.stack import stack_settings
from console.feed import publish
from console.slope import Series, growing, plot
from ingest.clock import system_clock
from ingest.store.registry import save_registry
from ingest.store.sql import load

OPEN: Final = 40  # alerts that are open at any time
REMEMBERED: Final = 3000  # alerts the page keeps (console/web/src/stores/alerts.ts)
BATCH: Final = 100  # alerts that come and go at once before the measurement
TURN_S: Final = 0.25
EACH_TURN: Final = 10  # alerts: what the page remembers is filled and emptied several times
FASTER: Final = 60  # a timer of a minute or more runs so many times faster
SAMPLE_S: Final = 10.0
LIMITS: Final = {"JSHeapUsedSize": 0.10, "Nodes": 0.05, "JSEventListeners": 0.05}  # growth that is none
_Q: Final = load("console.store", "commands.sql")
_SQUEEZE: Final = f"""{{
    const own = window.setTimeout
    window.setTimeout = (work, ms = 0, ...more) => own(work, ms >= 60_000 ? ms / {FASTER} : ms, ...more)
}}"""
_SIZE: Final = ViewportSize(width=1366, height=768)


async def soak(seconds: float, *, webgl: bool) -> dict[str, Any]:
    """Run a platform, open the wall, let alerts come and go, and sample."""
    with throw_away() as data:
        async with (
            open_local(stack_settings(data=data, port=0), lambda text: print(text, file=sys.stderr)) as local,
            await psycopg.AsyncConnection.connect(
                local.stack.database_url, autocommit=True, row_factory=dict_row
            ) as connection,
        ):
            registry = county(200, 10, system_clock())
            await save_registry(
                connection, places=registry.places.values(), devices=registry.devices.values()
            )
            operator = await first_login(local.stack.database_url, "bench", "operator")
            port = free_port()
            async with (
                running(local.child("serve", extra={"SHEQU_PORT": str(port)})),
                _wall(port, operator, webgl=webgl) as page,
            ):
                return await _watch(page, connection, seconds)


@asynccontextmanager
async def _wall(port: int, operator: Person, *, webgl: bool) -> AsyncIterator[Page]:
    """The wall in a browser of its own."""
    await answers(port)
    flags = ["--no-sandbox", *([] if webgl else ["--disable-3d-apis"])]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = await browser.new_page(viewport=_SIZE)
        await page.add_init_script(_SQUEEZE)
        await page.goto(f"http://127.0.0.1:{port}/wall")
        await page.get_by_test_id("login-user").fill(operator.name)
        await page.get_by_test_id("login-password").fill(operator.password)
        await page.get_by_test_id("login-submit").click()
        await page.get_by_test_id("wall-trend").wait_for()
        yield page
        await browser.close()


async def _watch(page: Page, connection: psycopg.AsyncConnection[DictRow], seconds: float) -> dict[str, Any]:
    asked = 0

    def count(url: str) -> None:
        nonlocal asked
        asked += url.endswith("/api/wall")

    page.on("request", lambda request: count(request.url))
    news = Alerts(connection)
    while news.ended < REMEMBERED + BATCH:
        await news.turn(BATCH)
        await asyncio.sleep(TURN_S)
    before, asked = news.ended, 0
    async with asyncio.TaskGroup() as group:
        stream = group.create_task(_stream(news), name="wall.alerts")
        samples = await _samples(page, seconds)
        stream.cancel()
    await page.get_by_test_id("wall-alert").first.wait_for()
    series = {name: [(at, counted[name]) for at, counted in samples] for name in LIMITS}
    return {
        "machine": f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end",
        "seconds": seconds,
        "alerts_come_and_gone": news.ended - before,
        "refreshes": asked,
        "series": series,
        "growing": [name for name, limit in LIMITS.items() if growing(series[name], limit)],
    }


async def _stream(news: Alerts) -> None:
    while True:
        await news.turn(EACH_TURN)
        await asyncio.sleep(TURN_S)


async def _samples(page: Page, seconds: float) -> list[tuple[float, dict[str, float]]]:
    probe = await page.context.new_cdp_session(page)
    await probe.send("Performance.enable")
    began, samples = time.monotonic(), []
    while (at := time.monotonic() - began) < seconds:
        samples.append((round(at, 1), await _count(probe)))
        await asyncio.sleep(SAMPLE_S)
    return samples


async def _count(probe: CDPSession) -> dict[str, float]:
    """What the page holds once what nobody reaches is gone."""
    await probe.send("HeapProfiler.collectGarbage")
    metrics = (await probe.send("Performance.getMetrics"))["metrics"]
    return {metric["name"]: float(metric["value"]) for metric in metrics if metric["name"] in LIMITS}


class Alerts:
    """Alerts that come and go: so many are open at any time, the oldest ends first."""

    def __init__(self, connection: psycopg.AsyncConnection[DictRow]) -> None:
        self._connection, self._number = connection, 0
        self.ended = 0

    async def turn(self, count: int) -> None:
        """Raise so many, end as many of the oldest as are too many, and tell the feed."""
        self._number += 1
        wish = {"turn": self._number, "count": count, "open": OPEN}
        async with self._connection.transaction():
            raised = await (await self._connection.execute(_Q["bench_raise"], wish)).fetchall()
            ended = await (await self._connection.execute(_Q["bench_end"], wish)).fetchall()
            await publish(self._connection, alerts=[row["id"] for row in (*raised, *ended)])
        self.ended += len(ended)


def main(
    *,
    seconds: Annotated[float, typer.Option(min=100)] = 600,
    report: Annotated[Path | None, typer.Option(help="file for the report, JSON")] = None,
    picture: Annotated[Path | None, typer.Option(help="file for the plots, SVG")] = None,
    webgl: Annotated[bool, typer.Option(help="with the map; a machine without a GPU draws it slowly")] = True,
) -> None:
    """Leave the wall running and fail where it grows."""
    found = asyncio.run(soak(seconds, webgl=webgl))
    series: dict[str, Series] = found["series"]
    if report is not None:
        report.write_text(json.dumps(found, indent=2), encoding="utf-8")
    if picture is not None:
        picture.write_text(plot(series), encoding="utf-8")
    ends = {name: [points[len(points) // 4][1], points[-1][1]] for name, points in series.items()}
    print(json.dumps({**found, "series": ends}, indent=2))
    if found["growing"]:
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
