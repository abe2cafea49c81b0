"""Whether the camera sees at all: dark, covered, blurred, moved, frozen, lost.

Methods, on the grey analysed picture, once per frame:
- dark: mean below `DARK` and 99 of 100 pixels below `DARK_TOP` grey levels.
- sharpness: variance of the Laplacian (Pech-Pacheco 2000) over the variance of the picture, against
  its own slowly learnt usual value. blurred: it falls under `BLUR` of it while contrast remains.
- covered: the contrast (standard deviation of large cells) falls under `FLAT` of the usual, or, where
  the cover is uneven, both sharpness and structure are gone.
- moved: most of the edges' cells changed (the median by `EVERYWHERE`; a car that parks changes its
  own only), and they no longer correlate with the learnt ones (under `ALIKE`), or phase correlation
  finds them shifted by more than `SHIFT` of the width, while the picture is sharp.
- frozen: every pixel equal to the last frame's for `frozen_after` seconds; a sensor always has noise.
- lost: told by the source through `lost()`.
A state must last its hold time before it is told; then a changed view is learnt anew after
`ACCEPT` seconds. Known limits: slow fog is learnt; encoders that skip all blocks of a still night
picture look frozen (raise `frozen_after` there).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from ingest.camera.finding import SceneState
from ingest.camera.shape import Frame, Plane
from ingest.camera.steady import shift_between

DARK, DARK_TOP = 14.0, 48.0  # grey levels of 255
BLUR = 0.30  # of the usual sharpness
FLAT = 0.25  # of the usual contrast
ALIKE = 0.5  # correlation of edge cells, -1 to 1
EVERYWHERE = 0.1  # of the mean edge; turned cameras gave 0.29 and more, a parked car 0.01
SHIFT = 0.05  # share of the width
PEAK = 0.2  # response of phase correlation, 0 to 1
SURELY = 0.7  # correlation above which the view is the same whatever the shift
AVERAGE = 1.5  # seconds, time constant of the picture whose edges are compared
LEARN = 120.0  # seconds, time constant of the usual values
HOLD: dict[str, float] = {"dark": 5.0, "covered": 5.0, "blurred": 8.0, "moved": 10.0, "frozen": 0.0}
NORMAL_HOLD = 5.0  # seconds
ACCEPT = 60.0  # seconds a moved view is told before it becomes the usual one
_CELLS = (32, 18)  # of the edge picture that views are compared by
_WARM = 3.0  # seconds to learn the first usual values


@dataclass(slots=True)
class SceneHealth:
    """Judges a stream of pictures; `state` is what was last told."""

    frozen_after: float = 30.0  # seconds
    state: SceneState = "normal"
    _began: float | None = None
    _at: float = 0.0
    _last: Frame | None = None
    _equal_since: float | None = None
    _sharpness: float = 0.0
    _contrast: float = 0.0
    _edges: Plane | None = None
    _mean: Plane | None = None  # of the last seconds: rain and noise do not stay
    _pending: SceneState = "normal"
    _since: float = 0.0
    _window: Plane = field(
        default_factory=lambda: cv2.createHanningWindow(_CELLS, cv2.CV_32F).astype(np.float32)
    )

    def lost(self, at: float) -> SceneState | None:
        """Say that no picture comes; returns the state if it is news."""
        self._pending, self._since = "lost", at
        self._equal_since = self._last = None
        return self._become("lost")

    def step(self, grey: Frame, at: float) -> SceneState | None:
        """Look at one picture; returns the new state once it has lasted."""
        if self._began is None:
            self._began = at
        passed, self._at = at - self._at, at
        raw = self._judge(grey, at, passed)
        if raw != self._pending:
            self._pending, self._since = raw, at
        hold = NORMAL_HOLD if raw == "normal" else HOLD.get(raw, 0.0)
        lasted = at - self._since
        if self.state == "moved" and raw == "moved" and lasted >= HOLD["moved"] + ACCEPT:
            self._edges = None  # the new view is the usual one from now on
        return self._become(raw) if lasted >= hold else None

    def _become(self, state: SceneState) -> SceneState | None:
        if state == self.state:
            return None
        self.state = state
        return state

    def _judge(self, grey: Frame, at: float, passed: float) -> SceneState:
        if self._stands(grey, at):
            return "frozen"
        small = cv2.resize(grey, (240, 135), interpolation=cv2.INTER_AREA)
        mean = float(small.mean())
        if mean < DARK and float(np.percentile(small, 99)) < DARK_TOP:
            return "dark"
        contrast = float(cv2.resize(small, _CELLS, interpolation=cv2.INTER_AREA).std())
        smooth = cv2.GaussianBlur(small, (3, 3), 0)
        sharp = float(cv2.Laplacian(smooth, cv2.CV_32F).var()) / (float(smooth.var()) + 25.0)
        rate = float(np.clip(passed / AVERAGE, 0.0, 1.0))
        if self._mean is None:
            self._mean = smooth.astype(np.float32)
        cv2.accumulateWeighted(smooth, self._mean, rate)
        cells = _edge_cells(self._mean.astype(np.uint8))
        if self._edges is None or at - (self._began or 0.0) < _WARM:
            self._edges, self._sharpness, self._contrast = cells, sharp, contrast
            return "normal"
        state = self._compare(sharp, contrast, cells)
        if state == "normal":
            rate = float(np.clip(passed / LEARN, 0.0, 1.0))
            cv2.accumulateWeighted(cells, self._edges, rate)
            self._sharpness += rate * (sharp - self._sharpness)
            self._contrast += rate * (contrast - self._contrast)
        return state

    def _compare(self, sharp: float, contrast: float, cells: Plane) -> SceneState:
        usual = self._edges if self._edges is not None else cells
        alike = float(np.corrcoef(cells.ravel(), usual.ravel())[0, 1]) if cells.std() > 0 else 0.0
        if contrast < FLAT * self._contrast or (alike < ALIKE and sharp < BLUR * self._sharpness):
            return "covered"
        if sharp < BLUR * self._sharpness:
            return "blurred"
        if alike >= SURELY or float(np.median(cv2.absdiff(cells, usual))) < EVERYWHERE * float(usual.mean()):
            return "normal"
        (dx, dy), peak = shift_between(usual, cells, self._window)
        far = float(np.hypot(dx, dy)) > SHIFT * _CELLS[0]
        return "moved" if alike < ALIKE or (far and peak > PEAK) else "normal"

    def _stands(self, grey: Frame, at: float) -> bool:
        """Say whether the picture has not changed in a single pixel for `frozen_after`."""
        same = (
            self._last is not None
            and self._last.shape == grey.shape
            and not cv2.absdiff(self._last, grey).any()
        )
        self._last = grey
        if not same:
            self._equal_since = None
            return False
        if self._equal_since is None:
            self._equal_since = at
        return at - self._equal_since >= self.frozen_after


def _edge_cells(grey: Frame) -> Plane:
    """Return how much edge lies in each cell, compressed so that strong edges do not rule alone."""
    dx, dy = cv2.spatialGradient(grey)
    size = cv2.magnitude(dx.astype(np.float32), dy.astype(np.float32))
    return np.asarray(np.sqrt(cv2.resize(size, _CELLS, interpolation=cv2.INTER_AREA)), np.float32)
