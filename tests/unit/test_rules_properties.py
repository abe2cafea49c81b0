"""Properties of the whole engine: order of arrival, one open alert, replay, restart at every step."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.event import Event
from devices.profiles.access_gate import GateDoor, GatePass
from devices.profiles.camera import CameraObject
from devices.profiles.door_contact import Contact
from devices.profiles.smoke_sensor import Smoke
from devices.profiles.sos_button import Sos
from devices.reading import Reading, State
from rules.alert import Signal, Verb
from rules.engine import Engine, MemoryKey, Outcome
from rules.handling.desk import Desk
from rules.ruleset import load_catalogue
from rules.window import Memory, decode_memory, encode_memory
from tests.strategies import REGISTRY, T0, event, lively, streams

PATIENTLY = settings(deadline=None)
LATENESS = 5.0  # seconds within which messages may overtake each other
RULES = {rule.id: rule for rule in load_catalogue().rules}


def seen(phase: str, track: str = "t1", zone: str = "entrance", label: str = "person") -> CameraObject:
    return CameraObject(track=track, label=label, phase=phase, score=0.9, zone=zone)  # type: ignore[arg-type]


def passed(result: str, direction: str = "in") -> GatePass:
    return GatePass(direction=direction, method="face", result=result)  # type: ignore[arg-type]


def day(seed: int) -> list[Event]:
    """An hour in which every kind of waiting happens, met and unmet, messages close together."""
    rng = Random(seed)  # noqa: S311 - no secret
    told: list[tuple[float, str, Reading]] = []
    for start in (0.0, 900.0, 1800.0):
        hold = rng.choice([298.0, 299.0, 301.0, 302.0, 360.0])
        told += [(start, "door-1", Contact(state="open")), (start + hold, "door-1", Contact(state="closed"))]
        told += [
            (start + hold + 1, "door-1", Contact(state="open")),
            (start + hold + 2, "door-1", Contact(state="closed")),
        ]
        told += [
            (start + s, "gate-1", passed("denied")) for s in rng.sample(range(80), rng.choice([4, 5, 6]))
        ]
        told += [(start + 400, "sos-1", Sos(action="pressed"))]
        told += [(start + 400 + rng.choice([3, 14, 16]), "sos-1", Sos(action="cancelled"))]
        told += [
            (start + 500, "cam-1", seen("enter")),
            (start + 500 + rng.choice([200, 301]), "cam-1", seen("leave")),
        ]
        told += [(start + 600, "gate-1", passed("granted"))]
        told += [
            (start + 600 + s, "cam-1", seen("enter", f"p{s}", "gate-line"))
            for s in rng.sample([1, 2, 3], rng.choice([1, 2]))
        ]
        told += [
            (start + 700, "gate-1", GateDoor(state="open")),
            (start + 703, "gate-1", GateDoor(state="closed")),
        ]
        told += [(start + 750, "smoke-1", Smoke(alarm=True)), (start + 752, "smoke-1", Smoke(alarm=False))]
        told += [(start + 760, "smoke-2", State(battery=9.0)), (start + 763, "smoke-2", State(battery=80.0))]
    return [
        event(device, at, reading, name=f"n{n}")
        for n, (at, device, reading) in enumerate(sorted(told, key=lambda x: x[0]))
    ]


def arrivals(events: list[Event], rng: Random) -> list[Event]:
    """The same events, each up to the lateness bound late: so they overtake each other."""
    late = [
        msgspec.structs.replace(e, received_at=e.at + timedelta(seconds=rng.uniform(0, LATENESS)))
        for e in events
    ]
    return sorted(late, key=lambda e: e.received_at)


def judged(events: list[Event], *, every: float = 1.0) -> list[Signal]:
    """Feed in order of arrival; the watermark follows, the lateness bound behind."""
    engine = Engine(load_catalogue(), REGISTRY)
    signals = list(engine.enrol(REGISTRY, T0).signals)
    clock = T0
    for one in events:
        while clock + timedelta(seconds=every) <= one.received_at:
            clock += timedelta(seconds=every) * _idle(engine, clock, one, every)
            signals += engine.tick(clock - timedelta(seconds=LATENESS)).signals
        signals += engine.feed(one, one.received_at).signals
    signals += engine.tick(T0 + timedelta(hours=2)).signals
    return signals


def _idle(engine: Engine, clock: datetime, one: Event, every: float) -> int:
    """How many ticks ahead the first one lies that has something to do, or the last before the event."""
    until = one.received_at
    if engine.next_due is not None:
        until = min(until, engine.next_due + timedelta(seconds=LATENESS))
    return max(1, int((until - clock) / timedelta(seconds=every)))


def alerts(signals: list[Signal]) -> list[tuple[str, str, str, int]]:
    """What operators would see: raises and ends by their own time, reminders and silence of devices aside."""
    kept = [
        s for s in signals if s.verb is not Verb.HIT and s.reason != "repeat_interval" and s.code != "DEV-002"
    ]
    return sorted((s.at.isoformat(), s.fingerprint, str(s.verb), int(s.severity)) for s in kept)


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_arrival_within_the_lateness_bound_yields_the_same_alerts(seed: int) -> None:
    events = day(seed)
    told = alerts(judged(events))
    assert {f.split("/")[1] for _, f, _, _ in told} >= {"SOS-001", "FIRE-001", "DEV-001"}
    for shuffle in range(8):
        rng = Random(seed * 100 + shuffle)  # noqa: S311
        assert alerts(judged(arrivals(events, rng), every=rng.choice([0.5, 1.0, 3.0]))) == told


class Saved:
    """What a database would have kept of an engine."""

    def __init__(self) -> None:
        self.memory: dict[MemoryKey, bytes] = {}
        self.signals: list[Signal] = []

    def keep(self, outcome: Outcome) -> None:
        """Save what the outcome says."""
        self.signals += outcome.signals
        for key, value in outcome.memory.items():
            self.memory.pop(key, None)
            if value is not None:
                self.memory[key] = encode_memory(value)

    def engine(self) -> Engine:
        """A new process, from what was saved."""
        memory: dict[MemoryKey, Memory] = {k: decode_memory(v) for k, v in self.memory.items()}
        made = Engine(load_catalogue(), REGISTRY, memory)
        self.keep(made.enrol(REGISTRY, T0))
        return made


@pytest.mark.parametrize("seed", range(3))
def test_a_restart_after_every_single_step_changes_nothing(seed: int) -> None:
    saved, events = Saved(), day(seed)
    for one in events:
        saved.keep(saved.engine().tick(one.received_at - timedelta(seconds=LATENESS)))
        saved.keep(saved.engine().feed(one, one.received_at))
    saved.keep(saved.engine().tick(T0 + timedelta(hours=2)))
    assert alerts(saved.signals) == alerts(judged(events))


@PATIENTLY
@given(streams())
def test_at_most_one_alert_is_open_per_fingerprint_and_no_end_precedes_its_beginning(
    events: list[Event],
) -> None:
    standing: dict[str, int] = {}
    for signal in judged(events):
        if signal.verb is Verb.RAISE:
            again = signal.fingerprint in standing
            assert (
                not again
                or signal.reason == "repeat_interval"
                or signal.severity <= standing[signal.fingerprint]
            )
            standing[signal.fingerprint] = signal.severity
        elif signal.verb is Verb.CLEAR:
            assert standing.pop(signal.fingerprint, None) is not None
        else:
            assert signal.fingerprint in standing


@pytest.mark.parametrize("seed", range(3))
def test_replaying_a_stored_day_gives_a_byte_identical_log(seed: int) -> None:
    def log() -> bytes:
        desk = Desk(RULES, REGISTRY, {})
        stored = [msgspec.json.encode(s) for s in judged(arrivals(day(seed), Random(seed)))]  # noqa: S311
        cases, _ = desk.handle((s, 1) for s in judged(arrivals(day(seed), Random(seed))))  # noqa: S311
        return b"\n".join([*stored, *(repr(c).encode() for c in cases)])

    assert log() == log()


@PATIENTLY
@given(st.data())
def test_memory_per_subject_is_bounded_whatever_is_said(data: st.DataObject) -> None:
    engine = Engine(load_catalogue(), REGISTRY)
    engine.enrol(REGISTRY, T0)
    reading = data.draw(lively("access_gate"))
    for n in range(300):
        engine.feed(event("gate-1", n * 0.5, reading, name=f"x{n}"), T0)
        if n % 20 == 0:
            engine.tick(T0 + timedelta(seconds=n * 0.5 - LATENESS))
    sizes = [
        len(encode_memory(s.memory)) for t in engine._ranked for s in t.slots.values() if s.memory is not None
    ]
    assert max(sizes) <= 24_000
