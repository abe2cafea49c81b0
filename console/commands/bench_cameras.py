"""`shequ bench cameras`: what watching costs beside decoding, and how well it sees, in one run."""

from __future__ import annotations

from typing import Any

from benchmarks.cameras import quality
from benchmarks.cameras_speed import speed


def tables(result: dict[str, Any]) -> str:
    """Write both halves as tables for a person."""
    sizes = list(result["speed"])
    lines = [f"{'speed':>34}" + "".join(f"{size:>22}" for size in sizes)]
    lines += [
        f"{key:>34}" + "".join(f"{_short(result['speed'][size][key]):>22}" for size in sizes)
        for key in result["speed"][sizes[0]]
    ]
    seen = result["quality"]
    columns = ("true", "found", "false", "repeated", "recall", "precision", "delay_s_median")
    lines.append(f"{'quality':>34}" + "".join(f"{column:>16}" for column in columns))
    for name, row in seen["by_behaviour"].items():
        lines.append(f"{name:>34}" + "".join(f"{row[column]!s:>16}" for column in columns))
    lines += [f"{key:>34}  {value}" for key, value in seen.items() if key != "by_behaviour"]
    return "\n".join(lines) + "\n"


def _short(value: object) -> str:
    return " / ".join(str(v) for v in value.values()) if isinstance(value, dict) else str(value)


def cameras_speed() -> dict[str, Any]:
    """Measure `{speed: {1080p, 720p}, quality}`; the rendered hours are in the report."""
    return {"speed": speed(), "quality": quality(seeds=2, quiet_seeds=1, minutes=1.0, workers=2)}
