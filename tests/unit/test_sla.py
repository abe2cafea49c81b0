"""Promises: exact over pauses and working calendars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.sla import (
    AMBER,
    DEFAULTS,
    LEVELS,
    RED,
    SUPERVISE,
    Clock,
    Promise,
    Time,
    add,
    between,
    day_length,
    due,
    extended,
    paused,
    promised,
    reached,
    resumed,
    used,
    work_hours,
)

HOURS = work_hours("08:30-12:00,13:30-18:00")
SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2025, 12, 20, tzinfo=UTC)
moments = st.timedeltas(timedelta(), timedelta(days=345)).map(lambda after: START + after)
lengths = st.timedeltas(timedelta(), timedelta(days=30))
steps = st.timedeltas(timedelta(microseconds=1), timedelta(days=5))
working = st.booleans()


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        ("2026-03-03 09:00", timedelta(minutes=30), "2026-03-03 09:30"),  # a Tuesday morning
        ("2026-03-03 11:50", timedelta(minutes=30), "2026-03-03 13:50"),  # over lunch
        ("2026-03-03 22:00", timedelta(minutes=30), "2026-03-04 09:00"),  # reported at night
        ("2026-03-06 17:00", timedelta(hours=2), "2026-03-09 09:30"),  # over the weekend
        ("2026-09-30 17:30", timedelta(hours=1), "2026-10-08 09:00"),  # over the national holiday
        ("2026-10-10 08:00", timedelta(hours=1), "2026-10-10 09:30"),  # a Saturday that is worked
        ("2026-03-03 09:00", timedelta(hours=24), "2026-03-06 09:00"),  # three working days
    ],
)
def test_working_time_passes_in_working_hours_only(start: str, amount: timedelta, end: str) -> None:
    assert add(HOURS, local(start), amount) == local(end)


@given(moments, lengths.filter(bool))
def test_the_moment_that_was_reckoned_is_exactly_so_much_working_time_away(
    start: datetime, amount: timedelta
) -> None:
    assert between(HOURS, start, add(HOURS, start, amount)) == amount


@given(moments, lengths, lengths)
def test_working_time_adds_up(start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second
    assert between(HOURS, start, middle) + between(HOURS, middle, end) == between(HOURS, start, end)


@given(start=moments, turns=st.lists(st.tuples(steps, steps), max_size=6), working=working)
def test_a_clock_counts_what_it_ran_and_nothing_of_what_it_stood_still(
    start: datetime, turns: list[tuple[timedelta, timedelta]], *, working: bool
) -> None:
    promise = Promise(limit=timedelta(hours=9), working=working, running_since=start)
    now, ran = start, timedelta()
    for run, rest in turns:
        stop = now + run
        ran += between(HOURS, now, stop) if working else run
        promise = paused(promise, stop, HOURS)
        assert due(promise, RED, HOURS) is None
        now = stop + rest
        assert used(promise, now, HOURS) == ran
        promise = resumed(promise, now)
    assert used(promise, now, HOURS) == ran


@given(
    start=moments,
    limit=st.timedeltas(timedelta(seconds=1), timedelta(days=20)),
    later=lengths,
    working=working,
)
def test_levels_are_reached_in_order_and_exactly_when_they_are_due(
    start: datetime, limit: timedelta, later: timedelta, *, working: bool
) -> None:
    promise = Promise(limit=limit, working=working, running_since=start)
    moments = [due(promise, level, HOURS) for level in LEVELS]
    assert moments == sorted(m for m in moments if m is not None)
    for level, moment in zip(LEVELS, moments, strict=True):
        assert moment is not None
        assert reached(promise, moment, HOURS) >= level
        before = moment - timedelta(microseconds=1)
        if before >= start and used(promise, before, HOURS) < limit * level / 100:
            assert reached(promise, before, HOURS) < level
    assert reached(promise, start + later, HOURS) in (0, *LEVELS)


@given(start=moments, more=st.timedeltas(timedelta(minutes=1), timedelta(days=3)), working=working)
def test_granted_time_moves_every_level_away(start: datetime, more: timedelta, *, working: bool) -> None:
    promise = Promise(limit=timedelta(hours=2), working=working, running_since=start)
    for level in LEVELS:
        before, after = due(promise, level, HOURS), due(extended(promise, more), level, HOURS)
        assert before is not None
        assert after is not None
        assert after > before


def test_urgent_cases_count_wall_time_and_the_others_working_days() -> None:
    time = Time(hours=HOURS)
    assert [time.working(severity) for severity in (1, 2, 3, 4)] == [False, False, True, True]
    assert day_length(HOURS) == timedelta(hours=8)
    assert time.limit(timedelta(hours=72), 3) == timedelta(hours=24)
    assert time.limit(timedelta(minutes=30), 3) == timedelta(minutes=30)
    assert time.limit(timedelta(hours=24), 2) == timedelta(hours=24)


def test_a_squeezed_drill_counts_wall_time_and_divides_it() -> None:
    time = Time(hours=HOURS, speed=60)
    assert time.limit(timedelta(hours=72), 3) == timedelta(minutes=72)
    assert not time.working(4)


def test_the_levels_of_the_first_minute() -> None:
    start = datetime(2026, 3, 3, 1, 2, 3, 456789, tzinfo=UTC)
    limit = promised(Clock.ACCEPT, DEFAULTS[1])
    assert limit is not None
    promise = Promise(limit=limit, working=False, running_since=start)
    assert [due(promise, level, HOURS) for level in (AMBER, RED, SUPERVISE)] == [
        start + timedelta(seconds=s) for s in (48, 60, 90)
    ]


@pytest.mark.parametrize("text", ["", "9-18", "12:00-08:00", "08:00-12:00,11:00-18:00"])
def test_impossible_working_hours_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        work_hours(text)


def test_hours_that_never_open_are_a_mistake() -> None:
    never = work_hours("08:00-12:00")
    shut = type(never)(grid={"workday": (), "daily": ()}, zone=SHANGHAI, calendar=never.calendar)
    with pytest.raises(ValueError, match="never open"):
        add(shut, local("2026-03-03 09:00"), timedelta(hours=1))
