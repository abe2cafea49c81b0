"""Time as rules see it: late, out of order, overdue, away, gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from devices.event import Event, Flag
from devices.model import Registry
from devices.profiles.access_gate import GatePass
from devices.profiles.camera import CameraObject
from devices.profiles.door_contact import Contact
from devices.profiles.smoke_sensor import Smoke
from devices.profiles.sos_button import Sos
from devices.reading import State
from rules.alert import Reason
from rules.engine import EMPTY, Engine, MemoryKey, Outcome
from rules.ruleset import Ruleset, load_catalogue, parse
from rules.window import Memory
from tests.strategies import ESTATE, FLEET, PEOPLE, PLACES, REGISTRY, T0, event

HOUR = 3600.0
LATE = (Flag.LATE,)
DENIED = GatePass(direction="in", method="face", result="denied")


def fresh() -> Engine:
    engine = Engine(load_catalogue(), REGISTRY)
    engine.enrol(REGISTRY, T0)
    return engine


def feed(engine: Engine, *events: Event) -> list[tuple[str, str]]:
    """What was said about it, as (code, verb), without what the devices' silence says."""
    found = []
    for one in events:
        for outcome in (engine.feed(one, one.received_at), engine.tick(one.received_at)):
            found += [(s.code, str(s.verb)) for s in outcome.signals if s.code != "DEV-002"]
    return found


def tick(engine: Engine, seconds: float) -> list[tuple[str, str, float]]:
    outcome = engine.tick(T0 + timedelta(seconds=seconds))
    return [
        (s.subject, str(s.verb), (s.at - T0).total_seconds()) for s in outcome.signals if s.code != "DEV-002"
    ]


def test_a_late_call_for_help_is_raised_with_its_age() -> None:
    one = event("sos-1", 0, Sos(action="pressed"), delay=3 * HOUR, flags=LATE)
    signals = [s for s in fresh().feed(one, one.received_at).signals if s.code == "SOS-001"]
    assert [(s.verb, s.late_by, s.at) for s in signals] == [("raise", timedelta(hours=3), T0)]


def test_a_late_call_for_help_that_was_taken_back_since_is_not_raised() -> None:
    engine = fresh()
    feed(engine, event("sos-1", 60, Sos(action="cancelled")))
    late = event("sos-1", 0, Sos(action="pressed"), delay=3 * HOUR, flags=LATE)
    outcome = engine.feed(late, late.received_at)
    assert not [s for s in outcome.signals if s.code == "SOS-001"]
    assert [s.reason for s in outcome.silences] == [Reason.OUTDATED]


def test_an_older_state_never_flips_the_state() -> None:
    engine = fresh()
    assert feed(engine, event("smoke-1", 10, Smoke(alarm=True))) == [("FIRE-001", "raise")]
    assert feed(engine, event("smoke-1", 5, Smoke(alarm=False))) == []
    assert feed(engine, event("smoke-1", 20, Smoke(alarm=False))) == [("FIRE-001", "clear")]
    assert feed(engine, event("smoke-1", 15, Smoke(alarm=True))) == []
    assert feed(engine, event("smoke-1", 21, Smoke(alarm=True))) == [("FIRE-001", "raise")]


def test_older_smoke_still_counts_for_the_alert_that_stands() -> None:
    engine = fresh()
    feed(engine, event("smoke-1", 10, Smoke(alarm=True)))
    assert feed(engine, event("smoke-1", 5, Smoke(alarm=True))) == [("FIRE-001", "hit")]


def test_late_refusals_raise_nothing_but_are_remembered() -> None:
    engine = fresh()
    late = [event("gate-1", s, DENIED, delay=1200, flags=LATE) for s in range(6)]
    outcomes = [o for e in late for o in (engine.feed(e, e.received_at), engine.tick(e.received_at))]
    assert not [s for o in outcomes for s in o.signals if s.code == "SEC-010"]
    assert outcomes[-1].silences[0].reason is Reason.TOO_OLD
    assert feed(engine, event("gate-1", 20, DENIED)) == [("SEC-010", "raise")]


def test_late_refusals_of_the_past_are_not_raised_by_a_fresh_one() -> None:
    engine = fresh()
    feed(engine, *(event("gate-1", s, DENIED, delay=1200, flags=LATE) for s in range(6)))
    assert feed(engine, event("gate-1", 100, DENIED)) == []


def test_an_older_closing_does_not_end_a_door_that_was_opened_since() -> None:
    engine = fresh()
    feed(engine, event("door-1", 100, Contact(state="open")), event("door-1", 50, Contact(state="closed")))
    assert tick(engine, 400) == [("door-1", "raise", 400)]
    assert feed(engine, event("door-1", 60, Contact(state="closed"))) == []


def test_a_slow_clock_is_no_silence() -> None:
    engine = fresh()
    outcomes = [
        engine.feed(e, e.received_at)
        for e in (event("gate-1", s, State(), delay=400) for s in range(-400, 900, 60))
    ]
    outcomes.append(engine.tick(T0 + timedelta(seconds=900)))
    assert "gate-1" not in {s.subject for o in outcomes for s in o.signals}


def test_a_message_long_on_its_way_ends_the_silence_once() -> None:
    engine = fresh()
    raised = engine.tick(T0 + timedelta(seconds=390)).signals
    delayed = event("gate-1", 100, State(), delay=300)
    cleared = engine.feed(delayed, delayed.received_at).signals
    again = engine.tick(T0 + timedelta(seconds=500)).signals
    told = [(s.subject, str(s.verb)) for s in (*raised, *cleared, *again) if s.subject == "gate-1"]
    assert told == [("gate-1", "raise"), ("gate-1", "clear")]


def test_a_late_low_battery_waits_for_fresh_news() -> None:
    engine = fresh()
    assert feed(engine, event("smoke-1", 0, State(battery=5.0), delay=1200, flags=LATE)) == []
    assert feed(engine, event("smoke-1", 1300, State(battery=5.0))) == [("DEV-001", "raise")]


def test_a_door_that_stands_open_is_news_however_late_its_opening_was_told() -> None:
    engine = fresh()
    late = event("door-1", 0, Contact(state="open"), delay=1200, flags=LATE)
    engine.feed(late, late.received_at)
    assert tick(engine, 1200) == [("door-1", "raise", 300)]


def test_a_door_that_was_open_long_ago_is_history() -> None:
    engine = fresh()
    for late in (
        event("door-1", 0, Contact(state="open"), delay=1200, flags=LATE),
        event("door-1", 400, Contact(state="closed"), delay=800, flags=LATE),
    ):
        assert not [s for s in engine.feed(late, late.received_at).signals if s.code == "SEC-005"]
    assert tick(engine, 2000) == []


def test_a_timer_long_overdue_says_how_late_it_is() -> None:
    engine = fresh()
    feed(engine, event("door-1", 0, Contact(state="open")))
    outcome = engine.tick(T0 + timedelta(seconds=300 + 1800))
    (signal,) = (s for s in outcome.signals if s.code == "SEC-005" and s.reason is Reason.HELD_FOR)
    assert signal.late_by == timedelta(minutes=30)


def test_a_pass_three_hours_ago_is_still_a_pass_three_hours_ago() -> None:
    seen = GatePass(direction="in", method="card", result="granted", person_ref="grandma")
    engine = fresh()
    late = event("gate-1", 20 * HOUR, seen, delay=3 * HOUR, flags=LATE)
    engine.feed(late, late.received_at)
    assert ("grandma", "raise") not in {(n, v) for n, v, _ in tick(engine, 43.9 * HOUR)}
    assert ("grandma", "raise") in {(n, v) for n, v, _ in tick(engine, 44.3 * HOUR)}


def test_a_late_pass_that_leaves_the_person_missing_ends_nothing() -> None:
    seen = GatePass(direction="in", method="card", result="granted", person_ref="grandma")
    engine = fresh()
    assert ("grandma", "raise") in {(n, v) for n, v, _ in tick(engine, 30 * HOUR)}
    old = event("gate-1", 1 * HOUR, seen, delay=29 * HOUR, flags=LATE)
    assert feed(engine, old) == []
    recent = event("gate-1", 28 * HOUR, seen, delay=2 * HOUR, flags=LATE)
    assert feed(engine, recent) == [("CARE-001", "clear")]


def _with_grandma(**changes: object) -> Registry:
    grandma, grandpa = PEOPLE
    return Registry.of(places=PLACES, devices=FLEET, cared=(replace(grandma, **changes), grandpa))  # type: ignore[arg-type]


def test_a_person_declared_away_is_not_missed_and_counts_from_the_return() -> None:
    engine = fresh()
    engine.enrol(_with_grandma(away_until=T0 + timedelta(hours=100)), T0)
    missed = [(n, at) for n, _, at in tick(engine, 130 * HOUR) if n == "grandma"]
    assert len(missed) == 1
    assert 124 * HOUR <= missed[0][1] <= 124.3 * HOUR


def test_declaring_a_missed_person_away_ends_the_alert() -> None:
    engine = fresh()
    tick(engine, 30 * HOUR)
    now = T0 + timedelta(hours=30)
    outcome = engine.enrol(_with_grandma(away_until=T0 + timedelta(hours=100)), now)
    assert [(s.subject, s.verb, s.reason, s.ends) for s in outcome.signals] == [
        ("grandma", "clear", Reason.AWAY, True)
    ]


def test_a_newcomer_is_listened_to_from_now_on_and_the_gone_are_forgotten() -> None:
    engine = Engine(load_catalogue(), REGISTRY)
    first = engine.enrol(REGISTRY, T0)
    armed = {k.subject for k in first.memory if k.rule == "DEV-002"}
    assert armed == {d.id for d in FLEET if d.profile != "sos_button"}
    assert {k.subject for k in first.timers if k.rule == "CARE-001"} == {"grandma", "grandpa"}
    feed(engine, event("smoke-1", 0, Smoke(alarm=True)))
    fewer = Registry.of(places=PLACES, devices=[d for d in FLEET if d.id != "smoke-1"], cared=PEOPLE)
    gone = engine.enrol(fewer, T0)
    assert [(s.code, s.verb, s.reason, s.ends) for s in gone.signals] == [
        ("FIRE-001", "clear", Reason.SUBJECT_GONE, True)
    ]
    assert {(k.rule, k.subject): v for k, v in gone.memory.items()} == {
        ("FIRE-001", "smoke-1"): None,
        ("DEV-002", "smoke-1"): None,
    }
    assert engine.enrol(fewer, T0) is EMPTY


def test_memory_that_fits_no_rule_or_subject_is_forgotten_at_the_next_enrol() -> None:
    saved = _memory_of(event("smoke-1", 0, Smoke(alarm=True)))
    name = next(k for k in saved if k.rule == "FIRE-001")
    strays = {name._replace(rule="OLD-001"): saved[name], name._replace(subject="gone-1"): saved[name]}
    outcome = Engine(load_catalogue(), REGISTRY, strays).enrol(REGISTRY, T0)
    assert {k: v for k, v in outcome.memory.items() if v is None} == dict.fromkeys(strays)


def _memory_of(one: Event) -> dict[MemoryKey, Memory]:
    kept = fresh().feed(one, one.received_at).memory
    return {name: memory for name, memory in kept.items() if memory is not None}


def test_next_due_is_when_the_next_tick_has_something_to_do() -> None:
    engine = fresh()
    due = engine.next_due
    assert due is not None
    assert engine.tick(due - timedelta(microseconds=1)) is EMPTY
    assert engine.tick(due).signals
    assert Engine(load_catalogue(), REGISTRY).next_due is None


def test_subjects_due_at_the_same_moment_speak_in_the_order_of_rule_and_name() -> None:
    outcome = fresh().tick(T0 + timedelta(hours=30))
    spoken = [(s.at, s.code, s.subject) for s in outcome.signals if s.reason is Reason.ABSENT_FOR]
    assert spoken == sorted(spoken)


BRITTLE = """\
rules:
  - code: FIRE-099
    names: {zh: 试验, en: Trial}
    severity: 1
    subject: place
    condition:
      kind: threshold
      when:
        camera.object: 10 / (data.count - 1000) < 1
    roles: [PM]
    sla: {accept: 60s}
"""


def test_a_rule_that_fails_is_named_and_keeps_no_other_from_judging() -> None:
    rules = Ruleset((*parse(BRITTLE, "brittle.yaml"), *load_catalogue().rules))
    engine = Engine(rules, REGISTRY)
    reading = CameraObject(track="1", label="car", phase="enter", score=1.0, count=1000)
    outcome: Outcome = engine.feed(event("cam-1", 0, reading), T0)
    assert [f.rule for f in outcome.failures] == ["FIRE-099"]
    assert {k.rule for k in outcome.memory} == {"DEV-002"}


def test_a_rule_about_a_place_gathers_all_its_devices() -> None:
    text = BRITTLE.replace("10 / (data.count - 1000) < 1", "data.label == 'fire'")
    engine = Engine(Ruleset(parse(text, "place.yaml")), REGISTRY)
    reading = CameraObject(track="1", label="fire", phase="enter", score=1.0)
    (signal,) = engine.feed(event("cam-1", 0, reading), T0).signals
    assert (signal.subject, signal.place, signal.device) == (f"{ESTATE}-gate", f"{ESTATE}-gate", "cam-1")
    assert signal.fingerprint == f"{ESTATE}/FIRE-099/{ESTATE}-gate"


def test_an_event_that_moves_nothing_costs_nothing() -> None:
    engine = fresh()
    feed(engine, event("gate-1", 2, State()))
    assert engine.feed(event("gate-1", 3, State()), T0) is EMPTY


def test_an_uploaded_sighting_from_before_anybody_listened_counts() -> None:
    engine = fresh()
    person = next(iter(REGISTRY.cared))
    seen = GatePass(direction="out", method="face", result="granted", person_ref=person)
    upload = event("gate-1", -23 * HOUR, seen, delay=23 * HOUR, flags=LATE)
    engine.feed(upload, upload.received_at)
    assert [s for s in engine.tick(T0 + timedelta(hours=1)).signals if s.code == "CARE-001"] == []
    missed = engine.tick(T0 + timedelta(hours=1.5)).signals
    assert [s.subject for s in missed if s.code == "CARE-001"] == [person]
