"""Falling objects (高空抛物): for a camera that looks up a facade, at 12 or more frames a second.

Method: differences of three successive pictures (no background model: a thing seen for a second has
none) give small moving spots; spots are chained from frame to frame near their predicted place. A chain
is a fall when it has `POINTS` points, spans `DROP` of the picture downward, hardly goes sideways, never
rises, and a parabola fitted to its height shows acceleration downward with a small residue. Many chains
at the same time are rain or snow: nothing is told for a while. Known limits: things smaller than two
pixels of the analysed picture, bags that sail slowly, a lens full of drops.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np

from ingest.camera.finding import Behaviour, Finding
from ingest.camera.shape import Box, Frame, Point, regions

POINTS = 5
PICTURES = 3  # compared with each other
RISE = 0.02  # share of the height that a spot may jitter upward
DROP = 0.18  # share of the picture's height
SIDEWAYS = 0.5  # of the way down
RESIDUE = 0.02  # share of the picture's height, root mean square
FASTER = 0.12  # pictures per second squared: least acceleration downward
SPEED = 0.2  # pictures per second: least mean speed
MANY = 12  # spots in one picture that are weather
QUIET = 4.0  # seconds without a report after weather
LOST = 0.25  # seconds a chain survives unseen
CHANGE = 16  # grey levels


@dataclass(slots=True)
class Chain:
    """One spot followed downward."""

    number: int
    points: list[tuple[float, float, float]]  # second, x, y in pixels
    box: Box
    told: bool = False

    def expected(self, at: float) -> Point:
        """Return where the spot should be, by its last two sights."""
        t, x, y = self.points[-1]
        if len(self.points) == 1:
            return x, y
        s, u, v = self.points[-2]
        passed = (at - t) / max(t - s, 1e-3)
        return x + (x - u) * passed, y + (y - v) * passed


@dataclass(slots=True)
class FallWatch:
    """Watches a stream of pictures of `shape` (height, width in pixels) for falls."""

    shape: tuple[int, int]
    min_area: float = 3.0  # square pixels
    zone: str | None = None
    chains: list[Chain] = field(default_factory=list)
    _before: list[Frame] = field(default_factory=list)
    _quiet: float = -1.0
    _next: int = 1

    def step(self, grey: Frame, at: float) -> Iterator[Finding]:
        """Look at one steady grey picture."""
        soft = cv2.GaussianBlur(grey, (3, 3), 0)
        self._before.append(soft)
        if len(self._before) < PICTURES:
            return
        old, last = self._before[0], self._before[1]
        self._before.pop(0)
        # moving now: differs from both predecessors, so a spot's old place does not show
        changed = cv2.min(cv2.absdiff(soft, last), cv2.absdiff(soft, old))
        _, mask = cv2.threshold(changed, CHANGE, 255, cv2.THRESH_BINARY)
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 3), np.uint8))
        spots = self._spots(mask)
        if len(spots) > MANY:
            self._quiet = at + QUIET
        if at < self._quiet:
            self.chains.clear()
            return
        self._link(spots, at)
        for chain in self.chains:
            if not chain.told and chain.points[-1][0] == at and self._falls(chain):
                chain.told = True
                yield self._say(chain)

    def pause(self) -> None:
        """Forget the last pictures: the next one cannot be compared with them."""
        self._before.clear()

    def _spots(self, mask: Frame) -> list[Box]:
        largest = 0.02 * self.shape[0] * self.shape[1]
        return [
            Box(float(x), float(y), float(w), float(h))
            for x, y, w, h, area, _ in regions(mask)
            if self.min_area <= area <= largest
        ]

    def _link(self, spots: list[Box], at: float) -> None:
        free = list(spots)
        for chain in sorted(self.chains, key=lambda c: -len(c.points)):
            x, y = chain.expected(at)
            alone = len(chain.points) == 1
            reach = (0.12 if alone else 0.05) * self.shape[0]
            best = min(free, key=lambda b: float(np.hypot(b.centre[0] - x, b.centre[1] - y)), default=None)
            if best is None or float(np.hypot(best.centre[0] - x, best.centre[1] - y)) > reach:
                continue
            free.remove(best)
            chain.points.append((at, *best.centre))
            chain.box = best
        self.chains = [c for c in self.chains if at - c.points[-1][0] <= LOST]
        for spot in free:
            self.chains.append(Chain(self._next, [(at, *spot.centre)], spot))
            self._next += 1

    def _falls(self, chain: Chain) -> bool:
        points = np.array(chain.points[-30:])
        if len(points) < POINTS:
            return False
        t, x, y = points[:, 0] - points[0, 0], points[:, 1], points[:, 2] / self.shape[0]
        down = float(y[-1] - y[0])
        across = float(abs(x[-1] - x[0])) / self.shape[0]
        if down < DROP or across > SIDEWAYS * down or float(np.min(np.diff(y))) < -RISE:
            return False
        fit = np.polyfit(t, y, 2)
        residue = float(np.sqrt(np.mean((np.polyval(fit, t) - y) ** 2)))
        return bool(2 * fit[0] >= FASTER and residue <= RESIDUE and down / t[-1] >= SPEED)

    def _say(self, chain: Chain) -> Finding:
        height, width = self.shape
        return Finding(
            behaviour=Behaviour.FALLING,
            track=f"f{chain.number}",
            phase="enter",
            label="falling_object",
            score=min(0.99, len(chain.points) / (len(chain.points) + 2)),
            box=chain.box.scaled(1 / width, 1 / height),
            zone=self.zone,
        )
