"""The camera analytics on real footage, with a truth counted by hand; the footage is never in the repository.

`python -m benchmarks.cameras_footage FILE [PICTURES_PER_SECOND]`, FILE being `vtest.avi`: 79.5 s of people
on a road, a fixed outdoor camera, 768 x 576, 10 pictures per second. Debian's package `opencv-doc` brings it
(`apt-get download opencv-doc`, then `dpkg-deb -x`, folder `usr/share/doc/opencv-doc/examples/data`).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import msgspec

from ingest.camera.analyser import Analyser
from ingest.camera.finding import Finding, SceneChange
from ingest.camera.settings import Camera

RATE: Final = 10  # pictures per second of the file
ROAD: Final = {"name": "road", "a": (0.45, 0.2), "b": (0.45, 0.7)}
WHOLE: Final = {"name": "whole", "points": [(0, 0), (1, 0), (1, 1), (0, 1)], "watch": ["intrusion", "left"]}
# counted by eye on the column of pixels under the line, laid out over time; from the fourth second on
CROSSINGS: Final = (
    6.4, 9.7, 16.3, 18.4, 22.4, 26.0, 28.4, 29.6, 30.7, 32.5, 33.8, 34.2, 36.9, 45.6, 49.6, 57.2, 64.8, 67.1,
    69.1, 69.3, 71.3, 73.6, 75.6, 77.5, 77.7, 78.2,
)  # fmt: skip
EARLY: Final = 0.5  # seconds a crossing may be told before its time
LATE: Final = 1.5  # seconds after


def watch(file: Path, rate: int) -> dict[str, Any]:
    """Analyse the file at `rate` pictures per second; directions are not judged, for the truth has none."""
    document = {"device": "bench", "estate": "bench", "password": "", "url": "f", "frame_rate": rate,
                "zones": [WHOLE], "lines": [ROAD]}  # fmt: skip
    analyser = Analyser(msgspec.convert(document, Camera))
    capture, n = cv2.VideoCapture(str(file)), 0
    told: list[tuple[float, str]] = []
    labels: Counter[str] = Counter()
    scene: list[str] = []
    while capture.grab():
        at = n / RATE
        n += 1
        if (n - 1) % (RATE // rate):
            continue
        for outcome in analyser.see(capture.retrieve()[1], at):
            if isinstance(outcome, SceneChange):
                scene.append(outcome.state)
            elif outcome.phase == "enter":
                _note(outcome, at, told, labels)
    crossings = [when for when, behaviour in told if behaviour == "crossing"]
    found, missed, false = matched(crossings)
    return {
        "seconds": n / RATE,
        "pictures_per_second": rate,
        "crossings": {"true": len(CROSSINGS), "found": found, "missed": missed, "false": false},
        "left": sum(one[1] == "left" for one in told),
        "intrusions_by_label": dict(labels),
        "scene_states": scene,
    }


def matched(told: Sequence[float]) -> tuple[int, list[float], list[float]]:
    """Give every crossing that was told to the earliest true one it fits; the rest is missed, or false."""
    free, false = list(CROSSINGS), []
    for when in told:
        fitting = next((t for t in free if t - EARLY <= when <= t + LATE), None)
        if fitting is None:
            false.append(when)
        else:
            free.remove(fitting)
    return len(CROSSINGS) - len(free), free, false


def _note(outcome: Finding, at: float, told: list[tuple[float, str]], labels: Counter[str]) -> None:
    told.append((at, outcome.behaviour.value.split("_", maxsplit=1)[0]))
    if outcome.behaviour.value == "intrusion":
        labels[outcome.label] += 1


if __name__ == "__main__":
    for wanted in [int(word) for word in sys.argv[2:]] or [10, 5]:
        print(json.dumps(watch(Path(sys.argv[1]), wanted), ensure_ascii=False, indent=1))
