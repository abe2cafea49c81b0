"""What others see makes an alert more certain, and never holds one back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from devices.model import Place, PlaceKind, Registry
from rules.alert import Reason, Severity, Signal, Verb
from rules.handling.case import SINGLE, Case
from rules.handling.desk import Desk
from rules.ruleset import load_catalogue

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
RULES = {rule.id: rule for rule in load_catalogue().rules}
PLACES = Registry.of(
    places=[
        Place(code="e", kind=PlaceKind.ESTATE, name_zh="苑", name_en="Estate", path=("e",)),
        *(
            Place(
                code=f"b{n}", kind=PlaceKind.BUILDING, name_zh="栋", name_en="Building", path=("e", f"b{n}")
            )
            for n in (1, 2)
        ),
        Place(code="room", kind=PlaceKind.ROOM, name_zh="室", name_en="Room", path=("e", "b1", "room")),
    ]
)


def said(rule: str, device: str, place: str, seconds: float = 0) -> Signal:
    return Signal(
        verb=Verb.RAISE,
        rule=rule,
        code=RULES[rule].code,
        severity=Severity(1),
        fingerprint=f"e/{rule}/{device}",
        estate="e",
        place=place,
        subject=device,
        device=device,
        at=T0 + timedelta(seconds=seconds),
        reason=Reason.CONDITION_MET,
    )


def handled(*signals: Signal) -> list[Case]:
    return Desk(RULES, PLACES, {}).handle((s, 1) for s in signals)[0]


def test_a_camera_of_the_building_confirms_its_smoke_sensor() -> None:
    first, second = handled(said("FIRE-001", "smoke", "room"), said("FIRE-008", "cam", "b1", 60))
    assert (first.confidence, second.confidence) == (SINGLE, 0.9)
    assert second.trail[-1][1] is Reason.CORROBORATED
    assert second.group == first.group  # the database raises every open alert of the group


def test_a_camera_over_the_yard_supports_the_building_that_burns_and_no_other() -> None:
    smoke, water, yard = handled(
        said("FIRE-001", "smoke", "room"), said("SOS-001", "sos", "b2"), said("FIRE-008", "yard-cam", "e", 60)
    )
    assert dict(yard.supports) == {smoke.group: 0.9}
    assert yard.trail[-1][2]["devices"] == ["smoke", "yard-cam"]
    assert water.confidence == SINGLE


def test_what_the_yard_camera_saw_first_counts_for_the_sensor_that_follows() -> None:
    _, smoke = handled(said("FIRE-008", "yard-cam", "e"), said("FIRE-001", "smoke", "room", 100))
    assert smoke.confidence == 0.9


@pytest.mark.parametrize(
    ("device", "place", "seconds"), [("cam", "b1", 181), ("smoke", "room", 60), ("other", "b2", 60)]
)
def test_too_late_the_same_device_or_another_building_confirms_nothing(
    device: str, place: str, seconds: float
) -> None:
    _, second = handled(said("FIRE-001", "smoke", "room"), said("FIRE-001", device, place, seconds))
    assert second.confidence == SINGLE


def test_whatever_others_say_or_do_not_say_a_fire_is_shown_at_once() -> None:
    for case in handled(
        said("FIRE-001", "smoke", "room"),
        said("FIRE-008", "yard-cam", "e", 1),
        said("FIRE-001", "far", "b2", 500),
    ):
        assert case.hushed is None


def test_a_fall_that_a_camera_saw_confirms_the_call_for_help() -> None:
    _, call = handled(said("CARE-006", "cam", "b1"), said("SOS-001", "sos", "room", 30))
    assert call.confidence == 0.9
