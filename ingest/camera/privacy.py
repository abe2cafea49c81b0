"""What must not be recognisable in any picture that is kept: given regions, heads, faces.

- masks: polygons of the settings are filled black.
- heads: the upper `HEAD` of whatever moves is pixelated, whether or not a face can be found in it.
  This needs no model and misses no face of somebody who moves; it also covers what is no head.
- faces: where the owner supplies a YuNet model (ONNX, `cv2.FaceDetectorYN`), faces of people who
  stand still are pixelated too. OpenCV 5 no longer ships its Haar cascades (docs/adr/010-camera-node.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np

from devices.errors import SettingError
from ingest.camera.shape import Box, Frame, Point, polygon

HEAD = 0.35  # share of a moving box's height
GROWN = 0.15  # share of the box's width added around it
CELLS = 5  # a hidden region is shown as that many cells in each direction


class Privacy:
    """Hides what one camera must not show."""

    def __init__(
        self,
        masks: Sequence[Sequence[Point]] = (),
        *,
        heads: bool = True,
        face_model: str | None = None,
    ) -> None:
        self._masks, self._heads = masks, heads
        self._faces: cv2.FaceDetectorYN | None = None
        if face_model:
            try:
                self._faces = cv2.FaceDetectorYN.create(face_model, "", (320, 320), 0.5)
            except cv2.error as exc:
                raise SettingError("face_model", f"{face_model}: {exc}") from exc

    def apply(self, frame: Frame, moving: Iterable[Box]) -> Frame:
        """Return a copy that may leave the node; `moving` in shares of the picture."""
        height, width = frame.shape[:2]
        shown = frame.copy()
        if self._heads:
            for box in moving:
                head = Box(box.x, box.y, box.w, box.h * HEAD).grown(box.w * GROWN)
                pixelate(shown, head.scaled(width, height))
        for face in self._found(frame):
            pixelate(shown, face)
        for points in self._masks:
            cv2.fillPoly(shown, [polygon(points, width, height).astype(np.int32)], (0, 0, 0))
        return shown

    def _found(self, frame: Frame) -> list[Box]:
        if self._faces is None:
            return []
        self._faces.setInputSize((frame.shape[1], frame.shape[0]))
        faces: Any = self._faces.detect(frame)[1]  # None, against its annotation, where there is no face
        if faces is None:
            return []
        return [Box(*(float(v) for v in face[:4])).grown(0.1 * float(face[2])) for face in faces]


def pixelate(frame: Frame, box: Box) -> None:
    """Replace a region by a few flat cells, in place."""
    cut = box.slices(frame.shape)
    part = frame[cut]
    if part.size:
        small = cv2.resize(part, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
        frame[cut] = cv2.resize(small, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_NEAREST)
