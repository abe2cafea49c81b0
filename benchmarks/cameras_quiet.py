"""How often the camera analytics cry wolf: hours of nothing but disturbances, kept scene by scene.

`python -m benchmarks.cameras_quiet FILE FIRST_SEED MINUTES` plays scenes for that many minutes of this
machine's time and appends one line each; more runs with other seeds add up. `... FILE` alone adds up.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

from benchmarks.cameras import play
from simulators.scenes.catalogue import disturbances
from simulators.scenes.scene import Scene

SCENE_S = 120.0  # seconds of a yard's scene; a facade's is a quarter of it
SURENESS = 0.95


def scenes(first: int) -> Iterator[Scene]:
    """Every disturbance under one seed after the other."""
    for seed in count(first):
        yield from disturbances(range(seed, seed + 1), SCENE_S)


def collect(file: Path, first: int, minutes: float) -> None:
    """Play until the time is over; what has been played stays if we are stopped."""
    until = monotonic() + minutes * 60
    for scene in scenes(first):
        if monotonic() > until:
            return
        played = play(scene)
        row = {"name": played.name, "seed": played.seed, "hours": played.hours, "wrong": played.wrong}
        with file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(row) + "\n")


def at_most(false: int) -> float:
    """The count that a count of `false` excludes with 95 % confidence (exact Poisson bound, by bisection)."""
    low, high = 0.0, 10.0 + 5.0 * false
    for _ in range(60):
        middle = (low + high) / 2
        as_few = math.exp(-middle) * sum(middle**n / math.factorial(n) for n in range(false + 1))
        low, high = (middle, high) if as_few > 1 - SURENESS else (low, middle)
    return high


def summary(file: Path) -> dict[str, Any]:
    """Add up a file: hours, false alarms, the rate that is excluded, and by disturbance."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    hours, false = sum(row["hours"] for row in rows), sum(len(row["wrong"]) for row in rows)
    kinds = sorted({row["name"] for row in rows})
    return {
        "hours": round(hours, 2),
        "false_alarms": false,
        "per_hour": round(false / hours, 3),
        "per_hour_less_than_95": round(at_most(false) / hours, 3),
        "by_disturbance": {
            kind: [
                round(sum(r["hours"] for r in rows if r["name"] == kind), 2),
                sum(len(r["wrong"]) for r in rows if r["name"] == kind),
            ]
            for kind in kinds
        },
        "wrong": [text for row in rows for text in row["wrong"]],
    }


if __name__ == "__main__":
    if len(sys.argv) > 2:  # noqa: PLR2004 - FILE FIRST_SEED MINUTES
        collect(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    print(json.dumps(summary(Path(sys.argv[1])), ensure_ascii=False, indent=1))
