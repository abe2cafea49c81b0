"""The camera benchmark's tables hold every figure of its report."""

from __future__ import annotations

from console.commands.bench_cameras import tables

SIZE = {"codec": "H.264", "cameras_per_core": 6.1, "frame_to_event_ms": {"p50": 7, "p99": 13}}
ROW = {
    "true": 2,
    "found": 1,
    "false": 3,
    "repeated": 4,
    "recall": 0.5,
    "precision": 0.25,
    "delay_s_median": 1.5,
}


def test_both_sizes_and_every_behaviour_have_their_line() -> None:
    quality = {"by_behaviour": {"crossing_in": ROW}, "false_alarms": 3}
    text = tables({"speed": {"1080p": SIZE, "720p": SIZE}, "quality": quality})
    assert text.splitlines()[3].split() == ["frame_to_event_ms", "7", "/", "13", "7", "/", "13"]
    (line,) = [line for line in text.splitlines() if "crossing_in" in line]
    assert line.split() == ["crossing_in", "2", "1", "3", "4", "0.5", "0.25", "1.5"]
    assert "false_alarms  3" in text
