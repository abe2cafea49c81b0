"""The thread that watches one camera: newest picture in, outcomes and kept pictures out."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event, Thread
from time import thread_time

import cv2

from devices.errors import PlatformError
from ingest.camera.analyser import Analyser, Detector
from ingest.camera.archive import fitted
from ingest.camera.finding import MOMENTS, Behaviour, Finding, Outcome
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
        self._detector = detector
        self._wanted: deque[Camera] = deque(maxlen=1)  # between threads: its methods are atomic
        self._open: dict[tuple[Behaviour, str, str | None], Finding] = {}  # entered and not yet left
        self._ending = Event()
        self.ring = _ring(camera)
        self.latest: tuple[Frame, tuple[Box, ...]] | None = None  # the last picture, and what moved in it
        self.latest_at = float("-inf")  # second it was taken
        self.analysed = 0
        self.failed = 0
        self.busy = 0.0  # seconds of processor time

    def stop(self) -> None:
        """Ask the thread to end."""
        self._ending.set()
        self._newest.close()

    def become(self, camera: Camera) -> None:
        """Go on under other settings, from the next picture: what is usual there is learnt anew."""
        self._wanted.append(camera)

    def run(self) -> None:
        """Watch until stopped; a picture that cannot be judged costs that picture only."""
        last = self._seconds()
        while not self._ending.is_set():
            held = self._newest.take(min(1.0, self._camera.lost_after))
            try:
                if held is not None:
                    last = held[1]
                    self.look(*held)
                elif (now := self._seconds()) - last >= self._camera.lost_after:
                    self._report(self._analyser.lost(now), None, now)
            except (PlatformError, cv2.error, ValueError):
                self.failed += 1
                log.exception(
                    "camera %s: a picture failed", self._camera.device, extra={"action": "camera.failed"}
                )
            self.busy = thread_time()

    def _turn(self, at: float) -> None:
        """Take other settings, if there are any; what had begun under the old ones ends here."""
        if not self._wanted:
            return
        camera = self._wanted.pop()
        left: list[Outcome] = [replace(begun, phase="leave") for begun in self._open.values()]
        self._report(left, None, at)
        if camera.keep != self._camera.keep:
            self.ring = _ring(camera)
        self._camera, self._analyser = camera, Analyser(camera, detector=self._detector)

    def look(self, frame: Frame, at: float) -> None:
        """Judge one picture, under the settings last asked for."""
        self._turn(at)
        self.analysed += 1
        outcomes = self._analyser.see(frame, at)
        self.latest, self.latest_at = (frame, self._analyser.boxes), at
        if self._camera.keep.clips:
            small = fitted(frame, self._camera.keep.clip_width)
            done, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, RING_QUALITY])
            if done:
                self.ring.add(Shot(at, jpeg.tobytes(), self._analyser.boxes))
        self._report(outcomes, frame, at)

    def _report(self, outcomes: list[Outcome], frame: Frame | None, at: float) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Finding) and outcome.behaviour not in MOMENTS:
                key = (outcome.behaviour, outcome.track, outcome.zone)
                if outcome.phase == "leave":
                    self._open.pop(key, None)
                else:
                    self._open[key] = outcome
        if outcomes:
            self._tell(Seen(tuple(outcomes), frame, self._analyser.boxes, at))


def _ring(camera: Camera) -> Ring:
    keep = camera.keep
    return Ring(keep.before + keep.after + 5.0, int(keep.buffer_mb * 1e6))
