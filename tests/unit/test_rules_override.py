"""Overrides: the most specific scope wins, says where it came from, and judges from then on."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from devices.errors import RuleError
from devices.profiles.door_contact import Contact
from devices.reading import State
from rules.condition import By
from rules.engine import Engine
from rules.geo import Fence, beyond, outside
from rules.override import SHIPPED, Override, Overrides, check
from rules.ruleset import load_catalogue
from rules.schedule import Hours, Schedule, calendar
from rules.subject import named
from tests.strategies import ESTATE, REGISTRY, T0, event

DOOR = load_catalogue().by_code["SEC-005"]
ZONE = ZoneInfo("Asia/Shanghai")


def about(scope: str, value: object, rule: str = "SEC-005", param: str = "after") -> Override:
    return Override(rule=rule, scope=scope, param=param, value=value, author="li", reason="fire door")


def raised(engine: Engine, seconds: float) -> list[float]:
    signals = engine.tick(T0 + timedelta(seconds=seconds)).signals
    return [(s.at - T0).total_seconds() for s in signals if s.code == "SEC-005"]


def test_the_most_specific_scope_wins_and_says_so() -> None:
    subject = named(REGISTRY, By.DEVICE, "door-1")
    assert subject is not None
    chain = [about(ESTATE, "4m"), about(f"{ESTATE}-gate", "3m"), about("door-1", "2m")]
    expected = [("5m", SHIPPED), ("4m", ESTATE), ("3m", f"{ESTATE}-gate"), ("2m", "door-1")]
    for n, (value, scope) in enumerate(expected):
        effective = Overrides.of(chain[:n]).effective(DOOR, REGISTRY, subject)["after"]
        assert (effective.value, effective.scope) == (value, scope)


def test_a_device_is_judged_by_its_own_value_and_others_by_theirs() -> None:
    engine = Engine(load_catalogue(), REGISTRY, overrides=Overrides.of([about("door-1", "2m")]))
    engine.feed(event("door-1", 0, Contact(state="open")), T0)
    assert raised(engine, 121) == [120]


def test_a_predicate_is_overridden_too() -> None:
    wish = Overrides.of([about("smoke-1", 50, "DEV-001", "low"), about("smoke-1", 60, "DEV-001", "enough")])
    engine = Engine(load_catalogue(), REGISTRY, overrides=wish)
    for device in ("smoke-1", "smoke-2"):
        engine.feed(event(device, 0, State(battery=40.0)), T0)
    assert [s.subject for s in engine.tick(T0 + timedelta(seconds=1)).signals if s.code == "DEV-001"] == [
        "smoke-1"
    ]


def test_a_change_takes_hold_of_what_waits_already() -> None:
    engine = Engine(load_catalogue(), REGISTRY)
    engine.feed(event("door-1", 0, Contact(state="open")), T0)
    engine.tick(T0 + timedelta(seconds=10))
    outcome = engine.configure(Overrides.of([about(ESTATE, "2m")]), T0)
    assert [due for key, due in outcome.timers.items() if key.rule == "SEC-005"] == [
        T0 + timedelta(minutes=2)
    ]
    assert raised(engine, 121) == [120]


@pytest.mark.parametrize(
    ("param", "value", "hint"),
    [("after", "soon", "write 30s"), ("after", 5, "such as '5m'"), ("afer", "5m", "known: after")],
)
def test_a_wrong_override_is_refused_with_the_way_to_mend_it(param: str, value: object, hint: str) -> None:
    with pytest.raises(RuleError, match=hint):
        check(DOOR, about(ESTATE, value, param=param))


def test_armed_hours_know_nights_holidays_and_working_weekends() -> None:
    night, whole = (Hours(datetime.min.time().replace(hour=22), datetime.min.time().replace(hour=6)),), ()
    plan = Schedule(
        grid={"workday": night, "holiday": whole, "daily": night}, zone=ZONE, calendar=calendar("cn")
    )
    at = [datetime(2026, 3, 2, h, tzinfo=ZONE) for h in (23, 5, 12)]
    assert [plan.armed(t) for t in at] == [True, True, False]
    assert not plan.armed(datetime(2026, 10, 3, 23, tzinfo=ZONE))  # the national holiday
    assert (
        calendar("cn").kinds(datetime(2026, 10, 10, tzinfo=ZONE).date())[0] == "workday"
    )  # a Saturday worked
    assert plan.opens(datetime(2026, 3, 2, 12, tzinfo=ZONE)) == datetime(2026, 3, 2, 22, tzinfo=ZONE)


def test_a_fence_is_a_circle_or_a_polygon_with_a_margin() -> None:
    circle = Fence(centre=(30.98, 104.28), radius=300)
    assert not outside(circle, (30.9825, 104.28))
    assert outside(circle, (30.99, 104.28))
    assert not outside(circle, (30.983, 104.28), accuracy=100)
    square = Fence(corners=((30.0, 104.0), (30.01, 104.0), (30.01, 104.01), (30.0, 104.01)))
    assert beyond(square, (30.005, 104.005)) == 0
    assert 1100 < beyond(square, (30.02, 104.005)) < 1120
    with pytest.raises(ValueError, match="circle"):
        Fence(centre=(0.0, 0.0))


def test_armed_hours_are_a_parameter_and_each_device_is_judged_by_its_own() -> None:
    """The week grid of the console writes what is checked here."""
    fence = load_catalogue().by_code["SEC-007"]
    assert fence.params["armed"] == {"daily": ["22:00-06:00"]}
    days = {"workday": ["09:00-17:00"], "weekend": [], "holiday": ["00:00-24:00"]}
    check(fence, about("gate-1", days, "SEC-007", "armed"))
    for wrong, problem in (
        ({"sunday": ["09:00-17:00"]}, "unknown day"),
        ({"daily": ["9 to 5"]}, "no span of hours"),
        (["22:00-06:00"], "is a dict"),
        ({"daily": "22:00-06:00"}, "array"),
    ):
        with pytest.raises(RuleError, match=problem):
            check(fence, about("gate-1", wrong, "SEC-007", "armed"))


def test_what_a_scope_inherits_is_what_the_others_say() -> None:
    subject = named(REGISTRY, By.DEVICE, "door-1")
    assert subject is not None
    chain = Overrides.of([about(ESTATE, "4m"), about("door-1", "2m")])
    inherited = chain.beyond("door-1").effective(DOOR, REGISTRY, subject)["after"]
    assert (inherited.value, inherited.scope) == ("4m", ESTATE)
    assert chain.beyond(ESTATE).effective(DOOR, REGISTRY, subject)["after"].value == "2m"
