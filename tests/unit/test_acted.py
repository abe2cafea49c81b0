"""A phone's word about when somebody acted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules.acted import AHEAD, OLDEST, Acted, Flag, acted

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def test_ten_minutes_without_network_count_as_told() -> None:
    assert acted(NOW - timedelta(minutes=10), NOW) == Acted(NOW - timedelta(minutes=10))


def test_nothing_said_means_now() -> None:
    assert acted(None, NOW) == Acted(NOW)


def test_the_future_and_the_distant_past_are_not_believed_and_flagged() -> None:
    assert acted(NOW + timedelta(minutes=5), NOW) == Acted(NOW, (Flag.AHEAD,))
    assert acted(NOW - timedelta(days=2), NOW) == Acted(NOW, (Flag.OLD,))


def test_a_clock_that_is_a_little_ahead_is_brought_back_silently() -> None:
    assert acted(NOW + timedelta(seconds=20), NOW) == Acted(NOW)


@given(st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400)))
def test_what_counts_is_never_in_the_future_nor_too_old(shift: timedelta) -> None:
    judged = acted(NOW + shift, NOW)
    assert NOW - OLDEST <= judged.at <= NOW
    assert bool(judged.flags) == (shift > AHEAD or shift < -OLDEST)
