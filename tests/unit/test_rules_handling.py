"""From a signal to the operator's list: each stage's decision, and what it never does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devices.codec import decode
from devices.model import Registry
from rules.alert import Reason, Severity, Signal, Verb
from rules.engine import Engine
from rules.handling.case import Case, Hush, HushKind, Note
from rules.handling.desk import Desk, decode_note, encode_note
from rules.outcome import MemoryKey
from rules.ruleset import load_catalogue
from simulators.storm import storm
from tests.strategies import ESTATE, REGISTRY

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
RULES = {rule.id: rule for rule in load_catalogue().rules}
STORM = storm("e", T0, devices=20, events=1000)
BUILDING = Registry.of(places=STORM.places, devices=STORM.devices)


def signal(
    rule: str = "DEV-002",
    device: str = "e-b1-d1",
    seconds: float = 0,
    verb: Verb = Verb.RAISE,
    **more: object,
) -> Signal:
    """A signal about a device of the building."""
    about = {"severity": RULES[rule].severity, "reason": Reason.CONDITION_MET, **more}
    return Signal(
        verb=verb,
        rule=rule,
        code=RULES[rule].code,
        fingerprint=f"e/{rule}/{device}",
        estate="e",
        place="e-b1",
        subject=device,
        device=device,
        at=T0 + timedelta(seconds=seconds),
        **about,  # type: ignore[arg-type]
    )


def desk(*hushes: Hush, notes: dict[MemoryKey, Note] | None = None) -> Desk:
    """A fresh desk, or one that goes on from notes."""
    made = Desk(RULES, BUILDING, notes or {})
    made.hushes = hushes
    return made


def cases(at: Desk, *signals: Signal) -> list[Case]:
    return at.handle((s, 1) for s in signals)[0]


def hush(kind: HushKind, scope: str = "e-b1", **more: Any) -> Hush:
    return Hush(
        id=7,
        kind=kind,
        scope=scope,
        author="li",
        reason="repairs",
        starts_at=T0,
        ends_at=T0 + timedelta(hours=1),
        **more,
    )


def test_alerts_of_one_hazard_in_one_building_are_one_thing() -> None:
    found = cases(
        desk(), signal("FIRE-001", "e-b1-d1"), signal("FIRE-008", "e-b1-d2"), signal("DEV-002", "e-b1-d3")
    )
    assert [c.group for c in found] == ["e/e-b1/fire", "e/e-b1/fire", "e/e-b1/offline"]


def test_a_power_failure_holds_back_what_follows_from_it_until_it_is_over() -> None:
    at = desk()
    found = cases(
        at, signal("DEV-006", "e-b1-gw"), signal(seconds=9), signal("DEV-006", "e-b1-gw", 99, Verb.CLEAR)
    )
    assert [c.hushed for c in found] == [None, Reason.INHIBITED, None]
    assert found[1].hushed_by == "e/DEV-006/e-b1-gw"
    assert cases(at, signal(seconds=100))[0].hushed is None


@pytest.mark.parametrize("rule", ["SOS-001", "FIRE-001", "CARE-006", "ENV-003"])
def test_what_is_about_life_is_never_held_back(rule: str) -> None:
    at = desk(hush(HushKind.SILENCE), hush(HushKind.MAINTENANCE))
    cases(at, signal("DEV-006", "e-b1-gw"))
    found = cases(at, *(signal(rule, seconds=s) for s in range(20)))
    assert {c.hushed for c in found} == {None}


def test_a_silence_holds_its_scope_codes_and_time_and_says_by_whom() -> None:
    (case,) = cases(desk(hush(HushKind.SILENCE, codes=("DEV-002",))), signal())
    assert (case.hushed, case.hushed_by) == (Reason.SILENCED, "hush:7")
    assert case.trail[0][2]["by"] == "li"
    assert cases(desk(hush(HushKind.SILENCE, codes=("DEV-001",))), signal())[0].hushed is None
    assert cases(desk(hush(HushKind.SILENCE, scope="e-b2")), signal())[0].hushed is None
    assert cases(desk(hush(HushKind.SILENCE)), signal(seconds=3600))[0].hushed is None


def test_life_is_silenced_only_by_an_explicit_word() -> None:
    assert (
        cases(desk(hush(HushKind.SILENCE, life_safety=True)), signal("FIRE-001"))[0].hushed is Reason.SILENCED
    )


def test_a_drill_is_shown_and_marked_and_a_test_is_kept_off_the_list() -> None:
    (case,) = cases(desk(hush(HushKind.DRILL)), signal("FIRE-001"))
    assert (case.drill, case.hushed) == (True, None)
    (case,) = cases(desk(hush(HushKind.TEST, "e-b1-d1", life_safety=True)), signal("FIRE-001"))
    assert (case.drill, case.hushed) == (True, Reason.TEST_MODE)


def test_what_comes_and_goes_is_muted_visibly_and_for_a_while() -> None:
    at = desk()
    found = cases(at, *(signal("DEV-005", seconds=60 * n) for n in range(6)))
    assert [c.hushed for c in found] == [None, None, None, *[Reason.FLAPPING] * 3]
    until = T0 + timedelta(minutes=33)
    assert {c.muted_until for c in found[3:]} == {until}
    assert cases(at, signal("DEV-005", seconds=33 * 60 + 1800))[0].hushed is None


def test_a_second_sensor_raises_the_confidence_and_blocks_nothing() -> None:
    found = cases(
        desk(),
        signal("FIRE-001", "e-b1-d1"),
        signal("FIRE-001", "e-b1-d2", 75),
        signal("FIRE-001", "e-b1-d3", 999),
    )
    assert [c.confidence for c in found] == [0.6, 0.9, 0.6]
    assert [c.hushed for c in found] == [None, None, None]
    assert found[1].trail[-1][1] is Reason.CORROBORATED


def test_a_restart_between_any_two_signals_changes_nothing() -> None:
    told = [
        signal("DEV-006", "e-b1-gw"),
        *(signal("DEV-005", seconds=60 * n) for n in range(6)),
        signal("FIRE-001", "e-b1-d1", 400),
        signal("FIRE-001", "e-b1-d2", 450),
        signal("DEV-006", "e-b1-gw", 500, Verb.CLEAR),
        signal(seconds=501),
    ]
    whole = cases(desk(), *told)
    notes: dict[MemoryKey, Note] = {}
    pieces = []
    for one in told:
        found, changed = desk(notes={k: decode_note(encode_note(n)) for k, n in notes.items()}).handle(
            [(one, 1)]
        )
        pieces += found
        for key, note in changed.items():
            notes.pop(key, None)
            if note is not None:
                notes[key] = note
    assert pieces == whole


def test_notes_are_forgotten() -> None:
    at = desk()
    cases(at, *(signal("DEV-005", f"x{n}", seconds=3600.0 * n) for n in range(50)))
    assert len(at._notes) <= 5


def test_a_storm_is_a_handful_of_things_and_the_call_for_help_among_them() -> None:
    engine = Engine(load_catalogue(), BUILDING)
    engine.enrol(BUILDING, T0)
    at, shown = desk(), set()
    for sending in STORM.timeline:
        one = decode(*sending.wire(), received_at=sending.when, registry=BUILDING)
        outcomes = (engine.tick(sending.when - timedelta(seconds=1)), engine.feed(one, one.received_at))
        for case in cases(at, *(s for o in outcomes for s in o.signals)):
            if case.hushed is None and case.signal.verb is Verb.RAISE:
                shown.add(case.group)
    assert "e/e-b1/help" in shown
    assert len(shown) <= 5
    assert Severity.URGENT in {s.severity for s in [signal("SOS-001")]}


def test_a_place_without_a_building_is_its_own_group() -> None:
    one = signal("SEC-005")
    at = Desk(RULES, REGISTRY, {})
    moved = Signal(
        **{**{f: getattr(one, f) for f in one.__slots__}, "estate": ESTATE, "place": f"{ESTATE}-gate"}
    )
    assert at.handle([(moved, 1)])[0][0].group == f"{ESTATE}/{ESTATE}-gate/access"
