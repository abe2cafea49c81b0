"""Places, devices and cared-for people: what the platform knows before anything is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from devices.registry.lifecycle import Lifecycle

NAME = r"^[A-Za-z0-9_-]{1,64}$"
"""Place codes and device ids, so that both fit a topic level (design.md section 4)."""


class PlaceKind(StrEnum):
    """Levels of the place tree (domain.md section b), widest first."""

    CITY = "city"
    TOWN = "town"
    COMMUNITY = "community"
    ESTATE = "estate"
    BUILDING = "building"
    UNIT = "unit"
    FLOOR = "floor"
    ROOM = "room"
    GATE = "gate"  # an entrance or another named spot of an estate


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A node of the place tree; `path` holds the codes from the root down to this place.

    `outline` is a polygon in metres, x east and y north of the estate's south-west
    corner, for the sketch; `level` counts floors from 1.
    """

    code: str
    kind: PlaceKind
    name_zh: str
    name_en: str
    path: tuple[str, ...]
    outline: tuple[tuple[float, float], ...] = ()
    level: int | None = None
    lateness: timedelta | None = None  # of an estate: how long its messages may be under way

    @property
    def parent(self) -> str | None:
        """The code of the place around this one."""
        return self.path[-2] if len(self.path) > 1 else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """A registered device at its installed place (which no report ever overwrites).

    `x`, `y` are metres in the estate's sketch. `offline_after` overrides the profile's.
    """

    id: str
    estate: str
    place: str
    profile: str
    name_zh: str
    name_en: str
    registered_at: datetime
    offline_after: timedelta | None = None
    x: float | None = None
    y: float | None = None
    dialect: str | None = None  # speaks through an adapter instead of natively
    foreign_name: str | None = None  # what that dialect calls it, where it is not its id
    gateway: str | None = None  # the device that it speaks through
    lifecycle: Lifecycle = Lifecycle.ACTIVE
    model: str | None = None  # what it is of its family, where that matters: barrier, fire_door


@dataclass(frozen=True, kw_only=True, slots=True)
class Cared:
    """A person who is looked after (独居, 空巢, ...): absence raises CARE-001.

    `person` is the same opaque reference that gates report; no name is needed here.
    """

    person: str
    estate: str
    place: str
    since: datetime
    away_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Registry:
    """An immutable snapshot of places, devices and cared-for people."""

    places: Mapping[str, Place] = field(default_factory=lambda: MappingProxyType({}))
    devices: Mapping[str, Device] = field(default_factory=lambda: MappingProxyType({}))
    cared: Mapping[str, Cared] = field(default_factory=lambda: MappingProxyType({}))
    foreign: Mapping[tuple[str, str, str], Device] = field(default_factory=lambda: MappingProxyType({}))
    watched: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))  # devices by building

    @classmethod
    def of(
        cls, *, places: Iterable[Place] = (), devices: Iterable[Device] = (), cared: Iterable[Cared] = ()
    ) -> Registry:
        """Build a snapshot from loose parts."""
        known = {d.id: d for d in devices}
        nodes = {p.code: p for p in places}
        return cls(
            places=MappingProxyType(nodes),
            devices=MappingProxyType(known),
            cared=MappingProxyType({c.person: c for c in cared}),
            foreign=MappingProxyType(_foreign(known.values())),
            watched=MappingProxyType(_watched(nodes, known.values())),
        )

    def speaks_through(self, device: str, gateway: str) -> bool:
        """Whether what a device says comes through that gateway, directly or over others."""
        seen: set[str] = set()
        here = self.devices.get(device)
        while here is not None and here.gateway is not None and here.id not in seen:
            if here.gateway == gateway:
                return True
            seen.add(here.id)
            here = self.devices.get(here.gateway)
        return False

    def within(self, place: str, kind: PlaceKind) -> str | None:
        """The code of the place of that kind around `place` (or itself), if there is one."""
        node = self.places.get(place)
        if node is None:
            return None
        return next(
            (code for code in reversed(node.path) if (p := self.places.get(code)) and p.kind is kind), None
        )

    def estate_of(self, place: str) -> str | None:
        """The code of the estate that `place` lies in, or is."""
        return self.within(place, PlaceKind.ESTATE)


def _watched(places: Mapping[str, Place], devices: Iterable[Device]) -> dict[str, int]:
    """How many devices in use each building has."""
    found: Counter[str] = Counter()
    for device in devices:
        node = places.get(device.place)
        if node is not None and device.lifecycle is Lifecycle.ACTIVE:
            found.update(
                code for code in node.path if (p := places.get(code)) and p.kind is PlaceKind.BUILDING
            )
    return dict(found)


def _foreign(devices: Iterable[Device]) -> dict[tuple[str, str, str], Device]:
    """Devices by (dialect, estate, foreign name), and with an empty estate where that is unambiguous."""
    found: dict[tuple[str, str, str], Device] = {}
    doubtful: set[tuple[str, str, str]] = set()
    for d in devices:
        if d.dialect is not None:
            name = d.foreign_name or d.id
            found[d.dialect, d.estate, name] = d
            anywhere = (d.dialect, "", name)
            if anywhere in found:
                doubtful.add(anywhere)
            found[anywhere] = d
    return {key: d for key, d in found.items() if key not in doubtful}
