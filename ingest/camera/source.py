"""A camera's stream, read in a thread of its own: always the newest picture, never a queue.

RTSP, HTTP-MJPEG and files through FFmpeg (`cv2.VideoCapture`). Every picture is decoded, because
the next one needs it, but only as many as are analysed are converted and handed over; one that
nobody took in time is replaced and counted. A stream that ends or stalls is opened again, with
exponential waits and full jitter. A file is played at its own speed and again from its beginning.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Condition, Event, Thread
from time import monotonic, thread_time

import cv2
from tenacity import (
    RetryError,
    Retrying,
    retry_if_exception_type,
    stop_when_event_set,
    wait_random_exponential,
)

from devices.errors import InternalError
from ingest.camera.shape import Frame

OPEN_MS = 8_000  # milliseconds to open a stream
READ_MS = 6_000  # milliseconds to wait for a picture
_NETWORK = ("rtsp://", "rtsps://", "http://", "https://")
_DEFAULT_RATE = 25.0
log = logging.getLogger(__name__)


class StreamError(InternalError):
    """The stream cannot be read."""


class Newest:
    """A place for one picture: a new one replaces the old one."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._held: tuple[Frame, float] | None = None
        self._closed = False
        self.dropped = 0

    def put(self, frame: Frame, at: float) -> None:
        """Leave a picture taken at second `at`; one that nobody took is dropped."""
        with self._changed:
            self.dropped += self._held is not None
            self._held = (frame, at)
            self._changed.notify()

    def take(self, timeout: float) -> tuple[Frame, float] | None:
        """Wait for a picture, `timeout` seconds at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._held is not None or self._closed, timeout)
            held, self._held = self._held, None
            return held

    def close(self) -> None:
        """Wake up whoever waits."""
        with self._changed:
            self._closed = True
            self._changed.notify()


class Source(Thread):
    """Reads one stream until stopped and leaves pictures in `newest`, `rate` a second at most."""

    def __init__(
        self,
        name: str,
        url: str,
        rate: float,
        newest: Newest,
        *,
        seconds: Callable[[], float] = monotonic,
        resolve: Callable[[str], str] = str,
    ) -> None:
        """`resolve` turns the address of the settings into that of a stream, at every opening."""
        self._resolve = resolve
        super().__init__(name=f"read {name}", daemon=True)
        self._camera, self._url, self.rate = name, url, rate
        self._newest, self._seconds = newest, seconds
        self._ending = Event()
        self.opened = 0
        self.pictures = 0
        self.busy = 0.0  # seconds of processor time

    def stop(self) -> None:
        """Ask the thread to end; it does within `READ_MS`."""
        self._ending.set()
        self._newest.close()

    def run(self) -> None:
        """Read, and open again, until stopped."""
        while not self._ending.is_set():
            again = Retrying(
                retry=retry_if_exception_type(StreamError),
                wait=wait_random_exponential(multiplier=0.5, max=20),
                stop=stop_when_event_set(self._ending),
                sleep=self._wait,
            )
            try:
                again(self._open_and_read)
            except RetryError:
                return

    def _wait(self, seconds: float) -> None:
        self._ending.wait(seconds)

    def _open_and_read(self) -> None:
        try:
            url = self._resolve(self._url)
        except InternalError as exc:
            log.info("camera %s: %s", self._camera, exc, extra={"action": "camera.closed"})
            raise StreamError(f"{self._camera}: {exc}") from exc
        file = not url.startswith(_NETWORK)
        options = (
            [] if file else [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_MS]
        )
        try:
            capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, [*options, cv2.CAP_PROP_N_THREADS, 1])
        except cv2.error as exc:
            raise StreamError(f"{self._camera}: {exc}") from exc
        try:
            if not capture.isOpened():
                log.info(
                    "camera %s: the stream cannot be opened", self._camera, extra={"action": "camera.closed"}
                )
                raise StreamError(f"{self._camera}: the stream cannot be opened")
            self.opened += 1
            log.info("camera %s: stream open", self._camera, extra={"action": "camera.open"})
            self._read(capture, file=file)
        finally:
            capture.release()

    def _read(self, capture: cv2.VideoCapture, *, file: bool) -> None:
        """Read until the stream ends; the first picture ends this series of attempts."""
        pace = 1 / (capture.get(cv2.CAP_PROP_FPS) or _DEFAULT_RATE) if file else 0.0
        due, began, count = float("-inf"), self._seconds(), 0
        while not self._ending.is_set():
            if not capture.grab():
                if count:
                    return  # it did work: begin anew without growing waits
                raise StreamError(f"{self._camera}: no picture came")
            count += 1
            self.pictures += 1
            if file:
                self._ending.wait(max(0.0, began + count * pace - self._seconds()))
            at = self._seconds()
            if at >= due:
                done, frame = capture.retrieve()
                if done:
                    self._newest.put(frame, at)
                    due = max(due + 1 / self.rate, at - 0.5 / self.rate)
            self.busy = thread_time()
