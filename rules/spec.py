"""What a rule file may say: typed structs, checked key by key (docs/howto/write-a-rule.md)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from rules.condition import By

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST = timedelta(days=366)

Code = Annotated[str, Meta(pattern=r"^[A-Z]{2,8}-[0-9]{3}$(?!\n)")]
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$(?!\n)")]
Line = Annotated[str, Meta(min_length=1, max_length=200)]
Role = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_]{2,32}$(?!\n)")]
Level = Annotated[int, Meta(ge=1, le=4)]
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


class Names(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text in both languages."""

    zh: Line
    en: Line


class SlaSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How soon people must accept, arrive and close; left out: no limit."""

    accept: Span
    arrive: Span | None = None
    close: Span | None = None


class ThresholdSpec(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="threshold"
):
    """Met as soon as reported."""

    when: Predicates
    clear: Predicates = {}


class HeldSpec(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="held"
):
    """Met when it has lasted for so long."""

    when: Predicates
    until: Predicates = {}
    for_: Span = msgspec.field(name="for")


class CountSpec(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="count"
):
    """Met when so many have come within the window."""

    when: Predicates
    clear: Predicates = {}
    at_least: Annotated[int, Meta(ge=2, le=1000)]
    within: Span
    quiet_for: Span


class StepSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of an absence."""

    after: After
    severity: Level
    safety_severity: Level | None = None


class AbsenceSpec(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="absence"
):
    """Met when nothing has matched for so long."""

    when: Predicates
    steps: Annotated[list[StepSpec], Meta(min_length=1, max_length=10)]


ConditionSpec = ThresholdSpec | HeldSpec | CountSpec | AbsenceSpec


class RuleSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule as it is written."""

    code: Code
    id: Id | None = None
    names: Names
    severity: Level
    subject: By
    condition: ConditionSpec
    repeat: Span | None = None
    ends: bool = True
    confirm_required: bool = False
    roles: list[Role]
    roles_after_confirm: list[Role] = []
    sla: SlaSpec
    legal_note: Names | None = None
    note: Names | None = None


class FileSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule file."""

    rules: list[RuleSpec]


def hook(kind: type, value: Any) -> Any:
    """Let msgspec read our own types."""
    if kind is Span:
        return Span(parse_span(value))
    if kind is After:
        return After(None if value == "offline_after" else parse_span(value))
    raise NotImplementedError


def known_keys() -> tuple[str, ...]:
    """Every key that a rule file knows, for a hint at a typo."""
    kinds = (FileSpec, RuleSpec, Names, SlaSpec, ThresholdSpec, HeldSpec, CountSpec, AbsenceSpec, StepSpec)
    return tuple(sorted({name for kind in kinds for name in kind.__struct_encode_fields__} | {"kind"}))
