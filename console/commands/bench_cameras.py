"""`shequ bench cameras`: what watching costs beside decoding, and how well it sees, in one run."""

from __future__ import annotations

from typing import Any

from benchmarks.cameras import quality
from benchmarks.cameras_speed import speed


def cameras_speed() -> dict[str, Any]:
    """Measure `{speed: {1080p, 720p}, quality}`; the rendered hours are in the report."""
    return {"speed": speed(), "quality": quality(seeds=2, quiet_seeds=1, minutes=1.0, workers=2)}
