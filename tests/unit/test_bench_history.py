"""The history of measurements: what a plot is made of."""

from pathlib import Path

import pytest

from console.commands.bench_history import SHOWN, add_to_history, panels


def _line(day: int, **parts: object) -> dict[str, object]:
    return {"at": f"2026-11-{day:02}T00:00:00+00:00", **parts}


def test_a_figure_stands_on_the_day_it_was_measured() -> None:
    lines = [_line(1, pipeline={"ratio": 0.5}), _line(3, rivals={"times_node_red": 4.0})]
    assert panels(lines) == {
        "ratio to a bare subscriber": [(0.0, 0.5)],
        "times as fast as Node-RED": [(2.0, 4.0)],
    }


@pytest.mark.parametrize("odd", [{"ratio": None}, {"ratio": {"p50": 1}}, "none"])
def test_what_is_no_figure_has_no_point(odd: object) -> None:
    assert panels([_line(1, pipeline=odd)]) == {}


def test_a_line_is_added_and_the_plot_drawn(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    for ratio in (0.5, 0.6):
        add_to_history(file, "pipeline", {"ratio": ratio, "samples": [1, 2, 3]})
    first, second = file.read_text(encoding="utf-8").splitlines()
    assert '"ratio": 0.5' in first
    assert "samples" not in second
    assert "ratio to a bare subscriber" in file.with_suffix(".svg").read_text(encoding="utf-8")
    assert len(SHOWN) > len(panels([]))
