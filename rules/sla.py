"""Promises and their clocks: pure arithmetic over wall time or working time, exact to the microsecond.

A promise runs, stands still (suspended), or is over. What it has used up before it stood still is
kept as a length of time, never as a shifted start: so a clock that was stopped and started again, or whose
process was away, knows exactly what is left.

Severity 1 and 2 count wall time. Severity 3 and 4 count working time of a calendar; there, limits
of whole days are read as working days (72 h: three working days), as people mean them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from rules.ruleset import Sla
from rules.schedule import DAY, Hours, Schedule, calendar

NOTHING: Final = timedelta()
_FARTHEST: Final = 3660  # days that working time is looked for: a limit beyond is a mistake


class Clock(StrEnum):
    """What was promised."""

    ACCEPT = "accept"  # the centre takes the case (受理)
    SIGN = "sign"  # whoever was sent signs for the order (签收)
    ARRIVE = "arrive"  # somebody is there (到场)
    CLOSE = "close"  # the case is closed (结案)


CLOCK_NAMES: Mapping[Clock, tuple[str, str]] = MappingProxyType(
    {
        Clock.ACCEPT: ("受理", "Accept"),
        Clock.SIGN: ("签收", "Sign"),
        Clock.ARRIVE: ("到场", "Arrive"),
        Clock.CLOSE: ("结案", "Close"),
    }
)
"""What the page shows: Chinese, English."""

AMBER: Final = 80
RED: Final = 100
SUPERVISE: Final = 150
LEVELS: Final = (AMBER, RED, SUPERVISE)
"""Per cent of the limit at which something happens."""

DEFAULTS: Mapping[int, Sla] = MappingProxyType(
    {
        1: Sla(accept=timedelta(minutes=1), arrive=timedelta(minutes=15), close=timedelta(hours=2)),
        2: Sla(accept=timedelta(minutes=5), arrive=timedelta(minutes=30), close=timedelta(hours=24)),
        3: Sla(accept=timedelta(minutes=30), arrive=timedelta(hours=4), close=timedelta(hours=72)),
        4: Sla(accept=timedelta(hours=8), arrive=None, close=timedelta(days=7)),
    }
)
"""By severity, where the alert's code says nothing (domain.md section c)."""

LADDER: Final = ("assignee", "community", "street", "city")
"""Who is told: one step up with every breach."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Time:
    """How time counts: `hours` of working days; `speed` squeezes a drill, where all time is wall time."""

    hours: Schedule
    speed: float = 1.0

    def working(self, severity: int) -> bool:
        """Whether promises of this severity count working time."""
        return severity > 2 and self.speed == 1.0  # noqa: PLR2004 - 1 and 2 are never left to the morning

    def limit(self, limit: timedelta, severity: int) -> timedelta:
        """The time that a limit really gives."""
        if not self.working(severity):
            return limit / self.speed
        whole_days, rest = divmod(limit, DAY)
        return whole_days * day_length(self.hours) + rest


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """A limit, and how much of it is gone: `spent` before `running_since`; not running while that is None."""

    limit: timedelta
    working: bool
    running_since: datetime | None
    spent: timedelta = NOTHING


def due(promise: Promise, level: int, hours: Schedule) -> datetime | None:
    """When so many per cent of the limit are gone; None while the clock stands still.

    A moment that has passed already is told as it was.
    """
    if promise.running_since is None:
        return None
    left = promise.limit * level / 100 - promise.spent
    if not promise.working:
        return promise.running_since + left
    return add(hours, promise.running_since, max(left, NOTHING))


def used(promise: Promise, now: datetime, hours: Schedule) -> timedelta:
    """How much of the limit is gone."""
    if promise.running_since is None or now <= promise.running_since:
        return promise.spent
    if not promise.working:
        return promise.spent + (now - promise.running_since)
    return promise.spent + between(hours, promise.running_since, now)


def paused(promise: Promise, now: datetime, hours: Schedule) -> Promise:
    """The clock stands still from now on."""
    return replace(promise, spent=used(promise, now, hours), running_since=None)


def resumed(promise: Promise, now: datetime) -> Promise:
    """The clock runs again; one that runs already is left alone."""
    return promise if promise.running_since is not None else replace(promise, running_since=now)


def extended(promise: Promise, by: timedelta) -> Promise:
    """More time was granted."""
    return replace(promise, limit=promise.limit + by)


def reached(promise: Promise, now: datetime, hours: Schedule) -> int:
    """The highest level that has been reached; 0: none yet."""
    gone = used(promise, now, hours)
    return max((level for level in LEVELS if gone >= promise.limit * level / 100), default=0)


def add(hours: Schedule, start: datetime, amount: timedelta) -> datetime:
    """The moment at which so much working time has passed since `start`.

    Nothing to wait for is over at once, working hours or not. Raises ValueError where the hours hold
    no working time for ten years.
    """
    if amount <= NOTHING:
        return start
    left = amount
    first = start.astimezone(hours.zone).date()
    for n in range(-1, _FARTHEST):
        for opens, closes in _spans(hours, n, start, first):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
    raise ValueError("the working hours are never open")


def between(hours: Schedule, start: datetime, end: datetime) -> timedelta:
    """How much working time lies between two moments."""
    first, last = (moment.astimezone(hours.zone).date() for moment in (start, end))
    total = NOTHING
    for n in range(-1, (last - first).days + 1):
        for opens, closes in _spans(hours, n, start, first):
            total += max(min(closes, end) - opens, NOTHING)
    return total


def _spans(hours: Schedule, n: int, start: datetime, first: date) -> list[tuple[datetime, datetime]]:
    """What is open on the n-th day, from `start` on, in UTC: local times of one zone subtract wrongly."""
    spans = [(a.astimezone(UTC), b.astimezone(UTC)) for a, b in hours.spans(first + n * DAY)]
    return [(max(a, start), b) for a, b in spans if b > start]


def day_length(hours: Schedule) -> timedelta:
    """How much working time an ordinary working day has."""
    spans = hours.grid.get("workday") or hours.grid.get("daily") or ()
    anchor = datetime(2024, 1, 3, tzinfo=UTC).date()
    total = sum(((b - a) for a, b in (h.on(anchor, ZoneInfo("UTC")) for h in spans)), NOTHING)
    return total or DAY


def work_hours(text: str, zone: str = "Asia/Shanghai", country: str = "cn") -> Schedule:
    """Read working hours (`08:30-12:00,13:30-18:00`) of a country's working days; raises ValueError."""
    spans = []
    for part in text.split(","):
        opens, _, closes = part.strip().partition("-")
        first, last = time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())
        if last <= first:
            raise ValueError(f"{part.strip()!r}: write the earlier time first")
        spans.append(Hours(first, last))
    if any(a.end > b.start for a, b in pairwise(spans)):
        raise ValueError("write the hours in order, without overlap")
    grid = MappingProxyType({"workday": tuple(spans)})
    return Schedule(grid=grid, zone=ZoneInfo(zone), calendar=calendar(country))


def promised(clock: Clock, sla: Sla) -> timedelta | None:
    """The limit of a clock; None: nothing was promised."""
    return {
        Clock.ACCEPT: sla.accept,
        Clock.SIGN: sla.accept,
        Clock.ARRIVE: sla.arrive,
        Clock.CLOSE: sla.close,
    }[clock]
