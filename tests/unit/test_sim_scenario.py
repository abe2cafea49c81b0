"""Every scenario says what must come of it, and a drill plays them all."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from simulators.community import build
from simulators.drill import plan_drill
from simulators.scenario import choose, load, stage
from simulators.timeline import seeded

START = datetime(2026, 11, 23, 8, tzinfo=UTC)

EXPECTED = {
    "kitchen-fire": {("FIRE-001", 1): 2, ("FIRE-009", 1): 1},
    "help-pressed": {("SOS-001", 1): 1},
    "help-by-mistake": {("SOS-001", 1): 1, ("SOS-002", 4): 1},
    "elder-unseen": {("CARE-001", 3): 1},
    "door-held-open": {("SEC-005", 3): 1},
    "failed-faces": {("SEC-010", 3): 1},
    "device-dies": {("DEV-002", 4): 1},
    "battery-low": {("DEV-001", 4): 1},
    "smoke-test-button": {},
    "door-two-minutes": {},
    "four-failed-faces": {},
    "courier-loiters": {},
}


def test_the_list_of_scenarios_is_complete() -> None:
    assert set(load()) == set(EXPECTED)


@pytest.mark.parametrize("key", sorted(EXPECTED))
def test_a_scenario_declares_its_truth(key: str) -> None:
    community, script = build(7, 1, now=START), load()[key]
    cast = choose(script, community, "e1", seeded(1), set())
    assert cast is not None
    scene = stage(script, cast, community, START, f"{key}#1")
    assert Counter((e.code, e.severity) for e in scene.expected) == Counter(EXPECTED[key])
    said = {s.key: s.when for s in scene.sendings if s.message}
    for expected in scene.expected:
        if expected.trigger:
            assert expected.due == said[expected.trigger]
    for sending in scene.sendings:
        if sending.message:
            sending.wire()


def test_a_fire_is_confirmed_in_its_own_building() -> None:
    community, script = build(7, 3, now=START), load()["kitchen-fire"]
    for n in range(20):
        cast = choose(script, community, "e2", seeded(n), set())
        assert cast is not None
        assert cast["first"].split("-")[:2] == cast["second"].split("-")[:2]
        assert cast["first"] != cast["second"]


def test_times_that_the_clock_decides() -> None:
    community = build(7, 1, now=START)
    due = {"door-held-open": timedelta(minutes=5), "elder-unseen": timedelta(hours=24)}
    due["device-dies"] = timedelta(minutes=5)  # the camera profile's own limit
    for key, after in due.items():
        cast = choose(load()[key], community, "e1", seeded(2), set())
        assert cast is not None
        (expected,) = stage(load()[key], cast, community, START, key).expected
        assert expected.trigger is None
        assert expected.due == START + after


def test_nobody_is_cast_who_is_taken() -> None:
    community = build(7, 1, now=START)
    everybody = {d.id for d in community.devices}
    assert choose(load()["help-pressed"], community, "e1", seeded(1), everybody) is None


@pytest.mark.parametrize("estates", [1, 3])
def test_a_drill_plays_every_kind(estates: int) -> None:
    plan = plan_drill(7, estates, 30, "none", START)
    assert {s.scenario.key for s in plan.scenes} == set(EXPECTED)


@pytest.mark.parametrize(("estates", "duration"), [(1, 30), (3, 30), (3, 900)])
def test_no_alert_is_expected_twice_or_near_the_end(estates: int, duration: float) -> None:
    plan = plan_drill(7, estates, duration, "all", START)
    assert set(Counter((e.code, e.subject) for e in plan.expected).values()) == {1}
    assert max(e.due for e in plan.expected) <= plan.end - timedelta(hours=1)
    assert max(s.when for s in plan.timeline) < plan.end


def test_a_drill_of_half_a_minute_stays_moderate() -> None:
    plan = plan_drill(7, 3, 30, "all", START)
    assert len(plan.timeline) / 30 < 300
    assert plan.end - plan.start == timedelta(hours=30)


def test_scenes_are_played_at_believable_hours() -> None:
    plan = plan_drill(7, 3, 30, "none", START)
    for scene in plan.scenes:
        hour = (scene.start + timedelta(hours=8)).hour
        assert scene.scenario.hours[0] - 1 <= hour < scene.scenario.hours[1]
