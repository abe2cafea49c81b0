"""Pictures and clips that leave the house: what must not be recognisable is hidden once more.

The node has hidden heads and masks before it kept anything (`privacy.py`). Here the masks of today are
applied, faces by the owner's model, the regions somebody drew (a plate, a window), and the heads, or the
whole bodies, of whatever moves: what differs from the median of the clip, which needs no warm-up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cv2
import numpy as np

from devices.errors import RefusedError
from ingest.camera.archive import QUALITY
from ingest.camera.privacy import Privacy, pixelate
from ingest.camera.shape import Box, Frame, Point, regions

SAMPLES: Final = 25  # frames that the background is the median of
WIDTH: Final = 480  # pixels of the compared picture
CHANGE: Final = 25  # grey levels that something moving differs by
LEAST: Final = 40  # square pixels of the compared picture
MOST_FRAMES: Final = 10_000  # 30 minutes at 5 per second


class UnreadableFootage(RefusedError):
    """This is no picture or clip that can be read: nothing is handed out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """What is hidden: masks and regions in shares of the picture, heads or whole bodies, faces by a model."""

    masks: Sequence[Sequence[Point]] = ()
    drawn: Sequence[Box] = ()
    bodies: bool = False
    face_model: str | None = None

    def painter(self) -> Privacy:
        """Return what hides masks, heads and faces; raises SettingError for a model that is none."""
        return Privacy(self.masks, heads=not self.bodies, face_model=self.face_model)


def masked_picture(content: bytes, clip: bytes | None, cover: Cover) -> bytes:
    """Return the picture with everything hidden; its clip tells what moves.

    Raises UnreadableFootage.
    """
    frame = _decoded(content)
    behind = background(clip) if clip is not None else None
    done, jpeg = cv2.imencode(
        ".jpg", _hidden(frame, behind, cover, cover.painter()), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    if not done:
        raise UnreadableFootage
    return jpeg.tobytes()


def masked_clip(content: bytes, cover: Cover) -> bytes:
    """Return the clip with everything hidden in every frame (WebM, VP8).

    Raises UnreadableFootage.
    """
    behind, painter = background(content), cover.painter()
    with TemporaryDirectory(prefix="shequ-export-") as folder, _opened(content) as (reader, rate):
        made = Path(folder) / "clip.webm"
        writer: cv2.VideoWriter | None = None
        for frame in _frames(reader):
            if writer is None:
                size = (frame.shape[1], frame.shape[0])
                writer = cv2.VideoWriter(str(made), cv2.VideoWriter.fourcc(*"VP80"), rate, size)
            writer.write(_hidden(frame, behind, cover, painter))
        if writer is None:
            raise UnreadableFootage
        writer.release()
        return made.read_bytes()


def background(clip: bytes) -> Frame:
    """Return what stands still in a clip, grey and `WIDTH` wide; raises UnreadableFootage."""
    with _opened(clip) as (reader, _):
        count = sum(1 for _ in _frames(reader))
    if count == 0:
        raise UnreadableFootage
    every = max(1, count // SAMPLES)
    with _opened(clip) as (reader, _):
        kept = [_compared(frame) for n, frame in enumerate(_frames(reader)) if n % every == 0]
    middle: Frame = np.median(np.stack(kept), axis=0).astype(np.uint8)
    return middle


def moving(frame: Frame, behind: Frame) -> list[Box]:
    """Return what differs from the background, in shares of the picture."""
    grey = _compared(frame)
    if grey.shape != behind.shape:
        grey = cv2.resize(grey, (behind.shape[1], behind.shape[0]))
    _, mask = cv2.threshold(cv2.absdiff(grey, behind), CHANGE, 255, cv2.THRESH_BINARY)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((15, 9), np.uint8))
    height, width = behind.shape[:2]
    found = (Box(x, y, w, h) for x, y, w, h, area, _ in regions(mask) if area >= LEAST)
    return [box.grown(2).scaled(1 / width, 1 / height) for box in found]


def _hidden(frame: Frame, behind: Frame | None, cover: Cover, painter: Privacy) -> Frame:
    boxes = moving(frame, behind) if behind is not None else []
    shown = painter.apply(frame, boxes)
    height, width = frame.shape[:2]
    for box in (*cover.drawn, *(boxes if cover.bodies else ())):
        pixelate(shown, box.scaled(width, height))
    return shown


def _compared(frame: Frame) -> Frame:
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    size = (WIDTH, max(1, round(grey.shape[0] * WIDTH / grey.shape[1])))
    return cv2.GaussianBlur(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), (5, 5), 0)


def _decoded(content: bytes) -> Frame:
    try:
        frame = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as exc:
        raise UnreadableFootage from exc
    if frame is None:
        raise UnreadableFootage
    return frame


@contextmanager
def _opened(clip: bytes) -> Iterator[tuple[cv2.VideoCapture, float]]:
    """Open a clip that lies in memory; OpenCV reads files only."""
    with TemporaryDirectory(prefix="shequ-export-") as folder:
        file = Path(folder) / "clip.webm"
        file.write_bytes(clip)
        reader = cv2.VideoCapture(str(file))
        try:
            if not reader.isOpened():
                raise UnreadableFootage
            yield reader, reader.get(cv2.CAP_PROP_FPS) or 5.0
        finally:
            reader.release()


def _frames(reader: cv2.VideoCapture) -> Iterator[Frame]:
    for _ in range(MOST_FRAMES):
        there, frame = reader.read()
        if not there:
            return
        yield frame
