"""The last seconds of a camera, as JPEG in memory, bounded by time and by bytes; safe between threads."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Lock

from ingest.camera.shape import Box


@dataclass(frozen=True, slots=True)
class Shot:
    """One remembered picture: its second, its JPEG, and what moved in it (shares of the picture)."""

    at: float
    jpeg: bytes
    moving: tuple[Box, ...]


class Ring:
    """Remembers shots for `seconds`, at most `limit` bytes of them; the oldest go first."""

    def __init__(self, seconds: float, limit: int) -> None:
        self._seconds, self._limit = seconds, limit
        self._shots: deque[Shot] = deque()
        self._bytes = 0
        self._lock = Lock()

    @property
    def bytes(self) -> int:
        """The memory its pictures take."""
        return self._bytes

    def add(self, shot: Shot) -> None:
        """Remember a shot and forget what is too old or too much."""
        with self._lock:
            self._shots.append(shot)
            self._bytes += len(shot.jpeg)
            while self._shots[0].at < shot.at - self._seconds or self._bytes > self._limit:
                self._bytes -= len(self._shots.popleft().jpeg)
                if not self._shots:
                    break

    def between(self, begin: float, end: float) -> list[Shot]:
        """Return the shots of those seconds, oldest first."""
        with self._lock:
            return [shot for shot in self._shots if begin <= shot.at <= end]
