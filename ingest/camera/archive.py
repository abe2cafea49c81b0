"""Pictures and clips on disk: `<folder>/<estate>/<device>/<day>/<time>-<what>.jpg` and `.webm`.

The first folder is the estate, as the console's `/api/snapshots` expects. A file is written under
another name and renamed, so whoever reads it reads all of it. What is older than the camera's
retention is deleted, unless a hold says no: a file `<same name>.hold` beside it, or `HOLD` in the
day's or the camera's folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from devices.errors import InternalError
from ingest.camera.privacy import Privacy
from ingest.camera.ring import Shot
from ingest.camera.shape import Box, Frame

HOLD = "HOLD"
QUALITY = 80  # of JPEG, 0 to 100
_STAMP = "%Y%m%d-%H%M%S-%f"


class ArchiveError(InternalError):
    """A picture or clip could not be written."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One camera's pictures and clips."""

    folder: Path
    estate: str
    device: str
    privacy: Privacy
    width: int = 960  # pixels, at most

    @property
    def home(self) -> Path:
        """The camera's folder."""
        return self.folder / self.estate / self.device

    def name(self, what: str, when: datetime) -> str:
        """Return the reference of a picture, relative to the folder."""
        stamp = when.astimezone(UTC).strftime(_STAMP)[:-3]
        return f"{self.estate}/{self.device}/{stamp[:8]}/{stamp[9:]}-{what}.jpg"

    def picture(self, reference: str, frame: Frame, moving: Iterable[Box]) -> None:
        """Keep a picture, hidden as the camera's privacy demands; raises ArchiveError."""
        shown = self.privacy.apply(fitted(frame, self.width), moving)
        done, jpeg = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if not done:
            raise ArchiveError(f"{reference}: the picture could not be encoded")
        self._write(reference, jpeg.tobytes())

    def clip(self, reference: str, shots: Iterable[Shot], rate: float) -> str | None:
        """Keep a clip (WebM, VP8) beside a picture; returns its reference, None if there is nothing."""
        path = (self.folder / reference).with_suffix(".webm")
        part = path.with_name(f"{path.stem}.part.webm")
        part.parent.mkdir(parents=True, exist_ok=True)
        writer: cv2.VideoWriter | None = None
        size = (0, 0)
        for shot in shots:
            frame = cv2.imdecode(np.frombuffer(shot.jpeg, np.uint8), cv2.IMREAD_COLOR)
            if frame is None:
                continue
            if writer is None:
                size = (frame.shape[1] // 2 * 2, frame.shape[0] // 2 * 2)
                writer = cv2.VideoWriter(str(part), cv2.VideoWriter.fourcc(*"VP80"), rate, size)
                if not writer.isOpened():
                    raise ArchiveError(f"{path.name}: this OpenCV cannot write VP8")
            shown = self.privacy.apply(frame, shot.moving)
            writer.write(cv2.resize(shown, size) if shown.shape[1::-1] != size else shown)
        if writer is None:
            return None
        writer.release()
        part.replace(path)
        return str(Path(reference).with_suffix(".webm"))

    def expire(self, now: datetime, keep: timedelta) -> int:
        """Delete what is older than `keep`, by whole days, except what is on hold; say how many."""
        limit = (now.astimezone(UTC) - keep).strftime("%Y%m%d")
        gone = 0
        if (self.home / HOLD).exists() or not self.home.is_dir():
            return 0
        for day in sorted(self.home.iterdir()):
            if not day.is_dir() or day.name >= limit or (day / HOLD).exists():
                continue
            held = {p.stem for p in day.glob("*.hold")}
            for file in sorted(day.iterdir()):
                if file.stem not in held:
                    file.unlink(missing_ok=True)
                    gone += 1
            if not held:
                shutil.rmtree(day, ignore_errors=True)
        return gone

    def _write(self, reference: str, content: bytes) -> None:
        path = self.folder / reference
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_bytes(content)
            part.replace(path)
        except OSError as exc:
            raise ArchiveError(f"{reference}: {exc}") from exc


def fitted(frame: Frame, width: int) -> Frame:
    """Return the frame, at most `width` pixels wide."""
    if frame.shape[1] <= width:
        return frame
    size = (width // 2 * 2, round(frame.shape[0] * width / frame.shape[1]) // 2 * 2)
    return cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR)
