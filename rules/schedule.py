"""Schedules: when a rule is armed, by week, holiday and working calendar, in a time zone.

The calendar is data (`rules/calendars/*.yaml`): China's holidays are announced every year by
the State Council, with working weekends that make up for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType
from zoneinfo import ZoneInfo

import yaml

DAY = timedelta(days=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS = ("daily", "workday", "weekend", "holiday", *DAYS)
_FARTHEST = 400  # days to look ahead for the next opening


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """Holidays, and weekends on which people work."""

    holidays: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()

    def kinds(self, day: date) -> tuple[str, ...]:
        """What a day is, most special first."""
        name = DAYS[day.weekday()]
        if day in self.holidays:
            return ("holiday", name, "daily")
        if day in self.working or (day.weekday() < 5):  # noqa: PLR2004 - Monday to Friday
            return ("workday", name, "daily")
        return ("weekend", name, "daily")


@dataclass(frozen=True, slots=True)
class Hours:
    """From a local time to a later one; not later means until that time of the next day."""

    start: time
    end: time

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The span that begins on a day."""
        last = day if self.end > self.start else day + DAY
        return datetime.combine(day, self.start, zone), datetime.combine(last, self.end, zone)


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """A week's grid: the most special kind of a day that the grid names decides.

    `grid` maps `holiday`, `workday`, `weekend`, a weekday or `daily` to hours; an empty tuple
    means not at all.
    """

    grid: Mapping[str, tuple[Hours, ...]]
    zone: ZoneInfo
    calendar: Calendar = field(default_factory=Calendar)

    def armed(self, at: datetime) -> bool:
        """Whether the schedule is open at a moment."""
        today = at.astimezone(self.zone).date()
        return any(start <= at < end for day in (today - DAY, today) for start, end in self.spans(day))

    def opens(self, after: datetime) -> datetime | None:
        """When it opens next, strictly after a moment at which it is closed."""
        today = after.astimezone(self.zone).date()
        for n in range(-1, _FARTHEST):
            starts = [s for s, _ in self.spans(today + n * DAY) if s > after]
            if starts:
                return min(starts)
        return None

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """When it is open on a day, in order."""
        for kind in self.calendar.kinds(day):
            if kind in self.grid:
                return [hours.on(day, self.zone) for hours in self.grid[kind]]
        return []


@cache
def calendar(name: str) -> Calendar:
    """Read a working calendar that comes with the platform; raises KeyError where there is none."""
    place = resources.files("rules") / "calendars" / f"{name}.yaml"
    if not name.isalnum() or not place.is_file():
        raise KeyError(name)
    data = yaml.load(place.read_text("utf-8"), yaml.CSafeLoader)
    return Calendar(holidays=_days(data["holidays"]), working=_days(data["working"]))


def _days(texts: list[str]) -> frozenset[date]:
    """Read days (2026-10-01) and spans of days (2026-10-01/2026-10-07)."""
    found: set[date] = set()
    for text in texts:
        first, _, last = str(text).partition("/")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        while day <= end:
            found.add(day)
            day += DAY
    return frozenset(found)


def whole_day() -> Mapping[str, tuple[Hours, ...]]:
    """A grid that is always open."""
    return MappingProxyType({"daily": (Hours(time(0), time(0)),)})
