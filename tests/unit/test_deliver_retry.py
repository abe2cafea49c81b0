"""Pauses between attempts: bounded, spread, and over when the letter is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.deliver.retry import Backoff, next_try

NOW = datetime(2026, 6, 1, tzinfo=UTC)
chances = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 10_000), chances, st.floats(0.01, 10), st.floats(10, 10_000))
def test_a_pause_lies_between_nothing_and_its_ceiling(
    attempt: int, chance: float, base: float, most: float
) -> None:
    backoff = Backoff(base=base, most=most)
    assert 0 <= backoff.pause(attempt, chance) <= min(base * 2.0 ** min(attempt - 1, 62), most)


@given(st.integers(1, 200))
def test_ceilings_never_shrink_and_double_until_the_most(attempt: int) -> None:
    backoff = Backoff(base=1, most=300)
    assert backoff.ceiling(attempt + 1) == min(backoff.ceiling(attempt) * 2, 300)


@given(st.integers(1, 50), chances, st.integers(0, 1_000))
def test_no_attempt_is_planned_at_or_after_expiry(attempt: int, chance: float, left_s: int) -> None:
    expires = NOW + timedelta(seconds=left_s)
    due = next_try(now=NOW, attempt=attempt, expires_at=expires, chance=chance)
    if due is None:
        assert NOW + timedelta(seconds=Backoff().pause(attempt, chance)) >= expires
    else:
        assert NOW <= due < expires


def test_a_herd_spreads_over_the_whole_pause() -> None:
    pauses = [Backoff(base=8).pause(1, n / 100) for n in range(100)]
    assert min(pauses) == 0
    assert max(pauses) > 7.9
    assert len(set(pauses)) == 100
