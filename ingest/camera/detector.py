"""Object detection by a model the owner supplies (ONNX), run by OpenCV's DNN module on the processor.

Two output shapes are understood, as the common exporters write them: `1 x (4 + classes) x boxes` with
centre, size and class scores (YOLOv8, v9, 11), and `1 x boxes x 6` with corners, score and class
(end-to-end models). Input is 1 x 3 x size x size, red, green, blue, 0 to 1, the picture letterboxed.
Known limit: a model of 640 x 640 takes tenths of a second per picture on one core; lower `frame_rate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from devices.errors import SettingError
from ingest.camera.kinds import vocabulary
from ingest.camera.settings import Model
from ingest.camera.shape import Box, Frame, Plane

_CORNERS = 6  # values of an end-to-end row
_DIMENSIONS = 3


class OnnxDetector:
    """Finds what the model was taught; raises SettingError where the file is none."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._names = vocabulary(model.labels, model.names)
        if not Path(model.file).is_file():
            raise SettingError("model.file", f"there is no file {model.file!r}")
        try:
            self._net = cv2.dnn.readNetFromONNX(model.file)
        except cv2.error as exc:
            raise SettingError("model.file", f"{model.file}: {exc}") from exc

    def find(self, frame: Frame) -> Sequence[tuple[Box, str, float]]:
        """Return boxes in pixels of `frame`, names of ours and scores."""
        size = self._model.size
        scale = size / max(frame.shape[:2])
        fitted = cv2.resize(frame, (round(frame.shape[1] * scale), round(frame.shape[0] * scale)))
        square = np.full((size, size, 3), 114, np.uint8)
        square[: fitted.shape[0], : fitted.shape[1]] = fitted
        self._net.setInput(cv2.dnn.blobFromImage(square, 1 / 255, (size, size), swapRB=True))
        rows = np.asarray(self._net.forward(), np.float32)
        if rows.ndim != _DIMENSIONS:
            raise SettingError("model.file", f"output has shape {rows.shape}: see docs/howto/cameras.md")
        boxes, scores, classes = _corners(rows[0]) if rows.shape[2] == _CORNERS else _centres(rows[0])
        return self._best(boxes / scale, scores, classes)

    def _best(self, boxes: Plane, scores: Plane, classes: Plane) -> list[tuple[Box, str, float]]:
        """Keep what is sure enough, and one box per object (non-maximum suppression)."""
        model = self._model
        corners = [[float(v) for v in box] for box in boxes]
        chosen = cv2.dnn.NMSBoxes(corners, [float(s) for s in scores], model.score, model.overlap)
        found = []
        for n in np.asarray(chosen, int).ravel():
            kind = int(classes[n])
            name = self._names[kind] if kind < len(self._names) else None
            if name is not None:
                found.append((Box(*corners[n]), name, min(1.0, float(scores[n]))))
        return found


def _centres(rows: Plane) -> tuple[Plane, Plane, Plane]:
    """Read `(4 + classes) x boxes`: centre x, y, width, height, scores."""
    boxes, scores = rows[:4].T.copy(), rows[4:]
    boxes[:, :2] = boxes[:, :2] - boxes[:, 2:] / 2
    return boxes, scores.max(axis=0), scores.argmax(axis=0)


def _corners(rows: Plane) -> tuple[Plane, Plane, Plane]:
    """Read `boxes x 6`: left, top, right, bottom, score, class."""
    boxes = rows[:, :4].copy()
    boxes[:, 2:] = boxes[:, 2:] - boxes[:, :2]
    return boxes, rows[:, 4], rows[:, 5]
