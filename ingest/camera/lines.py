"""Who crosses a line, and which way.

Method: a counted track's foot must have been at least `MARGIN` own heights (and 3 pixels) clear of
the line on one side and then as far on the other, between the line's ends: standing on it counts
nothing. The way walked before a track counted is judged once it does. `crossing_in` is from the left
hand to the right hand of somebody who looks from `a` to `b`. Known limits: one who turns back within
the margin is not told; a track that is lost and found anew across the line is not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ingest.camera.finding import Behaviour, Finding
from ingest.camera.settings import Line
from ingest.camera.shape import Point, along, side
from ingest.camera.track import Track

MARGIN = 0.15  # own heights
LEAST = 3.0  # pixels
BEYOND = 0.05  # share of the line's length by which its ends reach further


@dataclass(slots=True)
class LineWatch:
    """Judges tracks against one line of a picture of `shape` (height, width in pixels)."""

    line: Line
    shape: tuple[int, int]
    _a: Point = field(init=False)
    _b: Point = field(init=False)
    _sides: dict[int, tuple[int, float]] = field(default_factory=dict)  # side, second judged up to

    def __post_init__(self) -> None:
        height, width = self.shape
        self._a = (self.line.a[0] * width, self.line.a[1] * height)
        self._b = (self.line.b[0] * width, self.line.b[1] * height)

    def step(self, tracks: Iterable[Track], at: float) -> Iterator[Finding]:  # noqa: ARG002 - one signature
        """Judge one frame's tracks."""
        alive = {}
        for track in tracks:
            was, judged = self._sides.get(track.number, (0, float("-inf")))
            for when, foot in list(track.path):
                if when <= judged:
                    continue
                now = self._clear(foot, max(LEAST, MARGIN * track.height))
                if now and was and now != was and -BEYOND <= along(self._a, self._b, foot) <= 1 + BEYOND:
                    yield from self._say(track, now)
                was = now or was
            alive[track.number] = (was, track.seen)
        self._sides = alive

    def _clear(self, foot: Point, margin: float) -> int:
        distance = side(self._a, self._b, foot)
        return 0 if abs(distance) < margin else 1 if distance > 0 else -1

    def _say(self, track: Track, now: int) -> Iterator[Finding]:
        behaviour = Behaviour.CROSSING_IN if now > 0 else Behaviour.CROSSING_OUT
        if self.line.direction not in ("both", behaviour.value.removeprefix("crossing_")):
            return
        height, width = self.shape
        yield Finding(
            behaviour=behaviour,
            track=f"t{track.number}",
            phase="enter",
            label=track.label,
            score=round(track.score, 3),
            box=track.box.scaled(1 / width, 1 / height),
            zone=self.line.name,
        )
