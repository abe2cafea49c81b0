"""A month on paper is the measured bytes times the messages, and nothing else."""

from __future__ import annotations

from console.commands.bench_size import MONTH, RATE, plan


def test_a_month_is_planned_from_what_an_event_takes() -> None:
    month = plan(each=250.0, indexes=100.0, chunk_s=86_400)
    assert month["month_events"] == RATE * MONTH == 12_960_000_000
    assert month["month_bytes"] == 12_960_000_000 * 250
    assert month["chunk_bytes"] == 5000 * 86_400 * 250
    assert month["chunk_index_bytes"] == 24 * month["hour_index_bytes"]
