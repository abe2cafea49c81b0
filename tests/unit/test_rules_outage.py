"""Silence with a cause: gateways, buildings, maintenance and devices that are not yet there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from devices.model import Registry
from devices.registry.lifecycle import Lifecycle
from rules.alert import Reason, Verb
from rules.engine import Engine
from rules.handling.desk import Desk
from rules.ruleset import load_catalogue
from tests.unit.test_rules_handling import BUILDING, RULES, STORM, T0, cases, signal


def wired(**gateways: str) -> Registry:
    """The building, with some devices (`d1`) behind gateways (`gw`)."""
    behind = {f"e-b1-{name}": f"e-b1-{gateway}" for name, gateway in gateways.items()}
    devices = [replace(d, gateway=behind.get(d.id)) for d in STORM.devices]
    return Registry.of(places=STORM.places, devices=devices)


def test_a_gateway_holds_the_devices_that_speak_through_it_and_no_others() -> None:
    at = Desk(RULES, wired(d1="gw", d2="d1", d3="d9"), {})
    parent = signal("DEV-007", "e-b1-gw")
    found = cases(
        at,
        parent,
        replace(signal(device="e-b1-d1", seconds=1), place="e"),  # outside the building
        replace(signal(device="e-b1-d2", seconds=2), place="e"),  # through a repeater
        signal(device="e-b1-d3", seconds=3),  # through another gateway
        signal(device="e-b1-d4", seconds=4),  # nobody said through what
    )
    assert [c.hushed for c in found] == [None, *[Reason.INHIBITED] * 2, None, Reason.INHIBITED]
    assert {c.hushed_by for c in found[1:3]} == {parent.fingerprint}
    over = cases(at, signal("DEV-007", "e-b1-gw", 9, Verb.CLEAR), signal(device="e-b1-d1", seconds=10))
    assert over[1].hushed is None


def test_a_power_failure_takes_its_building_whatever_its_devices_speak_through() -> None:
    at = Desk(RULES, wired(d3="d9"), {})
    found = cases(at, signal("DEV-006", "e-b1-gw"), signal(device="e-b1-d3", seconds=3))
    assert found[1].hushed is Reason.INHIBITED


def test_a_ring_of_gateways_is_no_endless_way() -> None:
    registry = wired(d1="d2", d2="d1")
    assert registry.speaks_through("e-b1-d1", "e-b1-d2")
    assert not registry.speaks_through("e-b1-d1", "e-b1-gw")


def test_a_building_that_falls_silent_together_has_one_cause() -> None:
    at = Desk(RULES, BUILDING, {})
    total = BUILDING.watched["e-b1"]
    found = cases(at, *(signal(device=f"e-b1-d{n}", seconds=n) for n in range(20)))
    named = [c for c in found if any(reason is Reason.COMMON_CAUSE for _, reason, _ in c.trail)]
    assert len(named) == 20 - (total + 1) // 2 + 1
    assert named[0].trail[-1][2] == {"building": "e-b1", "silent": 11, "of": total, "within_s": 300.0}
    assert named[0].hushed is None  # the group is one row on the list already


@pytest.mark.parametrize("apart", [timedelta(minutes=6)])
def test_devices_that_fall_silent_one_by_one_have_no_common_cause(apart: timedelta) -> None:
    at = Desk(RULES, BUILDING, {})
    found = cases(at, *(signal(device=f"e-b1-d{n}", seconds=n * apart.total_seconds()) for n in range(20)))
    assert not [c for c in found if c.trail]


def test_a_device_that_came_back_is_not_counted_among_the_silent() -> None:
    at = Desk(RULES, BUILDING, {})
    for n in range(20):
        found = cases(
            at,
            signal(device=f"e-b1-d{n}", seconds=n),
            signal(device=f"e-b1-d{n}", seconds=n + 0.5, verb=Verb.CLEAR),
        )
        assert not found[0].trail


def under(lifecycle: Lifecycle) -> Registry:
    """The building with its first device in that part of its life."""
    devices = [replace(d, lifecycle=lifecycle) if d.id == "e-b1-d1" else d for d in STORM.devices]
    return Registry.of(places=STORM.places, devices=devices)


def test_a_device_under_maintenance_pages_nobody_unless_it_is_about_life() -> None:
    at = Desk(RULES, under(Lifecycle.MAINTENANCE), {})
    found = cases(at, signal(device="e-b1-d1"), signal("FIRE-001", "e-b1-d1"), signal(device="e-b1-d2"))
    assert [c.hushed for c in found] == [Reason.MAINTENANCE, None, None]
    assert found[0].hushed_by == "lifecycle:e-b1-d1"


@pytest.mark.parametrize("state", Lifecycle)
def test_only_of_a_device_that_is_there_does_silence_mean_anything(state: Lifecycle) -> None:
    engine = Engine(load_catalogue(), under(state))
    engine.enrol(under(state), T0)
    said = [s for s in engine.tick(T0 + timedelta(hours=1)).signals if s.device == "e-b1-d1"]
    assert bool(said) is (state in (Lifecycle.ACTIVE, Lifecycle.MAINTENANCE))
    counted = under(state).watched["e-b1"]
    assert counted == len(STORM.devices) - (state is not Lifecycle.ACTIVE)


def test_a_device_counts_from_the_day_it_is_there() -> None:
    engine = Engine(load_catalogue(), under(Lifecycle.PLANNED))
    engine.enrol(under(Lifecycle.PLANNED), T0)
    engine.tick(T0 + timedelta(days=30))
    engine.enrol(under(Lifecycle.ACTIVE), T0 + timedelta(days=30))
    said = engine.tick(T0 + timedelta(days=30, hours=1)).signals
    assert [s.explain["last_seen"] for s in said if s.device == "e-b1-d1"]
