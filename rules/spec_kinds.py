"""The kinds of condition as a rule file writes them: typed structs, checked key by key."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from rules.geo import Fence

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST = timedelta(days=366)

Level = Annotated[int, Meta(ge=1, le=4)]
Positive = Annotated[float, Meta(gt=0, le=1e9)]
Predicates = dict[str, str | bool]


class Span:
    """A length of time: 30s, 5m, 24h, 7d."""

    __slots__ = ("value",)

    def __init__(self, value: timedelta) -> None:
        self.value = value


class After:
    """A length of time, or `offline_after`: the device's own limit of silence."""

    __slots__ = ("value",)

    def __init__(self, value: timedelta | None) -> None:
        self.value = value


def parse_span(text: object) -> timedelta:
    """Read a length of time; raises ValueError."""
    found = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{text!r} is not a length of time: write 30s, 5m, 24h or 7d")
    value = timedelta(seconds=min(float(found[1]) * _UNITS[found[2]], 1e9))
    if not timedelta(0) < value <= _LONGEST:
        raise ValueError(f"{text!r} is out of range: more than 0, at most 366d")
    return value


class Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """Base of all kinds."""


class ThresholdSpec(Kind, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="threshold"):
    """Met as soon as reported."""

    when: Predicates
    clear: Predicates = {}
    quiet_for: Span | None = None


class HeldSpec(Kind, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="held"):
    """Met when it has lasted for so long."""

    when: Predicates
    until: Predicates = {}
    for_: Span = msgspec.field(name="for")
    quiet_for: Span | None = None


class CountSpec(Kind, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="count"):
    """Met when so many have come within the window."""

    when: Predicates
    clear: Predicates = {}
    at_least: Annotated[int, Meta(ge=2, le=1000)]
    within: Span
    quiet_for: Span


class DistinctSpec(Kind, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="distinct"):
    """Met when so many different ones have matched within the window."""

    when: Predicates
    clear: Predicates = {}
    of: dict[str, str]
    at_least: Annotated[int, Meta(ge=2, le=500)]
    within: Span
    quiet_for: Span


class SequenceSpec(Kind, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="sequence"):
    """Met when one follows the other in time, with nothing forbidden between."""

    when: Predicates
    then: Predicates
    unless: Predicates = {}
    within: Span
    quiet_for: Span


class ChangeSpec(Kind, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="change"):
    """Met when a value has risen (or fallen) by so much within so long."""

    when: Predicates
    of: dict[str, str]
    rise: Positive | None = None
    fall: Positive | None = None
    within: Span
    quiet_for: Span


class StillSpec(Kind, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="still"):
    """Met when a value has moved by less than so much for so long."""

    when: Predicates
    of: dict[str, str]
    less_than: Positive
    for_: Span = msgspec.field(name="for")


class ExcessSpec(Kind, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="excess"):
    """Met when more of one than of the other belong to one passage."""

    when: Predicates
    than: Predicates
    more: Annotated[int, Meta(ge=1, le=50)] = 1
    within: Span
    quiet_for: Span


class GeofenceSpec(Kind, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="geofence"):
    """Met when a position lies outside the fence, at once or for so long; without a fence, never."""

    of: list[str] = msgspec.field(default_factory=lambda: ["position"])
    fence: Fence | None = None
    for_: Span | None = msgspec.field(name="for", default=None)


class StepSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of an absence."""

    after: After
    severity: Level
    safety_severity: Level | None = None


class AbsenceSpec(Kind, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="absence"):
    """Met when nothing has matched for so long."""

    when: Predicates
    steps: Annotated[list[StepSpec], Meta(min_length=1, max_length=10)]


ConditionSpec = (
    ThresholdSpec
    | HeldSpec
    | CountSpec
    | DistinctSpec
    | SequenceSpec
    | ChangeSpec
    | StillSpec
    | ExcessSpec
    | GeofenceSpec
    | AbsenceSpec
)
KINDS = (
    ThresholdSpec,
    HeldSpec,
    CountSpec,
    DistinctSpec,
    SequenceSpec,
    ChangeSpec,
    StillSpec,
    ExcessSpec,
    GeofenceSpec,
    Fence,
    AbsenceSpec,
    StepSpec,
)
KIND_NAMES = tuple(str(k.__struct_config__.tag) for k in KINDS if k.__struct_config__.tag)
