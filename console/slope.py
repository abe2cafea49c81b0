"""Does a series grow? A robust slope, and a page of small plots as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import combinations
from statistics import median
from typing import Final

Series = Sequence[tuple[float, float]]
WARM: Final = 0.25  # share at the beginning that does not count: caches fill, pools open
FEWEST: Final = 8  # points below which nothing is said
MOST: Final = 200  # points that the slope is taken from: their pairs are 19 900
WIDTH, HEIGHT, ROW = 320, 90, 120
ROUND: Final = 100  # largest values from here on are shown without decimals
SPARSE: Final = 30  # points below which each gets a mark


def slope(points: Series) -> float:
    """The median of the slopes between all pairs (Theil and Sen): one outlier moves nothing."""
    step = max(1, len(points) // MOST)
    pairs = combinations(points[::step], 2)
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs if b[0] != a[0]]
    return median(slopes) if slopes else 0.0


def growing(points: Series, limit: float) -> bool:
    """Whether a series grows by more than `limit` of its median over its warm part."""
    warm = points[int(len(points) * WARM) :]
    if len(warm) < FEWEST:
        return False
    middle = median(value for _, value in warm)
    return slope(warm) * (warm[-1][0] - warm[0][0]) > limit * max(abs(middle), 1e-9)


def plot(series: Mapping[str, Series]) -> str:
    """Small plots below each other in two columns, each from zero to its largest value."""
    rows = (len(series) + 1) // 2
    parts = [_panel(name, points, n) for n, (name, points) in enumerate(series.items())]
    size = f'width="{2 * WIDTH + 60}" height="{rows * ROW + 20}"'
    style = "<style>text{font:11px sans-serif;fill:#888}polyline{fill:none;stroke:#2a7de1}circle{fill:#2a7de1}</style>"  # noqa: E501
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{style}{"".join(parts)}</svg>\n'


def _panel(name: str, points: Series, n: int) -> str:
    left, top = 20 + n % 2 * (WIDTH + 20), 20 + n // 2 * ROW
    end = max((at for at, _ in points), default=0.0) or 1.0
    most = max((value for _, value in points), default=0.0) or 1.0
    across, up = WIDTH / end, (HEIGHT - 15) / most
    dots = " ".join(f"{left + at * across:.1f},{top + HEIGHT - value * up:.1f}" for at, value in points)
    largest = f"{most:,.0f}" if most >= ROUND else f"{most:.3g}"
    title = f'<text x="{left}" y="{top + 8}">{escape(name)} (max {largest})</text>'
    marks = "".join(f'<circle cx="{x}" cy="{y}" r="2"/>' for x, y in (dot.split(",") for dot in dots.split()))
    return f'{title}<polyline points="{dots}"/>{marks if len(points) < SPARSE else ""}'
