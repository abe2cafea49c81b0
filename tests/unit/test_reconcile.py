"""The drill's arithmetic: it must notice every way in which the platform can be wrong."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.reconcile import Alarm, Report, compare, percentiles

FIRE: Alarm = ("FIRE-001", "s1", 1)
CALL: Alarm = ("SOS-001", "b1", 1)
ALARMS = st.lists(
    st.tuples(st.sampled_from(["FIRE-001", "SOS-001"]), st.sampled_from("abc"), st.integers(1, 4)), max_size=8
)


def test_what_is_expected_and_raised_is_neither_missed_nor_extra() -> None:
    assert compare([FIRE, CALL], [CALL, FIRE]) == ([], [], [])


def test_each_kind_of_wrong_is_told_apart() -> None:
    assert compare([FIRE], []) == ([FIRE], [], [])
    assert compare([], [FIRE]) == ([], [FIRE], [])
    assert compare([FIRE], [FIRE, FIRE]) == ([], [], [FIRE])


def test_a_wrong_severity_is_a_miss_and_a_duplicate() -> None:
    assert compare([FIRE], [("FIRE-001", "s1", 2)]) == ([FIRE], [], [("FIRE-001", "s1", 2)])


@given(ALARMS, ALARMS)
def test_nothing_escapes_the_comparison(expected: list[Alarm], raised: list[Alarm]) -> None:
    missed, spurious, duplicates = compare(expected, raised)
    assert Counter(expected) - Counter(missed) + Counter(spurious) + Counter(duplicates) == Counter(raised)


@pytest.mark.parametrize(
    "wrong",
    [
        {"missed": (FIRE,)},
        {"spurious": (FIRE,)},
        {"duplicates": (FIRE,)},
        {"unstored": ("d/1",)},
        {"doubled_events": 1},
        {"quarantined": 2},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_report_with_anything_wrong_has_not_passed(wrong: dict[str, object]) -> None:
    clean: dict[str, object] = {
        "published": 1,
        "stored": 1,
        "unstored": (),
        "quarantined": 1,
        "expected_quarantine": 1,
        "expected_alerts": 1,
        "raised": 1,
        "missed": (),
        "spurious": (),
        "duplicates": (),
        "doubled_events": 0,
        "latencies": ((0.0, 1.0),),
        "seconds": 1.0,
    }
    assert Report(**clean).passed  # type: ignore[arg-type]  # the parametrised key decides the type
    assert not Report(**{**clean, **wrong}).passed  # type: ignore[arg-type]


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(n) for n in range(1, 101)]
    wanted = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    assert percentiles(values, wanted) == {"p50": 50.0, "p99": 99.0, "max": 100.0}
    assert percentiles([], {"p50": 0.5}) == {"p50": None}
    assert percentiles([3.0], {"p50": 0.5, "p999": 0.999}) == {"p50": 3.0, "p999": 3.0}
