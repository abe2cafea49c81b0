"""`shequ bench backpressure`: more than the platform can take, for a while; then everything must be there."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from console.commands.bench_county import say
from console.commands.bench_load import Q, drained, latencies, open_rig, put_load
from console.reconcile import percentiles

PROBE: Final = 20_000  # messages that capacity is measured with
EVERY: Final = 0.5  # seconds between alarms, and between samples
DRAINED_WITHIN: Final = 3600.0  # seconds
SETTLE: Final = 2.0  # seconds for the feed's last news


async def backpressure(*, times: float, seconds: float) -> dict[str, Any]:
    """Measure capacity, offer a multiple of it, and report memory, latency, and what was lost."""
    alarms = int(seconds / EVERY) + 60
    async with open_rig(alarms) as rig:
        sensors = [d for d in rig.registry.devices.values() if d.profile == "smoke_sensor"]
        async with asyncio.TaskGroup() as group:
            follower = group.create_task(rig.watch.follow(), name="bench.feed")
            probe = await put_load(rig, "probe-", PROBE, 1, every=EVERY, sensors=[])
            after = await drained(rig, probe, DRAINED_WITHIN)
            capacity = probe.sent / (probe.seconds + (after or 0.0))
            say(f"capacity about {capacity:,.0f} events/s")
            phase = await put_load(rig, "press-", capacity * times, seconds, every=EVERY, sensors=sensors)
            waited = await drained(rig, phase, DRAINED_WITHIN)
            await asyncio.sleep(SETTLE)
            follower.cancel()
        took, missing = latencies(rig, phase)
        stored = await (await rig.connection.execute(Q["stored_once"], {"prefix": "press-%"})).fetchone()
    rows, distinct = stored or (0, 0)
    peaks = {name: max(s[name]["rss_bytes"] for s in phase.samples) for name in rig.pids if phase.samples}
    return {
        "capacity_events_per_s": round(capacity),
        "offered_events_per_s": round(phase.sent / phase.seconds),
        "seconds": round(phase.seconds, 1),
        "acknowledged": phase.sent,
        "stored": rows,
        "doubled": rows - distinct,
        "lost": phase.sent - distinct,
        "drained_s": None if waited is None else round(waited, 1),
        "peak_rss_bytes": peaks,
        "behind_s_max": max(s["behind_s"] for s in phase.samples),
        "alarm_latency_ms": percentiles(took, {"p50": 0.5, "p99": 0.99, "max": 1.0}),
        "alarms": len(phase.alarms),
        "alarms_missing": missing,
        "samples": phase.samples,
        "passed": rows == distinct == phase.sent and not missing,
    }
