"""A device's health from what is stored: trends, shares of time up, and causes in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LOW_BATTERY = 20.0  # per cent, of a family that is not named here
LOW_BATTERY_OF: Mapping[str, float] = {
    "sos_button": 30.0,  # somebody's life hangs on it, and whoever carries it cannot see its charge
    "wearable": 30.0,
    "smoke_sensor": 25.0,
    "gas_detector": 25.0,
    "manhole": 30.0,  # a crew with a permit must lift the cover
    "meter": 10.0,  # made for years on one cell: a tenth is months
}
"""The charge at which a battery is to be changed, by family: for the list of today and for health."""

FLAPS = 4  # changes of the link within an hour that are no longer chance
TOGETHER = timedelta(minutes=5)  # links that break within this time broke together
FEWEST = 3  # devices of a common cause
MOST_OF = 0.5  # the share of a building's devices that makes a cause of the building
_DAY = 86_400.0
_LEAST_SPAN_DAYS = 2.0  # a trend of less is noise
_FURTHEST_DAYS = 3650.0


@dataclass(frozen=True, slots=True)
class Trend:
    """A battery's way down: per cent a day, and the day it will be empty."""

    per_day: float
    empty_on: datetime | None


def battery_trend(samples: Sequence[tuple[datetime, float]]) -> Trend | None:
    """The straight line through the samples since the last charge or change; None for too short a time."""
    fresh = _since_charge(samples)
    if len(fresh) < FEWEST or (fresh[-1][0] - fresh[0][0]) < timedelta(days=_LEAST_SPAN_DAYS):
        return None
    origin = fresh[0][0]
    xs = [(at - origin).total_seconds() / _DAY for at, _ in fresh]
    ys = [percent for _, percent in fresh]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread
    if slope >= 0:
        return Trend(slope, None)
    days = mean_x - mean_y / slope  # where the line meets zero
    return Trend(slope, origin + timedelta(days=days) if days < _FURTHEST_DAYS else None)


def _since_charge(
    samples: Sequence[tuple[datetime, float]], jump: float = 20.0
) -> Sequence[tuple[datetime, float]]:
    start = 0
    for i in range(1, len(samples)):
        if samples[i][1] - samples[i - 1][1] >= jump:
            start = i
    return samples[start:]


def uptime(
    changes: Sequence[tuple[datetime, bool]],
    before: bool | None,  # noqa: FBT001 - a state, not a switch
    start: datetime,
    end: datetime,
) -> float | None:
    """The share of [start, end] that the link was up; time of which nothing is known does not count."""
    up, counted, state, at = 0.0, 0.0, before, start
    for when, online in (*changes, (end, False)):
        here = min(max(when, start), end)
        if state is not None:
            counted += (here - at).total_seconds()
            up += (here - at).total_seconds() if state else 0.0
        state, at = online, here
    return up / counted if counted else None


@dataclass(frozen=True, slots=True)
class Down:
    """A device whose link is down."""

    device: str
    since: datetime | None
    gateway: str | None
    building: str | None


@dataclass(frozen=True, slots=True)
class Cause:
    """What many troubles have in common; `held` are the devices it stands for."""

    kind: str  # gateway | place
    ref: str
    offline: int
    of: int
    since: datetime | None
    held: tuple[str, ...]


def find_causes(
    down: Iterable[Down], children: Mapping[str, Sequence[str]], totals: Mapping[str, int]
) -> list[Cause]:
    """A gateway that is down holds its children; a building most of which fell silent together is one cause.

    `children` are the devices behind each gateway, `totals` how many devices a building has.
    """
    rows = {each.device: each for each in down}
    causes = [
        Cause("gateway", name, sum(c in rows for c in kids), len(kids), rows[name].since, tuple(sorted(kids)))
        for name, kids in sorted(children.items())
        if name in rows and kids
    ]
    held = {device for cause in causes for device in cause.held}
    by_building: dict[str, list[Down]] = defaultdict(list)
    for each in rows.values():
        if each.building is not None and each.since is not None and each.device not in held:
            by_building[each.building].append(each)
    for building, members in sorted(by_building.items()):
        together = _largest(members)
        total = totals.get(building, len(members))
        if len(together) >= FEWEST and len(together) >= MOST_OF * total:
            names = tuple(sorted(each.device for each in together))
            causes.append(Cause("place", building, len(names), total, together[0].since, names))
    return causes


def _largest(members: list[Down]) -> list[Down]:
    """The most devices that fell silent within the window."""
    known = sorted(
        ((each.since, each) for each in members if each.since), key=lambda pair: (pair[0], pair[1].device)
    )
    best: list[Down] = []
    for i, (start, _) in enumerate(known):
        group = [each for since, each in known[i:] if since - start <= TOGETHER]
        best = max(best, group, key=len)
    return best


def low_battery(family: str) -> float:
    """The charge, in per cent, at which a battery of this family is to be changed."""
    return LOW_BATTERY_OF.get(family, LOW_BATTERY)
