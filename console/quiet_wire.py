"""The wire of quiet and of thresholds: who asked for what, where and why (docs/reference/http.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from console.schemas import Instant, Wire
from console.wishes import Wish
from rules.handling.case import HushKind

Scope = Annotated[str, Field(min_length=1, max_length=64)]
Reason = Annotated[str, Field(min_length=1, max_length=2000)]
AlertCode = Annotated[str, Field(pattern=r"^[A-Z]{2,8}-[0-9]{3}$")]
Name = Annotated[str, Field(min_length=1, max_length=64)]


class QuietWish(Wish):
    """Ask for quiet at a place or of a device: `codes` empty means every alert there."""

    kind: HushKind
    scope: Scope
    codes: Annotated[tuple[AlertCode, ...], Field(max_length=50)] = ()
    life_safety: bool = False
    reason: Reason
    starts_at: datetime | None = None
    ends_at: datetime


class QuietEnd(Wish):
    """End a quiet before its time."""

    reason: Reason


class Quiet(Wire):
    """A silence, maintenance window, test or drill; `hidden` counts what it keeps off the list."""

    id: int
    kind: HushKind
    scope: str
    scope_kind: str
    scope_zh: str
    scope_en: str
    codes: list[str]
    life_safety: bool
    author: str
    reason: str
    starts_at: Instant
    ends_at: Instant
    ended_at: Instant | None
    ended_by: str | None
    ended_reason: str | None
    state: Literal["planned", "active", "ended"]
    hidden: int


class ThresholdWish(Wish):
    """Another value of a rule's parameter for an estate, a building, any other place, or a device."""

    rule: Name
    scope: Scope
    param: Name
    value: Any
    reason: Reason


class ThresholdDrop(Wish):
    """Go back to the next wider value."""

    rule: Name
    scope: Scope
    param: Name
    reason: Reason


class LatenessWish(Wish):
    """How long an estate's messages may be under way; null: as everywhere."""

    estate: Scope
    seconds: Annotated[float, Field(ge=0, le=3600)] | None
    reason: Reason


class Lateness(Wire):
    """An estate's own bound of lateness."""

    estate: str
    seconds: float | None


class Threshold(Wire):
    """A parameter as it is in force; `from_scope` is `rule` where nobody has changed the shipped value.

    `inherited` is what would be in force without a value of its own; its names are empty where that is the
    shipped one.
    """

    param: str
    shipped: Any
    value: Any
    from_scope: str
    from_zh: str
    from_en: str
    own: bool
    author: str
    reason: str
    at: datetime | None
    inherited: Any
    inherited_zh: str
    inherited_en: str


class RuleThresholds(Wire):
    """The parameters of one rule for one scope."""

    rule: str
    code: str
    name_zh: str
    name_en: str
    severity: int
    params: list[Threshold]


class Thresholds(Wire):
    """Every rule with parameters that is about this scope."""

    scope: str
    scope_kind: str
    items: list[RuleThresholds]
