"""`shequ bench soak`: a steady load for long, and whether memory, connections, handles or latency grow."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from console.commands.bench_load import Q, drained, latencies, open_rig, put_load
from console.reconcile import percentiles
from console.slope import Series, growing, plot

EVERY: Final = 5.0  # seconds between alarms, and between samples
SETTLE: Final = 2.0
DRAINED_WITHIN: Final = 600.0
LIMITS: Final = {"rss_bytes": 0.10, "sockets": 0.05, "handles": 0.05}  # growth per run that is none


async def soak(*, seconds: float, rate: float, picture: Path | None) -> dict[str, Any]:
    """Hold a load, sample, and say what grew."""
    async with open_rig(int(seconds / EVERY) + 2) as rig:
        sensors = [d for d in rig.registry.devices.values() if d.profile == "smoke_sensor"]
        async with asyncio.TaskGroup() as group:
            follower = group.create_task(rig.watch.follow(), name="bench.feed")
            phase = await put_load(rig, "soak-", rate, seconds, every=EVERY, sensors=sensors)
            waited = await drained(rig, phase, DRAINED_WITHIN)
            await asyncio.sleep(SETTLE)
            follower.cancel()
        took, missing = latencies(rig, phase)
        stored = await (await rig.connection.execute(Q["stored"], {"prefix": "soak-%"})).fetchone()
    series = series_of(phase.samples, list(rig.pids))
    series["alarm latency, ms"] = [(n * EVERY, value) for n, value in enumerate(took)]
    grown = [name for name, points in series.items() if growing(points, _limit(name))]
    if picture is not None:
        await asyncio.to_thread(picture.write_text, plot(series), encoding="utf-8")
    return {
        "seconds": round(phase.seconds, 1),
        "rate_events_per_s": rate,
        "acknowledged": phase.sent,
        "stored": stored[0] if stored else 0,
        "drained_s": None if waited is None else round(waited, 1),
        "alarm_latency_ms": percentiles(took, {"p50": 0.5, "p99": 0.99, "max": 1.0}),
        "alarms": len(phase.alarms),
        "alarms_missing": missing,
        "growing": grown,
        "samples": phase.samples,
        "passed": not grown and not missing and stored == (phase.sent,),
    }


def series_of(samples: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, Series]:
    """One series per process and quantity."""
    return {
        f"{name} {what}": [(s["at_s"], float(s[name][what])) for s in samples]
        for name in names
        for what in LIMITS
    }


def _limit(name: str) -> float:
    return LIMITS.get(name.rpartition(" ")[2], 1.0)  # latency may double by noise alone
