"""What a rule file may say: typed structs, checked key by key (docs/howto/write-a-rule.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from rules.condition import By
from rules.spec_kinds import KINDS, After, ConditionSpec, Level, Span, parse_span

Code = Annotated[str, Meta(pattern=r"^[A-Z]{2,8}-[0-9]{3}$(?!\n)")]
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$(?!\n)")]
Line = Annotated[str, Meta(min_length=1, max_length=200)]
Role = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_]{2,32}$(?!\n)")]


class Names(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text in both languages."""

    zh: Line
    en: Line


class SlaSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How soon people must accept, arrive and close; left out: no limit."""

    accept: Span
    arrive: Span | None = None
    close: Span | None = None


class ArmedSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the rule may speak: hours by kind of day, in a time zone, by a working calendar."""

    hours: dict[str, list[str]]
    zone: Line = "Asia/Shanghai"
    calendar: Line = "cn"
    carry: bool = False


class OnlySpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which devices the rule is about: which families, or only homes of people looked after."""

    profiles: list[Id] = []
    except_profiles: list[Id] = []
    cared_homes: bool = False


class VerifySpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What raises the confidence in an alert: so many different devices of its group within so long."""

    at_least: Annotated[int, Meta(ge=2, le=20)] = 2
    within: Span


class SaysSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event of an example, `at` seconds from its start (or a length of time)."""

    at: float | str
    type: str
    data: dict[str, Any] = {}
    device: Id = "a"
    profile: str = ""
    flags: list[str] = []


class ExampleSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A short story and what the rule must make of it."""

    story: Line
    says: list[SaysSpec] = []
    until: float | str = 0.0
    starts: Line = "08:00"
    params: dict[str, Any] = {}
    expect: list[Annotated[str, Meta(pattern=r"^(raise|clear)( [1-4])?$(?!\n)")]]


class RuleSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule as it is written."""

    code: Code
    id: Id | None = None
    names: Names
    severity: Level
    subject: By
    condition: ConditionSpec
    params: dict[str, Any] = {}
    only: OnlySpec | None = None
    armed: ArmedSpec | None = None
    prompt: bool | None = None
    hazard: Id | None = None
    holds: list[Code] = []
    holds_by: Literal["place", "gateway"] = "place"
    verify: VerifySpec | None = None
    reopen: Span | None = None
    repeat: Span | None = None
    ends: bool = True
    confirm_required: bool = False
    roles: list[Role]
    roles_after_confirm: list[Role] = []
    hidden_from: list[Role] = []
    sla: SlaSpec
    legal_note: Names | None = None
    note: Names | None = None
    examples: list[ExampleSpec] = []


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
    common = (FileSpec, RuleSpec, Names, SlaSpec, ArmedSpec, OnlySpec, VerifySpec, *KINDS)
    kinds = (*common, ExampleSpec, SaysSpec)
    return tuple(sorted({name for kind in kinds for name in kind.__struct_encode_fields__} | {"kind"}))
