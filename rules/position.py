"""Where somebody or something is: several sources, one best answer, never a guess over an installation.

Every source keeps its own last word; `best` chooses among them and forgets none. So a phone that
reports from the wrong cell, or a person who "should be at home", can never move what was installed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import hypot

from rules.geo import distance

FRESH = timedelta(minutes=15)
"""A report older than this is a hint, not a position."""
ROUGH = (400.0, 1_500.0, 5_000.0, 15_000.0, 40_000.0)
"""Metres assumed between places without coordinates: same estate, community, town, county, beyond."""
_LEVELS = (4, 3, 2, 1)  # how many codes of two paths agree: estate, community, town, county


class Source(StrEnum):
    """Who says where something is, most trustworthy first."""

    INSTALLED = "installed"  # written down by whoever mounted it
    GPS = "gps"
    SCANNED = "scanned"  # a code at the place was scanned
    REPORTED = "reported"  # somebody says so
    DUTY = "duty"  # where their post is
    HOME = "home"  # the place they are responsible for: a guess


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """A position as far as it is known; `path` is its place's, `x`, `y` metres in that estate's sketch."""

    path: tuple[str, ...]
    source: Source
    at: datetime
    x: float | None = None
    y: float | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Distance:
    """How far, and how we know: by globe, by sketch, or by the place tree only."""

    metres: float
    basis: str  # globe | sketch | tree


def best(spots: Iterable[Spot], now: datetime) -> Spot | None:
    """The position to go by: an installed one always; else the best fresh one; else the newest."""
    known = list(spots)
    rank = list(Source)
    if not known:
        return None
    fixed = [spot for spot in known if spot.source is Source.INSTALLED]
    if fixed:
        return max(fixed, key=lambda s: s.at)
    fresh = [s for s in known if s.source in (Source.DUTY, Source.HOME) or now - s.at <= FRESH]
    if fresh:
        return min(fresh, key=lambda s: (rank.index(s.source), -s.at.timestamp()))
    return max(known, key=lambda s: s.at)


def overwrites(new: Source, old: Source) -> bool:
    """Whether a word from one source may replace the word of another: only its own."""
    return new is old


def apart(one: Spot, other: Spot) -> Distance:
    """How far two positions are from each other."""
    if one.lat is not None and one.lon is not None and other.lat is not None and other.lon is not None:
        return Distance(round(distance((one.lat, one.lon), (other.lat, other.lon)), 1), "globe")
    common = _common(one.path, other.path)
    same_estate = common >= _LEVELS[0]
    if same_estate and None not in (one.x, one.y, other.x, other.y):
        metres = hypot((one.x or 0) - (other.x or 0), (one.y or 0) - (other.y or 0))
        return Distance(round(metres, 1), "sketch")
    if one.path == other.path:
        return Distance(0.0, "tree")
    step = next((n for n, level in enumerate(_LEVELS) if common >= level), len(_LEVELS))
    return Distance(ROUGH[step], "tree")


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    agreed = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        agreed += 1
    return agreed
