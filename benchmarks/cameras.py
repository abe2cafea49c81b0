"""How well the camera analytics see: precision, recall and false alarms against rendered truth.

An `enter` (or a scene state) counts for the truth of its behaviour and zone whose time it falls into,
`EARLY` before to `LATE` after; a second one for the same truth is a repetition; any other one is a
false alarm. Hours are those that were rendered, nothing is extrapolated.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import cv2
import msgspec

from ingest.camera.analyser import Analyser
from ingest.camera.finding import Outcome, SceneChange
from ingest.camera.settings import Camera
from simulators.scenes.catalogue import disturbances, eventful
from simulators.scenes.scene import Scene, Truth

EARLY, LATE = 2.0, 8.0  # seconds
SCENE_LATE = 20.0  # seconds: scene states must last before they are told


@dataclass(kw_only=True)
class Score:
    """Counts of one behaviour."""

    true: int = 0
    found: int = 0
    repeated: int = 0
    false: int = 0
    delays: list[float] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Played:
    """One scene's result."""

    name: str
    seed: int
    hours: float
    eventful: bool
    scores: dict[str, Score]
    wrong: list[str]


def camera_of(scene: Scene) -> Camera:
    """Return the settings under which a scene is watched."""
    document = {
        "device": "bench", "estate": "bench", "password": "", "url": "scene",
        "frame_rate": scene.rate, "zones": scene.zones, "lines": scene.lines,
        "falling": scene.facade, "frozen_after": 10.0, "lost_after": 5.0,
    }  # fmt: skip
    return msgspec.convert(document, Camera)


def play(scene: Scene) -> Played:
    """Let the analytics watch a scene and compare."""
    cv2.setNumThreads(1)
    camera = camera_of(scene)
    analyser, said, last = Analyser(camera), [], 0.0
    for t, picture in scene.frames():
        outcomes: list[Outcome] = []
        if picture is not None:
            outcomes, last = analyser.see(picture, t), t
        elif t - last >= camera.lost_after:
            outcomes = analyser.lost(t)
        said += [(t, *words) for o in outcomes if (words := _words(o))]
    truths = scene.truths()
    scores, wrong = compare(truths, said)
    return Played(
        name=scene.name, seed=scene.seed, hours=scene.duration / 3600, eventful=bool(truths),
        scores=scores, wrong=[f"{scene.name} #{scene.seed}: {text}" for text in wrong],
    )  # fmt: skip


def _words(outcome: Outcome) -> tuple[str, str | None] | None:
    if isinstance(outcome, SceneChange):
        return None if outcome.state == "normal" else (f"scene:{outcome.state}", None)
    return (outcome.behaviour.value, outcome.zone) if outcome.phase == "enter" else None


def compare(
    truths: list[Truth], said: Iterable[tuple[float, str, str | None]]
) -> tuple[dict[str, Score], list[str]]:
    """Match what was said with what was true; returns scores by behaviour, and what went wrong."""
    scores: dict[str, Score] = defaultdict(Score)
    hit: set[int] = set()
    wrong = []
    for truth in truths:
        scores[truth.behaviour].true += 1
    for t, behaviour, zone in said:
        late = SCENE_LATE if behaviour.startswith("scene:") else LATE
        fitting = [
            n
            for n, truth in enumerate(truths)
            if truth.behaviour == behaviour
            and truth.zone == zone
            and truth.start - EARLY <= t <= truth.end + late
        ]
        fresh = next((n for n in fitting if n not in hit), None)
        if fresh is not None:
            hit.add(fresh)
            scores[behaviour].found += 1
            scores[behaviour].delays.append(round(t - truths[fresh].start, 2))
        elif fitting:
            scores[behaviour].repeated += 1
        else:
            scores[behaviour].false += 1
            wrong.append(f"false {behaviour} in {zone} at {t:.1f} s")
    wrong += [
        f"missed {x.behaviour} in {x.zone} at {x.start:.1f} s" for n, x in enumerate(truths) if n not in hit
    ]
    return dict(scores), wrong


def quality(
    *, seeds: int = 3, quiet_seeds: int = 2, minutes: float = 2.0, workers: int = 1
) -> dict[str, Any]:
    """Play all scenes; returns the tables of the report."""
    scenes = eventful(range(seeds)) + disturbances(range(100, 100 + quiet_seeds), minutes * 60)
    with ProcessPoolExecutor(workers) as pool:
        played = list(pool.map(play, scenes))
    return summary(played)


def summary(played: list[Played]) -> dict[str, Any]:
    """Add up what was played."""
    total: dict[str, Score] = defaultdict(Score)
    for one in played:
        for name, score in one.scores.items():
            sum_ = total[name]
            sum_.true, sum_.found = sum_.true + score.true, sum_.found + score.found
            sum_.repeated, sum_.false = sum_.repeated + score.repeated, sum_.false + score.false
            sum_.delays += score.delays
    hours = sum(p.hours for p in played)
    quiet = [p for p in played if not p.eventful]
    false = sum(s.false for s in total.values())
    return {
        "footage": "rendered only; no real footage was available",
        "hours_rendered": round(hours, 3),
        "by_behaviour": {name: _row(score) for name, score in sorted(total.items())},
        "recall": _ratio(sum(s.found for s in total.values()), sum(s.true for s in total.values())),
        "false_alarms": false,
        "false_alarms_per_hour": round(false / hours, 3) if hours else None,
        "quiet_hours": round(sum(p.hours for p in quiet), 3),
        "quiet_false_alarms": sum(s.false for p in quiet for s in p.scores.values()),
        "wrong": [text for p in played for text in p.wrong],
    }


def _row(score: Score) -> dict[str, Any]:
    delays = sorted(score.delays)
    return {
        "true": score.true,
        "found": score.found,
        "recall": _ratio(score.found, score.true),
        "precision": _ratio(score.found, score.found + score.false),
        "repeated": score.repeated,
        "false": score.false,
        "delay_s_median": delays[len(delays) // 2] if delays else None,
    }


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


if __name__ == "__main__":  # python -m benchmarks.cameras SEEDS QUIET_SEEDS MINUTES [NAME]: for whoever tunes
    wanted = "".join(sys.argv[4:5])
    every = eventful(range(int(sys.argv[1]))) + disturbances(
        range(100, 100 + int(sys.argv[2])), float(sys.argv[3]) * 60
    )
    played = []
    with ProcessPoolExecutor(2) as pool:
        for one in pool.map(play, [scene for scene in every if wanted in scene.name]):
            played.append(one)
            print(f"{one.hours:.3f} h  {one.name} #{one.seed}", *one.wrong, sep="\n    ", flush=True)
    report = summary(played)
    for key, row in report["by_behaviour"].items():
        print(f"{key:16}", row)
    print({k: v for k, v in report.items() if k not in ("wrong", "by_behaviour")})
