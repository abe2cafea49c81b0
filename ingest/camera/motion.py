"""What moves: background subtraction, cleaned, guarded and cut into boxes.

Method: Gaussian mixture per pixel (MOG2, Zivkovic 2004 and 2006, `cv2.BackgroundSubtractorMOG2`)
on a median-filtered colour picture `WIDTH` wide; shadows (same colour, darker) are dropped; opening removes
speckle, closing joins limbs; connected regions of at least `min_area` become boxes, and regions
one above the other become one. A region must bring edges of its own: light and soft shadow change
brightness but add no sharp edges, so a region with too few new ones is light, not an object.
Known limits: an object of the background's colour is not seen; two that touch are one region.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from ingest.camera.shape import Box, Frame, Plane, regions
from ingest.camera.steady import LightGuard, Steadier

WIDTH = 480  # pixels of the analysed picture
MEMORY = 100.0  # seconds: what stands still for a tenth of it becomes background
WARM_UP = 3.0  # seconds before anything is reported
SHARPER = 1.5  # times the edge the background has there
SHADOW = 0.5  # darker than this share of the background is no shadow
EDGE = 45.0  # Sobel magnitude (a step of 11 grey levels) that a new edge must have
EDGE_LEAST = 24.0  # the same at night
DAYLIGHT = 100.0  # mean grey level from which the full one is asked
EDGE_SHARE = 0.08  # share of a region's pixels that must be new edges
_FOREGROUND = 255  # MOG2 marks shadows 127


@dataclass(frozen=True, slots=True)
class Motion:
    """One frame's result: boxes that move, the mask they came from, and whether to believe it."""

    boxes: tuple[Box, ...]
    mask: Frame
    grey: Frame
    trusted: bool
    new_light: bool = False


@dataclass(slots=True)
class MotionDetector:
    """Finds what moves in a stream of frames of one size."""

    shape: tuple[int, int]  # height, width of the analysed picture in pixels
    sensitivity: float = 0.5  # 0 to 1; the variance threshold falls from 40 to 8 with it
    min_area: float = 40.0  # square pixels of the analysed picture
    ignore: Frame | None = None  # non-zero where nothing is looked at
    closing: tuple[int, int] = (5, 9)  # width, height in pixels of gaps that are joined
    _model: cv2.BackgroundSubtractorMOG2 = field(init=False)
    _steadier: Steadier = field(init=False)
    _light: LightGuard = field(default_factory=LightGuard)
    _began: float | None = None
    _at: float = 0.0
    _edges: Plane | None = None  # of the background

    def __post_init__(self) -> None:
        threshold = 40.0 - 32.0 * self.sensitivity
        self._model = cv2.createBackgroundSubtractorMOG2(500, threshold, True)  # noqa: FBT003 - cv2
        self._model.setShadowThreshold(SHADOW)
        self._steadier = Steadier(self.shape)

    @property
    def shift(self) -> tuple[float, float]:
        """The last frame's shift against the reference, in pixels."""
        return self._steadier.shift

    def step(self, frame: Frame, at: float) -> Motion:
        """Look at a frame of the analysed size (blue, green, red) taken at second `at`."""
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        first = self._began is None
        if self._began is None:
            self._began = at
        passed, self._at = at - self._at, at
        changing = self._light.jumped(grey, at)
        steady = self._steadier.steady(frame, grey, at)
        if steady is None:
            return Motion((), np.zeros(self.shape, np.uint8), grey, trusted=False)
        if steady is not frame:
            grey = cv2.cvtColor(steady, cv2.COLOR_BGR2GRAY)
        soft = cv2.medianBlur(steady, 5)  # streaks of rain and single noisy pixels are narrower
        warm = at - self._began < WARM_UP
        rate = 1.0 if first else 0.2 if (warm or changing) else float(np.clip(passed / MEMORY, 1e-4, 0.2))
        mask = self._clean(self._model.apply(soft, None, rate))
        flooded = self._light.flooded(float(np.count_nonzero(mask)) / mask.size, at)
        edges = self._learn_edges(
            cv2.cvtColor(soft, cv2.COLOR_BGR2GRAY),
            mask,
            0.2 if (warm or changing or flooded) else passed / 10.0,
        )
        if warm or changing or flooded:
            return Motion((), mask, grey, trusted=False, new_light=changing or flooded)
        boxes, kept = self._boxes(mask, edges, self._edge_needed(grey))
        return Motion(boxes, kept, grey, trusted=True)

    def _clean(self, raw: Frame) -> Frame:
        """Drop shadows, speckle and what is not looked at."""
        _, mask = cv2.threshold(raw, _FOREGROUND - 1, 255, cv2.THRESH_BINARY)
        if self.ignore is not None:
            mask[self.ignore > 0] = 0
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        return cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones(self.closing[::-1], np.uint8))

    def _learn_edges(self, grey: Frame, mask: Frame, rate: float) -> Plane:
        """Return this frame's edges; learn the background's where nothing moves."""
        edges = edges_of(grey)
        if self._edges is None:
            self._edges = edges.copy()
        calm = cv2.dilate(mask, np.ones((5, 5), np.uint8)) == 0
        cv2.accumulateWeighted(edges, self._edges, min(rate, 1.0), calm.astype(np.uint8))
        return edges

    @staticmethod
    def _edge_needed(grey: Frame) -> float:
        """Return the gradient a new edge must have: at night everything is fainter."""
        return float(np.clip(EDGE * float(grey[::4, ::4].mean()) / DAYLIGHT, EDGE_LEAST, EDGE))

    def _boxes(self, mask: Frame, edges: Plane, needed: float) -> tuple[tuple[Box, ...], Frame]:
        """Cut the mask into boxes; return them and the mask of what they hold."""
        kept = np.zeros_like(mask)
        if self._edges is None:
            return (), kept
        found = []
        for x, y, w, h, area, here in regions(mask):
            if area < self.min_area:
                continue
            cut = slice(y, y + h), slice(x, x + w)
            new = (edges[cut] > needed) & (edges[cut] > SHARPER * self._edges[cut]) & here
            if np.count_nonzero(new) >= EDGE_SHARE * area:
                found.append(Box(x, y, w, h))
                kept[cut][here] = 255
        return joined(found), kept


def edges_of(grey: Frame) -> Plane:
    """Return the Sobel gradient's magnitude of a lightly blurred grey picture."""
    soft = cv2.GaussianBlur(grey, (3, 3), 0)
    dx, dy = cv2.spatialGradient(soft)
    return np.asarray(cv2.magnitude(dx.astype(np.float32), dy.astype(np.float32)), np.float32)


def joined(boxes: list[Box]) -> tuple[Box, ...]:
    """Put together boxes that stand one above the other: a head over its trunk, a trunk over its legs."""
    left = sorted(boxes, key=lambda b: b.y)
    result: list[Box] = []
    for box in left:
        for n, other in enumerate(result):
            common = min(box.x + box.w, other.x + other.w) - max(box.x, other.x)
            gap = box.y - (other.y + other.h)
            if common >= 0.6 * min(box.w, other.w) and gap <= 0.25 * max(box.h, other.h):
                result[n] = Box(
                    min(box.x, other.x),
                    other.y,
                    max(box.x + box.w, other.x + other.w) - min(box.x, other.x),
                    max(box.y + box.h, other.y + other.h) - other.y,
                )
                break
        else:
            result.append(box)
    return tuple(result)
