"""Roll-outs decide purely; batteries, uptime and common causes are plain arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from devices.registry.configuration import config_hash
from devices.registry.health import Down, battery_trend, find_causes, uptime
from devices.registry.models import MODELS, model_of
from devices.registry.rollout import Step, decide, share_out

UP = True
T0 = datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@given(st.integers(1, 200), st.sampled_from([[5, 50, 100], [1, 100], [100], [10, 20, 30, 100]]))
def test_every_device_has_one_stage_and_stages_grow(count: int, stages: list[int]) -> None:
    plan = share_out([f"d{n}" for n in range(count)], stages)
    assert len(plan) == count
    assert list(plan.values()) == sorted(plan.values())
    assert min(plan.values()) == 0


def test_a_rollout_waits_goes_on_stops_and_ends() -> None:
    def step(statuses: dict[str, tuple[int, str]], stage: int = 0, waited: float = 1) -> Step:
        return decide(stage, 1, statuses, max_failed=1, waited_s=waited, wait_s=60).step

    assert step({"a": (0, "pending"), "b": (1, "waiting")}) is Step.WAIT
    assert step({"a": (0, "pending"), "b": (1, "waiting")}, waited=61) is Step.STOP
    assert step({"a": (0, "applied"), "b": (1, "waiting")}) is Step.NEXT
    assert step({"a": (0, "failed"), "b": (1, "waiting")}) is Step.NEXT
    assert step({"a": (0, "failed"), "b": (0, "failed"), "c": (1, "waiting")}) is Step.STOP
    assert step({"a": (0, "applied"), "b": (1, "applied")}, stage=1) is Step.DONE


def test_a_battery_ends_where_its_line_meets_zero() -> None:
    falling = [(T0 + n * DAY, 90.0 - 2 * n) for n in range(10)]
    trend = battery_trend(falling)
    assert trend is not None
    assert round(trend.per_day, 6) == -2
    assert trend.empty_on == T0 + 45 * DAY
    changed = [(T0 - n * DAY, 10.0 + n) for n in range(20, 0, -1)] + falling
    assert battery_trend(changed) == trend
    assert battery_trend(falling[:1]) is None
    steady = battery_trend([(T0 + n * DAY, 80.0) for n in range(5)])
    assert steady is not None
    assert steady.empty_on is None


def test_uptime_counts_known_time_only() -> None:
    hours = [T0 + timedelta(hours=n) for n in range(11)]
    assert uptime([(hours[5], False)], UP, hours[0], hours[10]) == 0.5
    assert uptime([(hours[5], True)], None, hours[0], hours[10]) == 1.0
    assert uptime([], None, hours[0], hours[10]) is None
    assert uptime([(hours[2], False), (hours[4], True)], UP, hours[0], hours[10]) == 0.8


def test_a_gateway_holds_its_children_and_a_building_is_one_cause() -> None:
    down = [
        Down("gw", T0, None, "B1"),
        Down("kid", T0, "gw", "B1"),
        *(Down(f"b{n}", T0 + timedelta(minutes=n), None, "B2") for n in range(4)),
        Down("other", T0 - DAY, None, "B2"),
        Down("lone", T0, None, "B3"),
    ]
    causes = find_causes(down, {"gw": ["kid", "kid2"]}, {"B1": 3, "B2": 6, "B3": 9})
    assert [(c.kind, c.ref, c.offline, c.of, c.held) for c in causes] == [
        ("gateway", "gw", 1, 2, ("kid", "kid2")),
        ("place", "B2", 4, 6, ("b0", "b1", "b2", "b3")),
    ]


def test_models_are_found_by_make_and_fall_back_to_their_family() -> None:
    assert model_of("smoke_sensor", "Aqara", "JY-GZ-01AQ").make == "Aqara"
    assert model_of("smoke_sensor", "Nobody", None).make == "*"
    for model in MODELS:
        assert {"self_test", "reboot"} <= {command.name for command in model.commands}
        assert all("title" in each and "x-title-en" in each for each in model.schema["properties"].values())


def test_a_fingerprint_ignores_the_order_of_keys() -> None:
    assert config_hash({"a": 1, "b": 2}) == config_hash({"b": 2, "a": 1}) != config_hash({"a": 1})
