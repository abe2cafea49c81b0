"""The thread that watches one camera: newest picture in, outcomes and kept pictures out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread
from time import thread_time

import cv2

from devices.errors import PlatformError
from ingest.camera.analyser import Analyser, Detector
from ingest.camera.archive import fitted
from ingest.camera.finding import Outcome
from ingest.camera.ring import Ring, Shot
from ingest.camera.settings import Camera
from ingest.camera.shape import Box, Frame
from ingest.camera.source import Newest

RING_QUALITY = 75  # of JPEG, 0 to 100
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one picture led to."""

    outcomes: tuple[Outcome, ...]
    frame: Frame | None
    moving: tuple[Box, ...]
    at: float  # second the picture was taken


class Watch(Thread):
    """Analyses pictures until stopped; hands every outcome to `tell`, in this thread."""

    def __init__(
        self,
        camera: Camera,
        newest: Newest,
        tell: Callable[[Seen], None],
        seconds: Callable[[], float],
        detector: Detector | None = None,
    ) -> None:
        super().__init__(name=f"watch {camera.device}", daemon=True)
        self._camera, self._newest, self._tell, self._seconds = camera, newest, tell, seconds
        self._analyser = Analyser(camera, detector=detector)
        self._ending = Event()
        keep = camera.keep
        self.ring = Ring(keep.before + keep.after + 5.0, int(keep.buffer_mb * 1e6))
        self.analysed = 0
        self.failed = 0
        self.busy = 0.0  # seconds of processor time

    def stop(self) -> None:
        """Ask the thread to end."""
        self._ending.set()
        self._newest.close()

    def run(self) -> None:
        """Watch until stopped; a picture that cannot be judged costs that picture only."""
        last = self._seconds()
        while not self._ending.is_set():
            held = self._newest.take(min(1.0, self._camera.lost_after))
            try:
                if held is not None:
                    last = held[1]
                    self._look(*held)
                elif (now := self._seconds()) - last >= self._camera.lost_after:
                    self._report(self._analyser.lost(now), None, now)
            except (PlatformError, cv2.error, ValueError):
                self.failed += 1
                log.exception(
                    "camera %s: a picture failed", self._camera.device, extra={"action": "camera.failed"}
                )
            self.busy = thread_time()

    def _look(self, frame: Frame, at: float) -> None:
        self.analysed += 1
        outcomes = self._analyser.see(frame, at)
        if self._camera.keep.clips:
            small = fitted(frame, self._camera.keep.clip_width)
            done, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, RING_QUALITY])
            if done:
                self.ring.add(Shot(at, jpeg.tobytes(), self._analyser.boxes))
        self._report(outcomes, frame, at)

    def _report(self, outcomes: list[Outcome], frame: Frame | None, at: float) -> None:
        if outcomes:
            self._tell(Seen(tuple(outcomes), frame, self._analyser.boxes, at))
