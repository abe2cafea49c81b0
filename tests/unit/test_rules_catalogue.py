"""Each shipped rule: what raises it, what does not, and what ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from devices.event import Event, Flag
from devices.profiles.access_gate import GateDoor, GatePass
from devices.profiles.door_contact import Contact
from devices.profiles.smoke_sensor import Smoke
from devices.profiles.sos_button import Sos
from devices.reading import Availability, Fault, Reading, State
from rules.alert import Reason, Severity, Signal, Verb
from rules.engine import Engine
from rules.ruleset import load_catalogue
from tests.strategies import ESTATE, REGISTRY, T0, event

HOUR = 3600.0
DENIED = GatePass(direction="in", method="face", result="denied")


def play(*events: Event, until: float | None = None, code: str = "") -> list[Signal]:
    """Feed the events in order of arrival, then let time pass; the signals of one code."""
    engine = Engine(load_catalogue(), REGISTRY)
    engine.enrol(REGISTRY, T0)
    signals: list[Signal] = []
    for one in events:
        signals.extend(engine.feed(one, one.received_at).signals)
        signals.extend(engine.tick(one.received_at).signals)
    if until is not None:
        signals.extend(engine.tick(T0 + timedelta(seconds=until)).signals)
    return [s for s in signals if s.code == code or not code]


def said(signals: list[Signal]) -> list[tuple[str, float]]:
    """What was said, and when in event time."""
    return [(s.verb, (s.at - T0).total_seconds()) for s in signals]


def test_smoke_raises_the_most_urgent_alert_with_its_evidence() -> None:
    (signal,) = play(event("smoke-1", 5, Smoke(alarm=True, density=3.0), name="m1"), code="FIRE-001")
    assert (signal.verb, signal.severity, signal.reason) == (
        Verb.RAISE,
        Severity.URGENT,
        Reason.CONDITION_MET,
    )
    assert signal.fingerprint == f"{ESTATE}/FIRE-001/smoke-1"
    assert (signal.device, signal.place) == ("smoke-1", f"{ESTATE}-gate")
    assert [e.id for e in signal.evidence] == ["m1"]
    assert signal.explain == {"data": {"alarm": True, "density": 3.0, "test": False}}
    assert signal.late_by is None


def test_a_press_of_the_test_button_is_no_fire() -> None:
    assert not play(event("smoke-1", 5, Smoke(alarm=True, test=True)), code="FIRE-001")


def test_further_smoke_within_a_minute_only_counts_and_later_smoke_comes_back() -> None:
    signals = play(*(event("smoke-1", s, Smoke(alarm=True)) for s in (0, 30, 59, 60, 70)), code="FIRE-001")
    assert said(signals) == [("raise", 0), ("hit", 30), ("hit", 59), ("raise", 60), ("hit", 70)]
    assert signals[3].reason is Reason.REPEAT_INTERVAL


def test_smoke_that_is_gone_is_noted_but_a_human_closes_the_alert() -> None:
    signals = play(
        event("smoke-1", 0, Smoke(alarm=True)), event("smoke-1", 9, Smoke(alarm=False)), code="FIRE-001"
    )
    assert said(signals) == [("raise", 0), ("clear", 9)]
    assert not signals[1].ends


def test_two_sensors_are_two_alerts() -> None:
    signals = play(event("smoke-1", 0, Smoke(alarm=True)), event("smoke-2", 1, Smoke(alarm=True)))
    assert {s.subject for s in signals if s.code == "FIRE-001"} == {"smoke-1", "smoke-2"}


def test_two_sensors_of_one_building_are_a_third_alert_that_needs_no_confirmation() -> None:
    signals = play(
        event("smoke-1", 0, Smoke(alarm=True)), event("smoke-2", 1, Smoke(alarm=True)), code="FIRE-009"
    )
    assert said(signals) == [("raise", 1)]
    assert signals[0].explain["distinct"] == 2
    assert "119" in load_catalogue().by_code["FIRE-009"].roles


def test_a_clock_that_is_wrong_again_and_again_is_told_once() -> None:
    ahead = [event("gate-1", 3600 + 60 * n, State(), delay=-3600, flags=(Flag.AHEAD,)) for n in range(5)]
    signals = play(*ahead, code="DEV-009", until=600)
    assert [s.verb for s in signals if s.verb != "hit"] == ["raise"]
    assert signals[0].subject == "gate-1"


def test_a_call_for_help_is_raised_and_taking_it_back_does_not_end_it() -> None:
    signals = play(
        event("sos-1", 0, Sos(action="pressed")), event("sos-1", 12, Sos(action="cancelled")), code="SOS-001"
    )
    assert said(signals) == [("raise", 0), ("clear", 12)]
    assert signals[0].severity is Severity.URGENT
    assert not signals[1].ends


def test_taking_back_a_call_that_nobody_made_says_nothing() -> None:
    assert not play(event("sos-1", 0, Sos(action="cancelled")), code="SOS-001")


@pytest.mark.parametrize(
    ("device", "opened", "closed"),
    [
        ("gate-1", GateDoor(state="open"), GateDoor(state="closed")),
        ("gate-1", GateDoor(state="forced"), GateDoor(state="closed")),
        ("door-1", Contact(state="open"), Contact(state="closed")),
    ],
)
def test_a_door_open_for_five_minutes_is_reported_until_it_closes(
    device: str, opened: Reading, closed: Reading
) -> None:
    start, end = event(device, 0, opened), event(device, 360, closed)
    assert said(play(start, end, code="SEC-005")) == [("raise", 300), ("clear", 360)]
    assert said(play(start, until=300, code="SEC-005")) == [("raise", 300)]
    assert not play(start, until=299, code="SEC-005")
    (raised, cleared) = play(start, end, code="SEC-005")
    assert raised.reason is Reason.HELD_FOR
    assert raised.evidence[0].id == start.id
    assert cleared.ends


def test_a_door_that_closes_in_time_is_nobodys_business() -> None:
    events = [event("door-1", s, Contact(state=x)) for s, x in ((0, "open"), (299, "closed"), (300, "open"))]  # type: ignore[arg-type]
    assert not play(*events, until=590, code="SEC-005")


def test_five_refusals_in_a_minute_at_one_gate_are_reported_once() -> None:
    signals = play(*(event("gate-1", s, DENIED) for s in (0, 10, 20, 30, 60, 61)), code="SEC-010")
    assert said(signals) == [("raise", 60), ("hit", 61)]
    assert len(signals[0].evidence) == 5
    assert signals[0].explain["count"] == 5


@pytest.mark.parametrize("seconds", [(0, 10, 20, 30), (0, 16, 32, 48, 64, 80, 96)])
def test_fewer_or_slower_refusals_are_not(seconds: tuple[float, ...]) -> None:
    assert not play(*(event("gate-1", s, DENIED) for s in seconds), code="SEC-010")


def test_refusals_at_two_gates_do_not_add_up() -> None:
    events = [event(f"gate-{1 + s % 2}", s, DENIED) for s in range(8)]
    assert not play(*events, code="SEC-010")


def test_ten_quiet_minutes_end_the_refusals_even_if_nobody_looked() -> None:
    burst = [event("gate-1", s, DENIED) for s in range(5)]
    assert said(play(*burst, until=605, code="SEC-010")) == [("raise", 4), ("clear", 604)]
    later = [event("gate-1", 1000 + s, DENIED) for s in range(5)]
    assert said(play(*burst, *later, code="SEC-010")) == [("raise", 4), ("clear", 604), ("raise", 1004)]


def test_refusals_count_by_their_own_time_in_whatever_order_they_come() -> None:
    events = [event("gate-1", s, DENIED) for s in (0, 20, 70, 10, 30)]
    assert not play(*events[:4], code="SEC-010")
    assert play(*events, code="SEC-010") == []
    fifth = event("gate-1", 60, DENIED)
    assert said(play(*events, fifth, code="SEC-010")) == [("raise", 60)]


@pytest.mark.parametrize(
    ("low", "fine"),
    [
        (State(battery=10.0), State(battery=16.0)),
        (Fault(code="low_battery", active=True), Fault(code="low_battery", active=False)),
        (Fault(code="low_battery", active=True), State(battery=80.0)),
    ],
)
def test_a_low_battery_is_reported_once_a_day_until_it_is_charged(low: Reading, fine: Reading) -> None:
    events = [event("smoke-1", h * HOUR, low) for h in (0, 8, 16, 24)]
    signals = play(*events, event("smoke-1", 25 * HOUR, fine), code="DEV-001")
    assert [s.verb for s in signals] == ["raise", "hit", "hit", "raise", "clear"]
    assert signals[0].severity is Severity.NOTICE
    assert signals[-1].ends


def test_a_battery_between_the_limits_changes_nothing() -> None:
    levels = (11.0, 10.0, 14.0, 15.0)
    signals = play(*(event("smoke-1", i, State(battery=x)) for i, x in enumerate(levels)), code="DEV-001")
    assert said(signals) == [("raise", 1)]


def test_another_fault_is_no_low_battery() -> None:
    assert not play(event("smoke-1", 0, Fault(code="tamper", active=True)), code="DEV-001")


def test_a_silent_device_is_reported_and_speaking_again_ends_it() -> None:
    signals = [
        s for s in play(event("gate-1", 600, State()), until=600, code="DEV-002") if s.subject == "gate-1"
    ]
    assert [s.verb for s in signals] == ["raise", "clear"]
    assert 180 <= (signals[0].at - T0).total_seconds() <= 181.8
    assert signals[0].severity is Severity.NOTICE
    assert signals[1].reason is Reason.SEEN_AGAIN


def test_the_silence_of_a_safety_device_weighs_more() -> None:
    signals = play(until=25 * HOUR, code="DEV-002")
    by_subject = {s.subject: s.severity for s in signals}
    assert by_subject["smoke-1"] is Severity.GENERAL
    assert "sos-1" not in by_subject  # its silence is SOS-004
    assert by_subject["cam-1"] is Severity.NOTICE


def test_the_brokers_greeting_is_a_sign_of_life_and_the_last_will_is_not() -> None:
    online = [event("gate-1", s, Availability(online=True)) for s in range(0, 900, 120)]
    offline = [event("gate-1", s, Availability(online=False)) for s in range(0, 900, 120)]
    assert "gate-1" not in {s.subject for s in play(*online, until=900, code="DEV-002")}
    assert "gate-1" in {s.subject for s in play(*offline, until=900, code="DEV-002")}


def _seen(hours: float, person: str = "grandma", result: str = "granted", **more: object) -> Event:
    reading = GatePass(direction="out", method="face", result=result, person_ref=person)  # type: ignore[arg-type]
    return event("gate-1", hours * HOUR, reading, **more)  # type: ignore[arg-type]


def test_a_person_not_seen_weighs_more_by_the_day() -> None:
    signals = [s for s in play(_seen(1), until=80 * HOUR, code="CARE-001") if s.subject == "grandma"]
    assert [(s.verb, s.severity) for s in signals] == [("raise", 3), ("raise", 2), ("raise", 1)]
    for signal, day in zip(signals, (1, 2, 3), strict=True):
        late = (signal.at - T0) - timedelta(hours=1 + 24 * day)
        assert timedelta(0) <= late <= timedelta(hours=24) / 100
    assert len({s.fingerprint for s in signals}) == 1


def test_being_seen_ends_it_and_the_days_count_anew() -> None:
    signals = [
        s for s in play(_seen(1), _seen(50), until=80 * HOUR, code="CARE-001") if s.subject == "grandma"
    ]
    assert [(s.verb, s.severity) for s in signals] == [("raise", 3), ("raise", 2), ("clear", 3), ("raise", 3)]
    assert signals[2].ends


@pytest.mark.parametrize(
    "other", [_seen(20, result="denied"), _seen(20, person="courier"), _seen(20, person="grandpa")]
)
def test_only_a_granted_pass_of_the_person_counts(other: Event) -> None:
    signals = [s for s in play(_seen(1), other, until=26 * HOUR, code="CARE-001") if s.subject == "grandma"]
    assert [s.severity for s in signals] == [3]


def test_a_retained_message_says_nothing_and_is_no_sign_of_life() -> None:
    engine = Engine(load_catalogue(), REGISTRY)
    engine.enrol(REGISTRY, T0)
    outcome = engine.feed(event("smoke-1", 0, Smoke(alarm=True), flags=(Flag.RETAINED,)), T0)
    assert not outcome.signals
    assert not outcome.memory
    assert {(s.rule, s.reason) for s in outcome.silences} == {
        ("FIRE-001", Reason.RETAINED),
        ("FIRE-009", Reason.RETAINED),
        ("DEV-002", Reason.RETAINED),
    }
    kept = [event("gate-1", s, State(), flags=(Flag.RETAINED,)) for s in range(0, 900, 60)]
    assert "gate-1" in {s.subject for s in play(*kept, until=900, code="DEV-002")}
