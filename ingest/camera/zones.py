"""What tracks do in a zone: intrusion, loitering, fast motion, crowd.

- intrusion: a counted track's foot stays in the polygon for `dwell` seconds.
- loitering: the same track has been inside for `loiter_after` seconds, gaps up to `GAP` forgiven.
- fast: its mean speed over 0.8 s exceeds `fast` own heights per second (walking is about 0.8, running
  above 1.8, whatever the distance from the camera) for three frames.
- crowd: the people in the zone, counted as tracks but at least as moving area over the area of one
  person (`person_height` of the picture, 0.4 as wide), median over 3 s, reach `crowd`.
Known limits: two who walk hand in hand are one track; a crowd that stands still is undercounted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median

import cv2
import numpy as np

from ingest.camera.finding import Behaviour, Finding, Phase
from ingest.camera.settings import Zone
from ingest.camera.shape import Box, Frame, Plane, inside, polygon
from ingest.camera.track import Track

DWELL = 0.4  # seconds
GAP = 2.0  # seconds outside that do not end a visit
UPDATE = 10.0  # seconds between updates of what goes on
FAST_FRAMES = 3
PERSON_WIDTH = 0.4  # of the height
SURE = 2.0  # seconds of counts before a crowd is told
CALM = 5.0  # seconds the count must stay below the limit before a crowd has gone


@dataclass(slots=True)
class Visit:
    """One track's stay in a zone."""

    track: Track
    since: float
    last: float
    told: dict[Behaviour, float] = field(default_factory=dict)  # when last told
    quick: int = 0


@dataclass(slots=True)
class ZoneWatch:
    """Judges tracks against one zone of a picture of `shape` (height, width in pixels)."""

    zone: Zone
    shape: tuple[int, int]
    area: Plane = field(init=False)
    _mask: Frame = field(init=False)
    _visits: dict[int, Visit] = field(default_factory=dict)
    _counts: deque[tuple[float, int]] = field(default_factory=deque)
    _crowded: float | None = None  # when last told
    _calm: float = 0.0

    def __post_init__(self) -> None:
        height, width = self.shape
        self.area = polygon(self.zone.points, width, height)
        self._mask = np.zeros(self.shape, np.uint8)
        cv2.fillPoly(self._mask, [self.area.astype(np.int32)], (255,))

    def step(self, tracks: Iterable[Track], moving: Frame, at: float) -> Iterator[Finding]:
        """Judge one frame's tracks and foreground."""
        present = 0
        for track in tracks:
            if inside(self.area, track.box.foot):
                present += 1
                visit = self._visits.setdefault(track.number, Visit(track, at, at))
                visit.track, visit.last = track, at
                yield from self._judge(visit, at)
        for number, visit in list(self._visits.items()):
            if at - visit.last > GAP:
                del self._visits[number]
                for behaviour in visit.told:
                    yield self._say(behaviour, visit.track, "leave")
        if self.zone.watches("crowd"):
            yield from self._judge_crowd(present, moving, at)

    def _judge(self, visit: Visit, at: float) -> Iterator[Finding]:
        inside_for = at - visit.since
        if self.zone.watches("intrusion") and inside_for >= DWELL:
            yield from self._tell(visit, Behaviour.INTRUSION, at)
        if self.zone.watches("loitering") and inside_for >= self.zone.loiter_after:
            yield from self._tell(visit, Behaviour.LOITERING, at)
        if self.zone.watches("fast"):
            quick = visit.track.speed(at) > self.zone.fast * visit.track.height
            visit.quick = visit.quick + 1 if quick and visit.track.seen == at else 0
            if visit.quick >= FAST_FRAMES and Behaviour.FAST not in visit.told:
                yield from self._tell(visit, Behaviour.FAST, at)

    def _tell(self, visit: Visit, behaviour: Behaviour, at: float) -> Iterator[Finding]:
        told = visit.told.get(behaviour)
        if told is None or at - told >= UPDATE:
            visit.told[behaviour] = at
            yield self._say(behaviour, visit.track, "enter" if told is None else "update")

    def _say(self, behaviour: Behaviour, track: Track, phase: Phase) -> Finding:
        height, width = self.shape
        return Finding(
            behaviour=behaviour,
            track=f"t{track.number}",
            phase=phase,
            label=track.label,
            score=round(track.score, 3),
            box=track.box.scaled(1 / width, 1 / height),
            zone=self.zone.name,
        )

    def _judge_crowd(self, present: int, moving: Frame, at: float) -> Iterator[Finding]:
        person = self.zone.person_height * self.shape[0]
        area = np.count_nonzero(cv2.bitwise_and(moving, self._mask))
        by_area = int(area / (PERSON_WIDTH * person * person * 0.75))  # a person fills 3/4 of the box
        self._counts.append((at, max(present, by_area)))
        while self._counts[0][0] < at - 3.0:
            self._counts.popleft()
        count = int(median(n for _, n in self._counts))
        if count >= self.zone.crowd:
            self._calm = at
            full = at - self._counts[0][0] >= SURE
            if full and (self._crowded is None or at - self._crowded >= UPDATE):
                phase: Phase = "enter" if self._crowded is None else "update"
                self._crowded = at
                yield self._crowd(phase, count)
        elif self._crowded is not None and at - self._calm >= CALM:
            self._crowded = None
            yield self._crowd("leave", count)

    def _crowd(self, phase: Phase, count: int) -> Finding:
        xs, ys = zip(*self.zone.points, strict=True)
        box = Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
        return Finding(
            behaviour=Behaviour.CROWD,
            track=f"crowd-{self.zone.name}"[:64],
            phase=phase,
            label="crowd",
            score=min(0.99, count / (count + 2)),
            box=box,
            zone=self.zone.name,
            count=count,
        )
