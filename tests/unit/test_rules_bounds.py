"""The engine's memory stays within the bounds that ADR 015 states, whatever devices say."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta

import pytest

from benchmarks.messages import county
from devices.event import Event
from devices.profiles.access_gate import GatePass
from devices.profiles.camera import CameraObject
from devices.profiles.meter import Meter
from devices.profiles.smoke_sensor import Smoke
from devices.profiles.sos_button import Sos
from devices.reading import Fault, Reading, State
from rules.engine import Engine, MemoryKey
from rules.ruleset import load_catalogue
from rules.window import Memory, encode_memory
from tests.strategies import T0

QUIET = 1024  # bytes that the engine holds per quiet device
QUIET_STORED = 256  # bytes of the same, as stored
LARGEST = 24_000  # bytes stored of one rule about one subject, however much it is told
DEVICES = 400


def test_a_quiet_device_costs_less_than_a_kibibyte() -> None:
    registry = county(DEVICES, 4, T0)
    beats = [
        Event(id="b", device=d.id, estate=d.estate, at=T0, received_at=T0, reading=State(battery=88.0))
        for d in registry.devices.values()
    ]
    stored: dict[MemoryKey, Memory | None] = {}
    rules = load_catalogue()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    engine = Engine(rules, registry)
    engine.enrol(registry, T0)
    for beat in beats:
        stored.update(engine.feed(beat, T0).memory)
    stored.update(engine.tick(T0 + timedelta(seconds=1)).memory)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    kept = sum(len(encode_memory(value)) for value in stored.values() if value is not None)
    names = sum(sys_size(key) for key, value in stored.items() if value is not None)
    assert (after - before - names) / DEVICES <= QUIET
    assert kept / DEVICES <= QUIET_STORED


def sys_size(key: MemoryKey) -> int:
    """What this test itself holds per memory: at most its name."""
    return sum(len(part) for part in key)


@pytest.mark.parametrize(
    ("family", "reading"),
    [
        ("access_gate", GatePass(direction="in", method="face", result="denied")),
        ("smoke_sensor", Smoke(alarm=True)),
        ("sos_button", Sos(action="pressed")),
        (
            "camera",
            CameraObject(track="t", label="person", phase="update", score=0.9, zone="entrance", count=20),
        ),
        ("meter", Meter(medium="water", total=3.0)),
        ("door_contact", Fault(code="tamper", active=True)),
    ],
)
def test_a_device_that_never_stops_talking_fills_nothing(family: str, reading: Reading) -> None:
    registry = county(40, 1, T0)
    device = next((d for d in registry.devices.values() if d.profile == family), None)
    if device is None:  # the county has none of that family: any device will say it
        device = next(iter(registry.devices.values()))
    engine = Engine(load_catalogue(), registry)
    latest = dict(engine.enrol(registry, T0).memory)
    for n in range(1500):
        at = T0 + timedelta(seconds=n * 0.2)
        said = Event(
            id=str(n), device=device.id, estate=device.estate, at=at, received_at=at, reading=reading
        )
        latest.update(engine.feed(said, at).memory)
        if n % 50 == 0:
            latest.update(engine.tick(at - timedelta(seconds=5)).memory)
    sizes = [len(encode_memory(value)) for value in latest.values() if value is not None]
    assert max(sizes) <= LARGEST


def test_objects_that_a_camera_saw_are_forgotten_once_they_are_gone() -> None:
    registry = county(40, 1, T0)
    camera = next(d for d in registry.devices.values() if d.profile == "camera")
    engine = Engine(load_catalogue(), registry)
    latest = dict(engine.enrol(registry, T0).memory)
    for n in range(600):
        at = T0 + timedelta(seconds=n)
        for phase in ("enter", "leave"):
            reading = CameraObject(
                track=f"t{n}",
                label="person",
                phase=phase,
                score=0.9,
                zone="entrance",
            )
            said = Event(
                id=f"{n}{phase}",
                device=camera.id,
                estate=camera.estate,
                at=at,
                received_at=at,
                reading=reading,
            )
            latest.update(engine.feed(said, at).memory)
        latest.update(engine.tick(at - timedelta(seconds=5)).memory)
    latest.update(engine.tick(T0 + timedelta(hours=2)).memory)
    tracks = [key for key, value in latest.items() if value is not None and ":" in key.subject]
    assert tracks == []
