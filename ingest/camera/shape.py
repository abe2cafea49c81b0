"""Boxes, points and polygons in the analysed picture; lengths are its pixels unless said otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

Frame = MatLike
"""A picture of bytes: height x width (grey) or height x width x 3 (blue, green, red)."""
Plane = MatLike
"""A field of 32-bit floats: height x width, or a list of points."""
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def area(self) -> float:
        """Return the area, in square pixels."""
        return self.w * self.h

    @property
    def centre(self) -> Point:
        """Return the middle."""
        return self.x + self.w / 2, self.y + self.h / 2

    @property
    def foot(self) -> Point:
        """Return the middle of the lower edge: where a standing object touches the ground."""
        return self.x + self.w / 2, self.y + self.h

    def moved(self, dx: float, dy: float) -> Box:
        """Return the box somewhere else."""
        return Box(self.x + dx, self.y + dy, self.w, self.h)

    def grown(self, by: float) -> Box:
        """Return the box with a margin around it."""
        return Box(self.x - by, self.y - by, self.w + 2 * by, self.h + 2 * by)

    def scaled(self, x: float, y: float) -> Box:
        """Return the box in another measure."""
        return Box(self.x * x, self.y * y, self.w * x, self.h * y)

    def slices(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Return the rows and columns of an array of that shape that the box covers."""
        top, left = max(0, int(self.y)), max(0, int(self.x))
        bottom, right = (
            min(shape[0], int(np.ceil(self.y + self.h))),
            min(shape[1], int(np.ceil(self.x + self.w))),
        )
        return slice(top, max(top, bottom)), slice(left, max(left, right))


def median_of(grey: Frame) -> float:
    """Return the median of bytes by counting them, a third of what sorting costs."""
    counted = np.cumsum(cv2.calcHist([grey], [0], None, [256], [0, 256]))
    low, high = np.searchsorted(counted, [(grey.size - 1) // 2 + 1, grey.size // 2 + 1])
    return (float(low) + float(high)) / 2


def regions(mask: Frame) -> Iterator[tuple[int, int, int, int, int, NDArray[np.bool_]]]:
    """Yield each connected region: left, top, width, height, area, and where in that box it lies.

    Only the part of the mask that holds anything is searched: a whole picture costs eight times that.
    """
    left, top, width, height = cv2.boundingRect(mask)
    if not width:
        return
    part = mask[top : top + height, left : left + width]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    for n in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[n])
        yield x + left, y + top, w, h, area, np.asarray(labels[y : y + h, x : x + w] == n)


def overlap(a: Box, b: Box) -> float:
    """Return the intersection over union of two boxes, 0 to 1."""
    common = shared(a, b)
    return common / (a.area + b.area - common) if common else 0.0


def shared(a: Box, b: Box) -> float:
    """Return the area that two boxes share, in square pixels."""
    w = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    h = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    return w * h if w > 0 and h > 0 else 0.0


def union(a: Box, b: Box) -> Box:
    """Return the smallest box around both."""
    x, y = min(a.x, b.x), min(a.y, b.y)
    return Box(x, y, max(a.x + a.w, b.x + b.w) - x, max(a.y + a.h, b.y + b.h) - y)


def polygon(points: Sequence[Point], width: int, height: int) -> Plane:
    """Turn shares of the picture (0 to 1) into the pixels of an analysed picture."""
    return np.array([(x * width, y * height) for x, y in points], np.float32)


def inside(area: Plane, point: Point) -> bool:
    """Say whether a point lies in a polygon (`cv2.pointPolygonTest`); its edge belongs to it."""
    return cv2.pointPolygonTest(area, (float(point[0]), float(point[1])), measureDist=False) >= 0


def side(a: Point, b: Point, point: Point) -> float:
    """Return the distance of a point from the line a to b in pixels, positive on its right hand.

    In a picture y grows downward: with a at the left and b at the right, below is positive.
    """
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = float(np.hypot(dx, dy)) or 1.0
    return (dx * (point[1] - a[1]) - dy * (point[0] - a[0])) / length


def along(a: Point, b: Point, point: Point) -> float:
    """Return how far along a to b a point lies: 0 at a, 1 at b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy or 1.0
    return ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / square
