"""How many events a second the rules judge, by the number of rules, and what a device costs in memory."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace
from datetime import datetime
from itertools import cycle
from typing import Any

from benchmarks.messages import county, telemetry
from devices.codec import decode
from devices.event import Event
from devices.model import Registry
from ingest.clock import system_clock
from rules.engine import Engine
from rules.ruleset import Ruleset, load_catalogue

COUNTS = (10, 100, 1000)
EVENTS = 20_000
DEVICES = 2_000


def engine_speed() -> dict[str, Any]:
    """Measure `{events_per_s_by_rules, bytes_per_device}`."""
    now = system_clock()
    registry = county(DEVICES, 20, now)
    events = [
        decode(topic, payload, received_at=now, registry=registry)
        for topic, payload in telemetry(registry, "bench-", EVENTS, now)
    ]
    catalogue = load_catalogue()
    speeds = {str(n): round(_speed(_copies(catalogue, n), registry, events, now)) for n in COUNTS}
    return {"events_per_s_by_rules": speeds, "bytes_per_device": _memory(catalogue, registry, now)}


def _copies(ruleset: Ruleset, count: int) -> Ruleset:
    """A ruleset of `count` rules: the catalogue over and over, under other names."""
    return Ruleset(
        tuple(replace(rule, id=f"{rule.id}-{n}") for n, rule in zip(range(count), cycle(ruleset.rules)))
    )


def _speed(ruleset: Ruleset, registry: Registry, events: list[Event], now: datetime) -> float:
    engine = Engine(ruleset, registry)
    engine.enrol(registry, now)
    began = time.perf_counter()
    for event in events:
        engine.feed(event, now)
    return len(events) / (time.perf_counter() - began)


def _memory(ruleset: Ruleset, registry: Registry, now: datetime) -> int:
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    engine = Engine(ruleset, registry)
    engine.enrol(registry, now)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) // len(registry.devices)
