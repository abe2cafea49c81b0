"""Who there is besides devices: grids, people, posts and their shifts, resources; words and values only.

Roles are those of the alert catalogue (domain.md d) and the leaders of the county's plan (domain.md a).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from types import MappingProxyType
from typing import Final

ROLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "OP": ("值班员", "Operator on duty"),
        "SL": ("值班长", "Shift leader"),
        "GW": ("网格员", "Grid worker"),
        "BL": ("楼栋长", "Building leader"),
        "CL": ("院落长", "Courtyard leader"),
        "UL": ("单元长", "Unit leader"),
        "PM": ("物业", "Property management"),
        "CP": ("社区民警", "Community police"),
        "AP": ("辅警", "Auxiliary police"),
        "FS": ("微型消防站", "Micro fire station"),
        "VOL": ("志愿者", "Volunteers"),
        "MT": ("维保单位", "Maintenance"),
        "FAM": ("家属", "Family"),
        "COMMUNITY": ("社区", "Community office"),
        "URBAN": ("城管", "Urban management"),
        "GAS": ("燃气公司", "Gas company"),
        "LIFT": ("电梯维保", "Lift maintenance"),
    }
)
"""What a person can be: Chinese, English."""

OUTSIDE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "119": ("119 消防", "Fire service 119"),
        "120": ("120 急救", "Ambulance 120"),
        "110": ("110 报警", "Police emergency 110"),
    }
)
"""Outside parties that are called and not rostered; never in a drill."""

SKILLS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "first_aid": ("急救", "First aid"),
        "fire": ("灭火", "Fire fighting"),
        "gas": ("燃气处置", "Gas handling"),
        "electric": ("电工", "Electrician"),
        "lift": ("电梯救援", "Lift rescue"),
        "water": ("抢修排水", "Plumbing and pumping"),
        "mediation": ("调解", "Mediation"),
        "elder_care": ("助老照护", "Care of the elderly"),
        "sign": ("手语", "Sign language"),
        "drone": ("无人机", "Drone"),
    }
)

RESOURCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "aed": ("AED", "AED"),
        "extinguisher": ("灭火器", "Fire extinguisher"),
        "hydrant": ("消火栓", "Hydrant"),
        "vehicle": ("车辆", "Vehicle"),
        "first_aid_kit": ("急救箱", "First-aid kit"),
        "pump": ("排水泵", "Water pump"),
        "sandbag": ("沙袋", "Sandbags"),
        "generator": ("应急发电机", "Generator"),
        "ladder": ("救援梯", "Rescue ladder"),
        "other": ("其他物资", "Other supplies"),
    }
)

USEFUL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "FIRE": ("extinguisher", "hydrant", "vehicle", "ladder", "first_aid_kit"),
        "SOS": ("aed", "first_aid_kit", "vehicle"),
        "CARE": ("aed", "first_aid_kit", "vehicle"),
        "ENV": ("pump", "sandbag", "generator", "vehicle"),
        "SEC": ("vehicle", "first_aid_kit"),
        "DEV": ("generator", "ladder"),
        "CIV": ("vehicle",),
    }
)
"""What helps with an alert, by the letters of its code."""


class GridKind(StrEnum):
    """Base grids tile a community; special ones are a school, a hospital, a market."""

    BASE = "base"
    SPECIAL = "special"


class ResourceState(StrEnum):
    """Whether a resource can be used."""

    READY = "ready"
    IN_USE = "in_use"
    FAULTY = "faulty"
    MISSING = "missing"


class ShiftKind(StrEnum):
    """On duty is there; on call comes when called."""

    DUTY = "duty"
    ON_CALL = "on_call"


GRID_CODE: Final = r"^[0-9]{15}$"
"""12 digits of the community and 3 of its own (domain.md b)."""
DIVISION: Final = re.compile(r"[0-9]{6}(?:[0-9]{3}){0,2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """A grid: beside the place tree, part of exactly one community; `places` are its buildings."""

    code: str
    kind: GridKind
    community: str
    name_zh: str
    name_en: str
    households: int | None = None
    places: tuple[str, ...] = ()
    alt_codes: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who can be called or sent."""

    id: str
    name: str
    roles: tuple[str, ...]
    place: str
    skills: tuple[str, ...] = ()
    phone: str | None = None
    org: str | None = None
    grid: str | None = None
    cares_for: str | None = None  # a person under care (an opaque reference): this one is a family contact


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A post that so many people must hold, daily between two times (equal: day and night)."""

    code: str
    name_zh: str
    name_en: str
    role: str
    place: str
    minimum: int = 1
    opens: time = time(0)
    closes: time = time(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """One person on one post from a moment to a later one."""

    post: str
    person: str
    starts: datetime
    ends: datetime
    kind: ShiftKind = ShiftKind.DUTY


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A thing that helps, at its installed place; `x`, `y` are metres in the estate's sketch."""

    id: str
    kind: str
    name_zh: str
    name_en: str
    place: str
    quantity: int = 1
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbour:
    """A region next door whose people may be sent here (domain.md b: 青白江)."""

    code: str
    name_zh: str
    name_en: str


def grid_problems(code: str, community: str, kind_of_place: str) -> dict[str, str]:
    """Say what is wrong with a grid's code and place; empty where nothing is."""
    errors: dict[str, str] = {}
    if not re.fullmatch(GRID_CODE, code):
        errors["code"] = "a grid code has 15 digits: 12 of the community, 3 of the grid"
    elif DIVISION.fullmatch(community) and not code.startswith(community):
        errors["code"] = f"the grid lies in {community}: its code begins with {community}"
    if kind_of_place != "community":
        errors["community"] = "a grid belongs to a community or village, never to a street or an estate"
    return errors
