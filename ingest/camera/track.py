"""Follows boxes from frame to frame under a stable number.

Method: each track predicts its box by its smoothed velocity; pairs are taken greedily by intersection
over union (SORT without the Kalman filter, Bewley 2016), then by the distance of centres. A track
counts only once it has lasted, was seen in most frames, and went somewhere: leaves that wave, rain
and noise never do. One that vanishes is carried on for `COAST`; one that had stopped is held as long
as its patch of the picture stays what it was, because the background model learns what stands still.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from ingest.camera.kinds import by_shape
from ingest.camera.shape import Box, Frame, Point, overlap, shared

COAST = 1.2  # seconds a track survives unseen
HELD = 1800.0  # seconds a stopped track is held
MIN_AGE = 0.7  # seconds
MIN_SEEN = 0.6  # share of frames
DIRECT = 0.35  # net way over way gone, while not yet counted
CLUTTER = 0.35  # new tracks per frame above which a track must prove itself twice as long, far and straight
CLUTTER_RATE = 0.04  # share by which one frame moves that mean
MIN_SEEN_CLUTTERED = 0.75  # share of frames, then
STOPPED = 0.25  # own sizes (root of the area) per second
SAME = 14.0  # mean grey levels a held patch may differ
GROWTH = 5.0  # times an area may change between sights
_OVERLAP = 0.15


@dataclass(slots=True)
class Track:
    """One followed object. `path` holds (second, foot) of every sight; lengths in pixels."""

    number: int
    box: Box
    born: float
    seen: float
    label: str = "moving"
    score: float = 0.5
    hits: int = 1
    frames: int = 1
    velocity: Point = (0.0, 0.0)  # pixels per second
    gone: float = 0.0  # pixels walked
    start: Point = (0.0, 0.0)
    counted: bool = False
    patch: Frame | None = None
    path: deque[tuple[float, Point]] = field(default_factory=lambda: deque(maxlen=128))
    heights: deque[float] = field(default_factory=lambda: deque(maxlen=25))
    ratios: deque[float] = field(default_factory=lambda: deque(maxlen=25))  # height over width

    @property
    def size(self) -> float:
        """The root of the box's area, in pixels."""
        return float(np.sqrt(max(self.box.area, 1.0)))

    @property
    def height(self) -> float:
        """The usual height of the object, in pixels."""
        return float(np.median(self.heights)) if self.heights else self.box.h

    def predicted(self, at: float) -> Box:
        """Return where the box should be now."""
        passed = min(at - self.seen, COAST)
        return self.box.moved(self.velocity[0] * passed, self.velocity[1] * passed)

    def take(self, box: Box, at: float) -> None:
        """Note a sight of the object."""
        passed = max(at - self.seen, 1e-3)
        (ax, ay), (bx, by) = self.box.centre, box.centre
        step = ((bx - ax) / passed, (by - ay) / passed)
        weight = 1.0 if self.hits == 1 else 0.4
        self.velocity = (
            self.velocity[0] * (1 - weight) + step[0] * weight,
            self.velocity[1] * (1 - weight) + step[1] * weight,
        )
        self.gone += float(np.hypot(bx - ax, by - ay))
        self.box, self.seen, self.hits = box, at, self.hits + 1
        self.path.append((at, box.foot))
        self.heights.append(box.h)
        self.ratios.append(box.h / max(box.w, 1.0))

    def speed(self, at: float, over: float = 0.8) -> float:
        """Return the foot's mean speed over the last `over` seconds, in pixels per second."""
        old = next(((t, p) for t, p in self.path if t >= at - over), None)
        if old is None or self.path[-1][0] - old[0] < over / 2:
            return 0.0
        t, (x, y) = self.path[-1]
        return float(np.hypot(x - old[1][0], y - old[1][1])) / (t - old[0])


@dataclass(slots=True)
class Tracker:
    """Gives boxes their tracks; `width` is the picture's, in pixels."""

    width: int
    min_age: float = MIN_AGE
    min_way: float = 0.035  # share of the picture's width to be gone before a track counts
    reach: float = 1.2  # own sizes a centre may jump between frames, beside the prediction
    tracks: list[Track] = field(default_factory=list)
    clutter: float = 0.0  # new tracks per frame, smoothed: rain makes many
    _next: int = 1

    def step(
        self,
        boxes: Sequence[Box],
        grey: Frame,
        at: float,
        label: Callable[[Box], tuple[str, float]] | None = None,
    ) -> list[Track]:
        """Match this frame's boxes; return the tracks that count."""
        free = set(range(len(boxes)))
        guesses = {t.number: t.predicted(at) for t in self.tracks}
        for _, number, n in sorted(self._pairs(boxes, guesses), reverse=True):
            track = next((t for t in self.tracks if t.number == number), None)
            if track is None or track.seen == at or n not in free:
                continue
            free.discard(n)
            self._sight(track, boxes[n], grey, at, label)
        self.clutter += CLUTTER_RATE * (len(free) - self.clutter)
        for n in sorted(free):
            if not any(self._part_of(boxes[n], t.box) for t in self.tracks if t.seen == at and t.counted):
                self._open(boxes[n], at, label)
        for track in self.tracks:
            track.frames += 1
        self.tracks = [t for t in self.tracks if t.seen == at or self._keeps(t, grey, at)]
        return [t for t in self.tracks if t.counted]

    def pause(self, at: float, passed: float) -> None:
        """Let a frame pass that says nothing, without losing anybody."""
        for track in self.tracks:
            track.seen = min(at, track.seen + passed)

    def _pairs(self, boxes: Sequence[Box], guesses: dict[int, Box]) -> list[tuple[float, int, int]]:
        pairs = []
        for track in self.tracks:
            guess = guesses[track.number]
            bonus = 0.5 if track.counted else 0.0
            for n, box in enumerate(boxes):
                common = max(overlap(guess, box), overlap(track.box, box))
                if common >= _OVERLAP:
                    pairs.append((1 + common + bonus, track.number, n))
                    continue
                away = float(np.hypot(guess.centre[0] - box.centre[0], guess.centre[1] - box.centre[1]))
                limit = self.reach * max(track.size, float(np.sqrt(box.area)))
                if away < limit and 1 / GROWTH < box.area / max(track.box.area, 1.0) < GROWTH:
                    pairs.append((bonus + 1 - away / limit, track.number, n))
        return pairs

    def _sight(
        self, track: Track, box: Box, grey: Frame, at: float, label: Callable[[Box], tuple[str, float]] | None
    ) -> None:
        track.take(box, at)
        if label:
            track.label, track.score = label(box)
        else:
            track.label = by_shape(track.ratios)
            track.score = min(0.99, track.hits / max(track.frames, 1))
        if track.counted:
            track.patch = grey[box.slices(grey.shape)].copy()
            return
        (x, y), (cx, cy) = track.start, box.centre
        net = float(np.hypot(cx - x, cy - y))
        hard = 2.0 if self.clutter > CLUTTER else 1.0
        track.counted = (
            at - track.born >= self.min_age * hard
            and track.hits >= (MIN_SEEN if hard == 1.0 else MIN_SEEN_CLUTTERED) * track.frames
            and net >= max(self.min_way * self.width * hard, 0.5 * track.size)
            and net >= DIRECT * hard * track.gone
        )

    def _open(self, box: Box, at: float, label: Callable[[Box], tuple[str, float]] | None) -> None:
        track = Track(self._next, box, at, at, start=box.centre)
        if label:
            track.label, track.score = label(box)
        track.path.append((at, box.foot))
        track.heights.append(box.h)
        self._next += 1
        self.tracks.append(track)

    @staticmethod
    def _part_of(box: Box, whole: Box) -> bool:
        return shared(box, whole) >= 0.7 * box.area

    @staticmethod
    def _keeps(track: Track, grey: Frame, at: float) -> bool:
        unseen = at - track.seen
        if unseen <= COAST:
            return True
        if not track.counted or track.patch is None or unseen > HELD:
            return False
        if float(np.hypot(*track.velocity)) > STOPPED * track.size:
            return False
        here = grey[track.box.slices(grey.shape)]
        if here.shape != track.patch.shape or not here.size:
            return False
        return float(np.mean(cv2.absdiff(here, track.patch))) <= SAME
