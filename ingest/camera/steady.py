"""Holds the picture still, and says when it cannot be trusted.

Shake: the shift against a slowly learnt reference is measured by phase correlation (Kuglin and
Hines 1975; `cv2.phaseCorrelate`, Hann window, on a picture 160 wide) and taken back by a
translation. Rotation and zoom are not corrected; a shift larger than `LIMIT` of the width, or a
weak peak, makes the frame unusable.

Light: when the median brightness jumps, or more than `FLOOD` of the picture is called foreground
at once, the light has changed: nothing is reported until the model has learnt the new picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from ingest.camera.shape import Frame, Plane, median_of

WIDTH = 160  # pixels of the picture that shifts are measured on
LIMIT = 0.06  # share of the width
PEAK = 0.06  # response of phase correlation, 0 to 1, under which a shift is not believed
BETTER = 0.9  # of the median difference that must remain at most
STILL = 0.4  # pixels of the analysed picture: smaller shifts are noise
LEARN = 8.0  # seconds, time constant of the reference
JUMP = 9.0  # grey levels (of 255) of the median within a frame interval
FLOOD = 0.35  # share of the picture


@dataclass(slots=True)
class Steadier:
    """Measures and removes the shift of each frame."""

    shape: tuple[int, int]  # height, width in pixels
    reference: Plane | None = None
    shift: tuple[float, float] = (0.0, 0.0)  # pixels of the analysed picture
    _at: float = 0.0
    _window: Plane = field(init=False)
    _size: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._size = (WIDTH, max(16, round(WIDTH * self.shape[0] / self.shape[1])))
        self._window = cv2.createHanningWindow(self._size, cv2.CV_32F).astype(np.float32)

    def steady(self, frame: Frame, grey: Frame, at: float) -> Frame | None:
        """Return the frame shifted back into place, or None where that is not possible."""
        small = cv2.resize(grey, self._size, interpolation=cv2.INTER_AREA).astype(np.float32)
        if self.reference is None:
            self.reference, self._at = small, at
            return frame
        (dx, dy), peak = shift_between(self.reference, small, self._window)
        scale = self.shape[1] / WIDTH
        self.shift = (dx * scale, dy * scale)
        size = float(np.hypot(*self.shift))
        believed = peak >= PEAK and size <= LIMIT * self.shape[1]
        rate = float(np.clip((at - self._at) / LEARN, 0.0, 1.0))
        self._at = at
        if not believed:
            cv2.accumulateWeighted(small, self.reference, min(rate * 2, 1.0))
            return None if peak >= PEAK else frame
        if size < STILL or not self._better(small, (dx, dy)):
            self.shift = (0.0, 0.0)
            cv2.accumulateWeighted(small, self.reference, rate)
            return frame
        back = np.array([[1, 0, -self.shift[0]], [0, 1, -self.shift[1]]], np.float32)
        turned = cv2.warpAffine(frame, back, (self.shape[1], self.shape[0]), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(turned, np.uint8)

    def _better(self, small: Plane, shift: tuple[float, float]) -> bool:
        """Say whether taking the shift back makes the picture more like the reference, as shake does.

        A large thing that moves alone can shift the peak a little; then it does not.
        """
        if self.reference is None:
            return False
        back = np.array([[1, 0, -shift[0]], [0, 1, -shift[1]]], np.float32)
        turned = cv2.warpAffine(small, back, self._size, borderMode=cv2.BORDER_REPLICATE)
        before = float(np.median(cv2.absdiff(small, self.reference)))
        return float(np.median(cv2.absdiff(turned, self.reference))) < BETTER * before


@dataclass(slots=True)
class LightGuard:
    """Notices that the light changed; `settle` seconds of quiet must follow before reports go on."""

    settle: float = 2.0  # seconds
    _median: float | None = None
    _until: float = -1.0

    def jumped(self, grey: Frame, at: float) -> bool:
        """Look at the brightness of a frame; True while the light is changing or has just changed."""
        median = median_of(np.ascontiguousarray(grey[::4, ::4]))
        before, self._median = self._median, median
        if before is not None and abs(median - before) > JUMP:
            self._until = at + self.settle
        return at < self._until

    def flooded(self, share: float, at: float) -> bool:
        """Look at how much of the picture is foreground; True where that can only be light."""
        if share > FLOOD:
            self._until = at + self.settle
        return at < self._until


def shift_between(a: Plane, b: Plane, window: Plane) -> tuple[tuple[float, float], float]:
    """Return how far `b` is shifted against `a` in pixels, and the response (0 to 1).

    On copies: OpenCV 5.0 multiplies the window into the caller's own arrays where their size suits it.
    """
    (dx, dy), peak = cv2.phaseCorrelate(a.copy(), b.copy(), window)
    return (dx, dy), peak
