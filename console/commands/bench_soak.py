"""`shequ bench soak`: a virtual day, a load and every process for long, and whether anything grows.

What is played is a drill, so what must come of it is known: a soak in which nothing grows and an alarm was
missed has not passed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from console.commands.drill_platform import Platform
from console.commands.drill_run import run_drill
from console.slope import Series, growing, plot
from ingest.clock import system_clock
from simulators.chaos.sample import taken
from simulators.drill import plan_drill, span
from simulators.stack import Part

SEED, ESTATES, DAYS = 11, 10, 1
EVERY: Final = 5.0  # seconds between samples
LIMITS: Final = {"rss_bytes": 0.10, "sockets": 0.05, "handles": 0.05}  # growth per run that is none
LATENCY: Final = "alarm latency, ms"
PROCESSES: Final = {"serve": "console"}  # what people call them, where it is another word


async def soak(*, seconds: float, rate: float, picture: Path | None) -> dict[str, Any]:
    """Play a virtual day that ends about now in so many real seconds, sample, and say what grew."""
    length = span(DAYS)
    plan = plan_drill(SEED, ESTATES, seconds, "all", system_clock() - length, days=DAYS)
    samples: list[dict[str, Any]] = []

    async def watch(platform: Platform) -> None:
        while True:
            samples.append(await asyncio.to_thread(_sample, platform))
            await asyncio.sleep(EVERY)

    report = await run_drill(plan, rate=rate, whole=True, beside=watch)
    began = samples[0]["at_s"]
    for sample in samples:
        sample["at_s"] = round(sample["at_s"] - began, 1)
    series = series_of(samples)
    series[LATENCY] = sorted((sent - began, took) for sent, took in report.latencies)
    grown = [name for name, points in series.items() if growing(points, _limit(name))]
    if picture is not None:
        await asyncio.to_thread(picture.write_text, plot(series), encoding="utf-8")
    return {
        "virtual_hours": round(length / timedelta(hours=1), 1),
        "times_faster": round(length.total_seconds() / report.seconds, 1),
        "rate_events_per_s": rate,
        "growing": grown,
        "drill": report.as_json(),
        "samples": samples,
        "passed": report.passed and not grown,
    }


def _sample(platform: Platform) -> dict[str, Any]:
    """What each process holds now."""
    services = platform.local.stack.services
    pids = {PROCESSES.get(name, name): server.pid for name, server in platform.servers.items()}
    pids |= {"broker": services[Part.BROKER].pid, "database": services[Part.DATABASE].pid}
    return {"at_s": time.monotonic(), **{name: taken(pid).as_json() for name, pid in pids.items()}}


def series_of(samples: Sequence[Mapping[str, Any]]) -> dict[str, Series]:
    """One series per process and quantity."""
    names = [name for name in samples[0] if name != "at_s"]
    return {
        f"{name} {what}": [(s["at_s"], float(s[name][what])) for s in samples]
        for name in names
        for what in LIMITS
    }


def _limit(name: str) -> float:
    return LIMITS.get(name.rpartition(" ")[2], 1.0)  # latency may double by noise alone
