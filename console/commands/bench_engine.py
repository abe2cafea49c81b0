"""How many events a second the rules judge, by the number of rules and devices, and what a device costs.

Events are decoded beforehand; the figures are processor time of one core, `Engine.feed` alone and
with the ticks of the watermark. Rules are multiplied in two ways: `other` adds rules about event
types that do not occur (cost must stay flat), `same` copies the catalogue (cost grows with the
rules that hear an event's type).
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from benchmarks.messages import county
from devices.codec import decode
from devices.event import Event
from devices.model import Registry
from devices.profiles.camera import CameraObject
from devices.reading import State
from ingest.clock import system_clock
from rules.engine import Engine
from rules.ruleset import Rule, Ruleset, load_catalogue
from simulators.community import build
from simulators.traffic import background

COUNTS = (10, 100, 1000)
DEVICES = (1_000, 100_000)
HOURS = 6
EVENTS = 20_000
ENROLLED = 10_000_000  # devices times rules: enrolling more would take minutes before the first event
JUDGINGS = 2_000_000  # events times rules of one cell: a thousand rules need not hear twenty thousand events
LATENESS = timedelta(seconds=5)


def engine_speed() -> dict[str, Any]:
    """Measure and answer what `shequ bench engine` writes."""
    now = system_clock()
    catalogue = load_catalogue()
    registry, mixture = _mixture(now)
    speeds = {
        str(n): round(_speed(_copies(catalogue, n), registry, mixture[: JUDGINGS // (20 * n)]))
        for n in COUNTS
    }
    return {
        "events_per_s_by_rules": speeds,
        "bytes_per_device": _memory(catalogue, county(2_000, 20, now), now),
        "catalogue": {
            "rules": len(catalogue.rules),
            "mixture_events_per_s": round(_speed(catalogue, registry, mixture)),
            "mixture_with_ticks_per_s": round(_speed(catalogue, registry, mixture, ticks=True)),
            "every_event_meets_several_per_s": round(_speed(catalogue, *_busy(now), ticks=True)),
        },
        "us_per_event": {
            # copies for 100 000 devices would measure the size of memory: one catalogue is what there is
            "same": {str(n): {"1000": _cost(_copies(catalogue, n), 1_000, now)} for n in COUNTS},
            "other": {
                str(n): {
                    str(d): _cost(_strangers(catalogue, n), d, now) for d in DEVICES if n * d <= ENROLLED
                }
                for n in COUNTS
            },
        },
    }


def _mixture(now: datetime) -> tuple[Registry, list[Event]]:
    """Some hours of the simulator's own ordinary traffic."""
    community = build(7, 3, now=now)
    registry = community.registry
    said = background(community, now, now + timedelta(hours=HOURS), greet=True)
    return registry, [decode(*s.wire(), received_at=s.when, registry=registry) for s in said]


def _busy(now: datetime) -> tuple[Registry, list[Event]]:
    """Events that each meet three rules: a sign of life, a crowd, somebody who stays at the entrance."""
    registry = county(1_000, 20, now)
    cameras = [d for d in registry.devices.values() if d.profile == "camera"]
    reading = CameraObject(track="t", label="person", phase="update", score=0.9, zone="entrance", count=20)
    return registry, [
        Event(id=str(n), device=d.id, estate=d.estate, at=at, received_at=at, reading=reading)
        for n, d in zip(range(EVENTS), cycle(cameras), strict=False)
        if (at := now + timedelta(milliseconds=100 * n))
    ]


def _copies(ruleset: Ruleset, count: int) -> Ruleset:
    """A ruleset of `count` rules: the catalogue over and over, under other names."""
    return Ruleset(
        tuple(
            replace(rule, id=f"{rule.id}-{n}")
            for n, rule in zip(range(count), cycle(ruleset.rules), strict=False)
        )
    )


def _strangers(ruleset: Ruleset, count: int) -> Ruleset:
    """The first ten rules that hear heartbeats, and others that hear what nobody says here."""
    leak: Rule = ruleset.by_code["ENV-001"]
    hear = [r for r in ruleset.rules if r in ruleset.by_type[State.type]][:10]
    more = [replace(leak, id=f"leak-{n}") for n in range(count - len(hear))]
    return Ruleset((*hear, *more))


def _speed(ruleset: Ruleset, registry: Registry, events: list[Event], *, ticks: bool = False) -> float:
    """Events per second of processor time, the best of three."""
    return max(_run(ruleset, registry, events, ticks=ticks) for _ in range(3))


def _run(ruleset: Ruleset, registry: Registry, events: list[Event], *, ticks: bool) -> float:
    engine = Engine(ruleset, registry)
    clock = events[0].received_at
    engine.enrol(registry, clock)
    gc.collect()
    began = time.process_time()
    for event in events:
        if ticks and event.received_at - clock >= timedelta(seconds=1):
            clock = event.received_at
            engine.tick(clock - LATENESS)
        engine.feed(event, event.received_at)
    return len(events) / (time.process_time() - began)


def _cost(ruleset: Ruleset, devices: int, now: datetime) -> float:
    """Microseconds per heartbeat."""
    registry = county(devices, 100, now)
    heard = min(EVENTS, max(devices, JUDGINGS // len(ruleset.rules)))
    events = [
        Event(
            id=str(n),
            device=d.id,
            estate=d.estate,
            at=at,
            received_at=at,
            reading=State(battery=88.0, rssi=-71.0),
        )
        for n, d in zip(range(heard), cycle(registry.devices.values()), strict=False)
        if (at := now + timedelta(milliseconds=n))
    ]
    return round(1e6 / _run(ruleset, registry, events, ticks=False), 2)


def _memory(ruleset: Ruleset, registry: Registry, now: datetime) -> int:
    """Bytes that the engine keeps per quiet device, after its heartbeat has been heard."""
    beats = [
        Event(id="b", device=d.id, estate=d.estate, at=now, received_at=now, reading=State(battery=88.0))
        for d in registry.devices.values()
    ]
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    engine = Engine(ruleset, registry)
    engine.enrol(registry, now)
    for event in beats:
        engine.feed(event, now)
    engine.tick(now + timedelta(seconds=1))
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) // len(registry.devices)
