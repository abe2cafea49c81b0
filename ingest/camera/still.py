"""What was left: an object that was not there before and stays, in a zone that watches for it.

Method: two background memories of different speed (Porikli 2007, simplified). `recent` follows the
picture within seconds; `base` follows it within a minute, and not at all where something is waiting
to be judged. Where both differ by `DIFFERENT` grey levels while the picture agrees with `recent`,
something new stands still. The region's rim must show stronger edges now than in `base`: an object
that was taken away leaves the opposite, and light has no edges; both are learnt once they have
stayed for `SETTLED` (a car that parks slowly waits in pieces whose rims lie within it).
Known limits: somebody who stands stock-still is `left` too; something left during a change of light
becomes background; an object of the ground's colour is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np

from ingest.camera.finding import Behaviour, Finding, Phase
from ingest.camera.motion import edges_of
from ingest.camera.settings import Zone
from ingest.camera.shape import Box, Frame, Plane, inside, overlap, polygon

EVERY = 0.5  # seconds between looks
RECENT = 2.0  # seconds, time constant
BASE = 60.0  # seconds, time constant
DIFFERENT = 14.0  # grey levels
AGREES = 12.0  # grey levels
RIM = 25.0  # Sobel magnitude by which the rim must be sharper than it was
SETTLED = 4.0  # seconds
SAME = 0.4  # intersection over union of an object in two looks
GONE = 3.0  # seconds unseen, with nothing moving in front
LONGEST = 7 * 86400.0  # seconds after which an object belongs there (SEC-013: seven days)
UPDATE = 30.0  # seconds between updates


@dataclass(slots=True)
class Left:
    """Something that stands where nothing stood."""

    number: int
    box: Box
    since: float
    seen: float
    looks: int = 1
    told: dict[str, float] = field(default_factory=dict)  # zone name: when last told


@dataclass(slots=True)
class StillWatch:
    """Judges what stands still; one for all zones of a picture of `shape` (height, width in pixels)."""

    zones: tuple[Zone, ...]
    shape: tuple[int, int]
    min_area: float  # square pixels
    found: list[Left] = field(default_factory=list)
    _areas: dict[str, Plane] = field(default_factory=dict)
    _recent: Plane | None = None
    _base: Plane | None = None
    _at: float = 0.0
    _next: int = 1
    _edgeless: list[tuple[Box, float]] = field(default_factory=list)  # light, it seems; since when
    _within: Frame = field(init=False)

    def __post_init__(self) -> None:
        height, width = self.shape
        self._areas = {z.name: polygon(z.points, width, height) for z in self.zones}
        self._within = np.zeros(self.shape, np.uint8)
        for area in self._areas.values():
            cv2.fillPoly(self._within, [area.astype(np.int32)], (255,))
        self._within = cv2.dilate(self._within, np.ones((15, 15), np.uint8))

    def relearn(self) -> None:
        """Take the next picture as it is (the light has changed); what was told stays told."""
        self._recent = self._base = None

    def step(self, grey: Frame, moving: Frame, at: float) -> Iterator[Finding]:
        """Look at a steady grey picture and at the mask of what moves."""
        if not self.zones or (self._recent is not None and at - self._at < EVERY):
            return
        soft = cv2.GaussianBlur(grey, (5, 5), 0).astype(np.float32)
        passed, self._at = at - self._at, at
        if self._recent is None or self._base is None:
            self._recent, self._base = soft.copy(), soft.copy()
            for item in self.found:
                item.seen = at
            return
        cv2.accumulateWeighted(soft, self._recent, min(1.0, passed / RECENT))
        waiting = self._waiting(soft)
        yield from self._match(self._boxes(waiting, at), moving, at)
        free = cv2.dilate(waiting, np.ones((5, 5), np.uint8)) == 0
        for item in self.found:
            free[item.box.grown(3).slices(self.shape)] = False
        cv2.accumulateWeighted(soft, self._base, min(1.0, passed / BASE), free.astype(np.uint8))

    def _waiting(self, soft: Frame | Plane) -> Frame:
        if self._recent is None or self._base is None:
            return np.zeros(self.shape, np.uint8)
        new = cv2.absdiff(self._recent, self._base) > DIFFERENT
        calm = cv2.absdiff(np.asarray(soft, np.float32), self._recent) < AGREES
        mask: Frame = np.where(new & calm, self._within, np.uint8(0)).astype(np.uint8)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        return cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((7, 5), np.uint8))

    def _boxes(self, waiting: Frame, at: float) -> list[Box]:
        """Cut the waiting mask into objects; learn what is none and stays."""
        edgeless, self._edgeless = self._edgeless, []
        if self._recent is None or self._base is None or not waiting.any():
            return []
        now = edges_of(self._recent.astype(np.uint8))
        before = edges_of(self._base.astype(np.uint8))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(waiting, connectivity=8)
        boxes = []
        for n in range(1, count):
            x, y, w, h, area = (int(v) for v in stats[n])
            if area < self.min_area:
                continue
            box = Box(x, y, w, h)
            cut = box.grown(4).slices(self.shape)
            region = (labels[cut] == n).astype(np.uint8)
            rim = cv2.morphologyEx(region, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)) > 0
            if float(np.mean(now[cut][rim] - before[cut][rim])) >= RIM:
                boxes.append(box)
            elif not any(overlap(box, item.box) > 0 for item in self.found):
                since = min((t for b, t in edgeless if overlap(b, box) >= SAME), default=at)
                self._edgeless.append((box, since))
                if at - since >= SETTLED:
                    self._base[cut] = self._recent[cut]
        return boxes

    def _match(self, boxes: list[Box], moving: Frame, at: float) -> Iterator[Finding]:
        for box in boxes:
            item = max(self.found, key=lambda f: overlap(f.box, box), default=None)
            if item is None or overlap(item.box, box) < SAME:
                item = Left(self._next, box, at, at, looks=0)
                self._next += 1
                self.found.append(item)
            item.seen, item.looks = at, item.looks + 1
            if not item.told:
                item.box = box
        for item in list(self.found):
            if item.seen == at:
                yield from self._judge(item, at)
                continue
            if moving[item.box.slices(self.shape)].any():
                item.seen += EVERY  # hidden, not gone
            if at - item.seen > GONE or at - item.since > LONGEST:
                self.found.remove(item)
                for name in item.told:
                    yield self._say(item, self._zone(name), "leave")

    def _judge(self, item: Left, at: float) -> Iterator[Finding]:
        age = at - item.since
        for zone in self.zones:
            if age < zone.left_after or item.looks < 0.5 * age / EVERY:
                continue
            if not any(inside(self._areas[zone.name], p) for p in (item.box.foot, item.box.centre)):
                continue
            told = item.told.get(zone.name)
            if told is None or at - told >= UPDATE:
                item.told[zone.name] = at
                yield self._say(item, zone, "enter" if told is None else "update")

    def _zone(self, name: str) -> Zone:
        return next(z for z in self.zones if z.name == name)

    def _say(self, item: Left, zone: Zone, phase: Phase) -> Finding:
        height, width = self.shape
        return Finding(
            behaviour=Behaviour.BLOCKING if zone.watches("blocking") else Behaviour.LEFT,
            track=f"s{item.number}",
            phase=phase,
            label="still",
            score=0.9,
            box=item.box.scaled(1 / width, 1 / height),
            zone=zone.name,
        )
