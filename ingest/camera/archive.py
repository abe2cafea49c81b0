"""Pictures and clips of one camera: `<estate>/<device>/<day>/<time>-<what>.jpg` and `.webm`.

What is older than the camera's retention is deleted, unless a hold says no (`store.py`). `view.jpg`
is what the camera sees at all: the console draws zones on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

import cv2
import numpy as np

from ingest.camera.privacy import Privacy
from ingest.camera.ring import Shot
from ingest.camera.shape import Box, Frame
from ingest.camera.store import HOLD, ArchiveError, PictureStore, clip_of

QUALITY = 80  # of JPEG, 0 to 100
VIEW: Final = "view.jpg"
_STAMP = "%Y%m%d-%H%M%S-%f"
_DEPTH: Final = 4  # parts of a picture's reference: estate, device, day, name


@dataclass(frozen=True, slots=True)
class Archive:
    """One camera's pictures and clips."""

    store: PictureStore
    estate: str
    device: str
    privacy: Privacy
    width: int = 960  # pixels, at most

    @property
    def home(self) -> str:
        """The camera's folder."""
        return f"{self.estate}/{self.device}"

    def name(self, what: str, when: datetime) -> str:
        """Return the reference of a picture."""
        stamp = when.astimezone(UTC).strftime(_STAMP)[:-3]
        return f"{self.home}/{stamp[:8]}/{stamp[9:]}-{what}.jpg"

    def picture(self, reference: str, frame: Frame, moving: Iterable[Box]) -> None:
        """Keep a picture, hidden as the camera's privacy demands; raises ArchiveError."""
        shown = self.privacy.apply(fitted(frame, self.width), moving)
        done, jpeg = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if not done:
            raise ArchiveError(f"{reference}: the picture could not be encoded")
        self.store.put(reference, jpeg.tobytes())

    def view(self, frame: Frame, moving: Iterable[Box]) -> None:
        """Keep what the camera sees now in place of what it saw before; raises ArchiveError."""
        self.picture(f"{self.home}/{VIEW}", frame, moving)

    def clip(self, reference: str, shots: Iterable[Shot], rate: float) -> str | None:
        """Keep a clip (WebM, VP8) beside a picture; returns its reference, None if there is nothing."""
        wanted = clip_of(reference)
        with TemporaryDirectory(prefix="shequ-clip-") as folder:
            made = Path(folder) / "clip.webm"
            if not self._film(made, shots, rate):
                return None
            self.store.put(wanted, made.read_bytes())
        return wanted

    def _film(self, file: Path, shots: Iterable[Shot], rate: float) -> bool:
        writer: cv2.VideoWriter | None = None
        size = (0, 0)
        for shot in shots:
            frame = cv2.imdecode(np.frombuffer(shot.jpeg, np.uint8), cv2.IMREAD_COLOR)
            if frame is None:
                continue
            if writer is None:
                size = (frame.shape[1] // 2 * 2, frame.shape[0] // 2 * 2)
                writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"VP80"), rate, size)
                if not writer.isOpened():
                    raise ArchiveError(f"{file.name}: this OpenCV cannot write VP8")
            shown = self.privacy.apply(frame, shot.moving)
            writer.write(cv2.resize(shown, size) if shown.shape[1::-1] != size else shown)
        if writer is None:
            return False
        writer.release()
        return True

    def expire(self, now: datetime, keep: timedelta) -> int:
        """Delete what is older than `keep`, by whole days, except what is on hold; say how many.

        Raises ArchiveError.
        """
        limit = (now.astimezone(UTC) - keep).strftime("%Y%m%d")
        names = [PurePosixPath(name) for name in self.store.names(f"{self.home}/")]
        if PurePosixPath(self.home, HOLD) in names:
            return 0
        held = {name.with_suffix("") for name in names if name.suffix == ".hold"}
        days = {name.parent for name in names if name.name == HOLD}
        gone = 0
        for name in names:
            old = len(name.parts) == _DEPTH and name.parts[2] < limit
            if old and name.with_suffix("") not in held and name.parent not in days:
                self.store.delete(str(name))
                gone += 1
        return gone


def recorded_at(reference: str) -> datetime | None:
    """Return when a picture or clip was taken, from its reference; None where that does not say."""
    parts = PurePosixPath(reference).parts
    if len(parts) != _DEPTH:
        return None
    try:
        return datetime.strptime(f"{parts[2]}-{parts[3][:10]}", _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def fitted(frame: Frame, width: int) -> Frame:
    """Return the frame, at most `width` pixels wide."""
    if frame.shape[1] <= width:
        return frame
    size = (width // 2 * 2, round(frame.shape[0] * width / frame.shape[1]) // 2 * 2)
    return cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR)
