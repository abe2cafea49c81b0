"""`python -m benchmarks.console_page`: the desk in a real browser, cold, with ten thousand open alerts.

Prints JSON: first contentful paint of the sign-in page and of the desk with an empty cache, the bytes
that the first page costs compressed, how long until the queue shows every alert, and the time between
frames while the queue is scrolled, by a wheel's step and in leaps of thirty rows to the very end, and
alerts change five times a second; beside it the main thread's own processor time per frame, which other
work on the machine does not lengthen.

The page's policy forbids evaluating text: everything waited for is polled in one evaluation.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import shutil
import statistics
import sys
from pathlib import Path
from typing import Any, Final

import psycopg
from playwright.async_api import Browser, CDPSession, Page, async_playwright
from psycopg.rows import DictRow, dict_row

from benchmarks.messages import county
from console.commands.bench_console import answers
from console.commands.feed_watch import Person, first_login
from console.commands.local import free_port, open_local, running, throw_away
from console.commands.stack import stack_settings
from console.feed import publish
from console.reconcile import percentiles
from ingest.clock import system_clock
from ingest.store.registry import save_registry
from ingest.store.sql import load

ALERTS: Final = 10_000
LOADS: Final = 3
SCROLLS: Final = {"wheel": (120, 300), "leaps_to_the_end": (2520, 10_000)}  # pixels a frame, frames at most
CHANGE_EVERY_S: Final = 0.2
DIST: Final = Path(__file__).parent.parent / "console" / "web" / "dist"
_Q: Final = load("console.store", "commands.sql")
_PAINT: Final = """
async () => {
  for (;;) {
    const [paint] = performance.getEntriesByName('first-contentful-paint')
    if (paint) return paint.startTime
    await new Promise((go) => setTimeout(go, 20))
  }
}
"""
_COUNTED: Final = """
async (count) => {
  while (!document.querySelector('[data-testid="queue-count"]')?.textContent.includes(count))
    await new Promise((go) => setTimeout(go, 20))
  return performance.now()
}
"""
_SCROLL: Final = """
async ([step, most]) => {
  const scroller = document.querySelector('[data-testid="alert-queue"]')
  const [frames, long] = [[], []]
  const watch = new PerformanceObserver((list) => long.push(...list.getEntries().map((one) => one.duration)))
  watch.observe({ type: 'longtask' })
  const frame = () => new Promise(requestAnimationFrame)
  let [before, rows] = [await frame(), 0]
  scroller.scrollTop = 0
  while (frames.length < most && scroller.scrollTop + scroller.clientHeight < scroller.scrollHeight - 1) {
    scroller.scrollTop += step
    const now = await frame()
    frames.push(now - before)
    before = now
    rows = Math.max(rows, scroller.querySelectorAll('li').length)
  }
  watch.disconnect()
  const left = Math.round(scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop)
  return { frames, long, rows, left }
}
"""


async def measure() -> dict[str, Any]:
    """Run a platform with ten thousand open alerts, and look at it."""
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
            await connection.execute(_Q["bench_alerts"], {"count": ALERTS})
            operator = await first_login(local.stack.database_url, "bench", "operator")
            port = free_port()
            async with running(local.child("serve", extra={"SHEQU_PORT": str(port)})):
                await answers(port)
                return await _look(f"http://127.0.0.1:{port}", operator, connection)


async def _look(
    address: str, operator: Person, connection: psycopg.AsyncConnection[DictRow]
) -> dict[str, Any]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        sign_in = [await _first_paint(browser, f"{address}/login") for _ in range(LOADS)]
        page = await browser.new_page(viewport={"width": 1920, "height": 1080})
        cookies = await _sign_in(page, address, operator)
        desk = [await _first_paint(browser, f"{address}/watch", cookies) for _ in range(LOADS)]
        shown = await _all_shown(page, address)
        async with asyncio.TaskGroup() as group:
            changes = group.create_task(_change(connection))
            scrolled = {name: await _scroll(page, *how) for name, how in SCROLLS.items()}
            changes.cancel()
        await browser.close()
    return {
        "machine": f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end",
        "first_paint_ms": {"sign_in": _spread(sign_in), "desk": _spread(desk)},
        "first_page_gzipped_bytes": _weight(),
        "queue_of_10000_shown_ms": shown,
        "scroll": scrolled,
    }


async def _scroll(page: Page, step: int, most: int) -> dict[str, Any]:
    """Scroll from the top by so many pixels a frame, so many frames at most."""
    probe = await page.context.new_cdp_session(page)
    await probe.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = await _busy(probe)
    scrolled = await page.evaluate(_SCROLL, [step, most])
    busy, frames = await _busy(probe) - before, len(scrolled["frames"])
    await probe.detach()
    return {
        "frames": frames,
        "frame_ms": percentiles(scrolled["frames"], {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}),
        "main_thread_ms_per_frame": round(1000 * busy / frames, 2),
        "long_tasks": len(scrolled["long"]),
        "longest_task_ms": max(scrolled["long"], default=0),
        "rows_in_the_page": scrolled["rows"],
        "pixels_left": scrolled["left"],
    }


async def _busy(probe: CDPSession) -> float:
    """Seconds of processor time that the page's main thread has spent in tasks."""
    metrics = (await probe.send("Performance.getMetrics"))["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


async def _first_paint(browser: Browser, url: str, cookies: list[Any] | None = None) -> float:
    """Milliseconds to the first thing that is seen, in a browser that has never been here."""
    context = await browser.new_context(viewport={"width": 1920, "height": 1080})
    if cookies:
        await context.add_cookies(cookies)
        await context.add_init_script("sessionStorage.setItem('shequ.in', '1')")
    page = await context.new_page()
    await page.goto(url)
    value = float(await page.evaluate(_PAINT))
    await context.close()
    return value


async def _sign_in(page: Page, address: str, operator: Person) -> list[Any]:
    await page.goto(address)
    await page.get_by_test_id("login-user").fill(operator.name)
    await page.get_by_test_id("login-password").fill(operator.password)
    await page.get_by_test_id("login-submit").click()
    await page.get_by_test_id("queue-count").wait_for()
    return list(await page.context.cookies())


async def _all_shown(page: Page, address: str) -> float:
    """Milliseconds from asking for the desk to a queue that counts every alert."""
    await page.goto(f"{address}/watch")
    async with asyncio.timeout(120):
        return round(float(await page.evaluate(_COUNTED, str(ALERTS))), 1)


async def _change(connection: psycopg.AsyncConnection[DictRow]) -> None:
    number = 0
    while True:
        number = number % ALERTS + 1
        async with connection.transaction():
            await connection.execute(_Q["bench_hit"], {"id": number})
            await publish(connection, alerts=[number])
        await asyncio.sleep(CHANGE_EVERY_S)


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(values), 1), "worst": round(max(values), 1)}


def _weight() -> int:
    page = (DIST / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', page)
    return sum(len(gzip.compress((DIST / name).read_bytes())) for name in named)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure()), indent=2))
