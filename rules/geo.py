"""Places on the globe: whether a position lies inside a fence (WGS-84, a few kilometres across)."""

from __future__ import annotations

from math import cos, hypot, radians
from typing import Annotated

import msgspec
from msgspec import Meta

from devices.reading import Latitude, Longitude

METRES_PER_DEGREE = 111_320.0  # of latitude; of longitude times its cosine
Corner = tuple[Latitude, Longitude]


class Fence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A circle (`centre`, `radius` in metres) or a polygon (`corners`); `margin` metres are forgiven."""

    centre: Corner | None = None
    radius: Annotated[float, Meta(gt=0, le=100_000)] | None = None
    corners: Annotated[tuple[Corner, ...], Meta(max_length=200)] = ()
    margin: Annotated[float, Meta(ge=0, le=10_000)] = 20.0

    def __post_init__(self) -> None:
        circle = self.centre is not None and self.radius is not None
        if circle == bool(self.corners):
            raise ValueError("a fence is a circle (centre, radius) or a polygon (corners)")
        if self.corners and len(self.corners) < 3:  # noqa: PLR2004 - a polygon
            raise ValueError("a polygon has at least three corners")


def distance(a: Corner, b: Corner) -> float:
    """Metres between two near positions, as on a flat map."""
    return hypot(*_metres(a, b))


def outside(fence: Fence, at: Corner, accuracy: float = 0.0) -> bool:
    """Whether a position is certainly outside: farther than the margin and its own inaccuracy."""
    return beyond(fence, at) > fence.margin + accuracy


def beyond(fence: Fence, at: Corner) -> float:
    """Metres from the fence to a position outside it; 0 inside."""
    if fence.centre is not None and fence.radius is not None:
        return max(0.0, distance(fence.centre, at) - fence.radius)
    points = [_metres(at, corner) for corner in fence.corners]
    edges = list(zip(points, (*points[1:], points[0]), strict=True))
    return 0.0 if _around(edges) else min(_to_edge(a, b) for a, b in edges)


def _metres(origin: Corner, at: Corner) -> tuple[float, float]:
    """East and north of the origin."""
    east = (at[1] - origin[1] + 180) % 360 - 180
    return (
        east * METRES_PER_DEGREE * cos(radians(origin[0])),
        (at[0] - origin[0]) * METRES_PER_DEGREE,
    )


def _around(edges: list[tuple[tuple[float, float], tuple[float, float]]]) -> bool:
    """Whether the edges go around the origin: a ray east crosses them an odd number of times."""
    inside = False
    for (x1, y1), (x2, y2) in edges:
        if (y1 > 0) != (y2 > 0) and x1 + (0 - y1) * (x2 - x1) / (y2 - y1) > 0:
            inside = not inside
    return inside


def _to_edge(a: tuple[float, float], b: tuple[float, float]) -> float:
    """From the origin to the nearest point of an edge."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    share = 0.0 if length == 0 else max(0.0, min(1.0, -(a[0] * dx + a[1] * dy) / length))
    return hypot(a[0] + share * dx, a[1] + share * dy)
