"""One camera's whole judgement: a frame and its second in, findings out. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import cv2
import numpy as np

from ingest.camera.falling import FallWatch
from ingest.camera.finding import Behaviour, Finding, Outcome, SceneChange
from ingest.camera.health import SceneHealth
from ingest.camera.lines import LineWatch
from ingest.camera.motion import WIDTH, Motion, MotionDetector
from ingest.camera.settings import Camera
from ingest.camera.shape import Box, Frame, overlap, polygon, shared
from ingest.camera.still import StillWatch
from ingest.camera.track import Track, Tracker
from ingest.camera.zones import ZoneWatch

_STATES_TRUSTED = ("normal",)


class Detector(Protocol):
    """Finds objects of known kinds in a picture."""

    def find(self, frame: Frame) -> Sequence[tuple[Box, str, float]]:
        """Return boxes in pixels of `frame`, their labels and scores (0 to 1)."""


class Analyser:
    """Follows one camera; frames must come in order and keep their proportions."""

    def __init__(self, camera: Camera, *, detector: Detector | None = None) -> None:
        self._camera = camera
        self._detector = detector
        self._health = SceneHealth(frozen_after=camera.frozen_after)
        self._shape: tuple[int, int] | None = None
        self._at = 0.0

    @property
    def state(self) -> str:
        """The picture's health as last told."""
        return self._health.state

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Everything that moves at present, in shares of the picture, for blurring."""
        if self._shape is None:
            return ()
        height, width = self._shape
        return tuple(t.box.scaled(1 / width, 1 / height) for t in self._tracker.tracks)

    def lost(self, at: float) -> list[Outcome]:
        """Say that no picture has come for too long."""
        state = self._health.lost(at)
        return [SceneChange(state=state)] if state else []

    def see(self, frame: Frame, at: float) -> list[Outcome]:
        """Judge a picture (height x width x 3, blue, green, red) taken at second `at`."""
        small = self._fit(frame)
        motion = self._motion.step(small, at)
        outcomes: list[Outcome] = []
        state = self._health.step(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), at)
        if state:
            outcomes.append(SceneChange(state=state))
        passed, self._at = at - self._at, at
        if self._health.state not in _STATES_TRUSTED or not motion.trusted:
            self._tracker.pause(at, passed)
            self._fall.pause()
            if motion.new_light:
                self._still.relearn()
            return outcomes
        outcomes += self._judge(frame, motion, at)
        return outcomes

    def _judge(self, frame: Frame, motion: Motion, at: float) -> Iterator[Finding]:
        tracks = self._tracks(frame, motion, at)
        for zone in self._zones:
            yield from zone.step(tracks, motion.mask, at)
        for line in self._lines:
            yield from line.step(tracks, at)
        yield from self._still.step(motion.grey, motion.mask, at)
        if self._camera.falling:
            yield from self._fall.step(motion.grey, at)

    def _tracks(self, frame: Frame, motion: Motion, at: float) -> list[Track]:
        if self._detector is None:
            return self._tracker.step(motion.boxes, motion.grey, at)
        x, y = motion.grey.shape[1] / frame.shape[1], motion.grey.shape[0] / frame.shape[0]
        seen = [(box.scaled(x, y), label, score) for box, label, score in self._detector.find(frame)]
        boxes = [box for box, _, _ in seen]
        return self._tracker.step(boxes, motion.grey, at, label=lambda box: _named(box, seen))

    def _fit(self, frame: Frame) -> Frame:
        """Bring a picture to the analysed size; the first one decides what that is."""
        width = min(WIDTH, frame.shape[1])
        height = max(16, round(frame.shape[0] * width / frame.shape[1]))
        if self._shape != (height, width):
            self._start((height, width))
        if frame.shape[:2] == (height, width):
            return frame
        # a coarse step first: averaging over every pixel of a large picture costs more than all else
        if frame.shape[1] > 2 * width:
            frame = cv2.resize(frame, (width * 2, height * 2), interpolation=cv2.INTER_NEAREST)
        return cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)

    def _start(self, shape: tuple[int, int]) -> None:
        camera, (height, width) = self._camera, shape
        ignore = None
        if camera.ignore:
            ignore = np.zeros(shape, np.uint8)
            for points in camera.ignore:
                cv2.fillPoly(ignore, [polygon(points, width, height).astype(np.int32)], (255,))
        area = camera.min_size * height * width
        self._shape = shape
        self._motion = MotionDetector(shape, camera.sensitivity, area, ignore)
        self._tracker = Tracker(width)
        self._zones = [ZoneWatch(z, shape) for z in camera.zones]
        self._lines = [LineWatch(line, shape) for line in camera.lines]
        waits = tuple(z for z in camera.zones if z.watches("left") or z.watches("blocking"))
        self._still = StillWatch(waits, shape, area)
        self._fall = FallWatch(shape, zone=camera.zones[0].name if camera.falling and camera.zones else None)


def _named(box: Box, seen: Sequence[tuple[Box, str, float]]) -> tuple[str, float]:
    """Return label and score of the detection that a box came from."""
    best = max(seen, key=lambda s: overlap(s[0], box), default=None)
    return (best[1], best[2]) if best and shared(best[0], box) else ("moving", 0.5)


ALWAYS = frozenset({Behaviour.FALLING, Behaviour.BLOCKING})
"""Told whether or not the camera is armed: danger has no opening hours."""
