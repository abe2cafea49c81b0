"""A short shift with simulated people against the whole platform: ledger and record agree."""

from __future__ import annotations

from console.commands.shift import run_shift
from simulators.responders import HABITS


async def test_a_short_shift_reconciles() -> None:
    report = await run_shift(seed=7, cases=len(HABITS), speed=60)
    assert report.as_json()["details"] == {}
    assert report.passed
    assert report.levels_expected > 0
    assert report.dispatched_by_itself > 0
    assert report.letters > 0
    assert set(report.habits) == set(HABITS)
