"""A signal on its way to the operator's list, and what may be decided about it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from rules.alert import Reason, Severity, Signal
from rules.outcome import MemoryKey

SINGLE = 0.6
"""Confidence in the word of one device; further devices raise it (`stages.verify`)."""


class HushKind(StrEnum):
    """Why somebody asked for quiet."""

    SILENCE = "silence"
    MAINTENANCE = "maintenance"
    TEST = "test"  # a device is being tried out
    DRILL = "drill"  # 演练: shown and practised, marked everywhere, and 119 is never called


class Hush(msgspec.Struct, frozen=True, kw_only=True):
    """A silence, maintenance window, test or drill: where, which codes, by whom, why and until when."""

    id: int
    kind: HushKind
    scope: str  # a place's code or a device's id
    codes: tuple[str, ...] = ()  # none: all
    life_safety: bool = False  # alerts of severity 1 too: only if somebody said so
    author: str
    reason: str
    starts_at: datetime
    ends_at: datetime


class Flaps(msgspec.Struct, frozen=True, tag="flaps", omit_defaults=True):
    """When an alert was raised of late, and until when it is muted for it."""

    raised: tuple[datetime, ...] = ()
    muted_until: datetime | None = None


class Holder(msgspec.Struct, frozen=True, tag="holder"):
    """An alert that stands and holds others back."""

    code: str
    place: str
    since: datetime


class Speakers(msgspec.Struct, frozen=True, tag="speakers"):
    """Which devices spoke of one hazard in one building of late."""

    devices: dict[str, datetime]


Note = Flaps | Holder | Speakers


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A signal and what the stages have decided about it; `trail` holds each decision with its reason."""

    signal: Signal
    times: int = 1
    group: str = ""
    building: str = ""
    hushed: Reason | None = None
    hushed_by: str = ""
    muted_until: datetime | None = None
    confidence: float = SINGLE
    supports: Mapping[str, float] = field(default_factory=dict)  # other groups, and how certain it makes them
    drill: bool = False
    trail: tuple[tuple[str, Reason, Mapping[str, Any]], ...] = ()

    @property
    def life(self) -> bool:
        """Whether it is about life: nothing but an explicit word holds it back."""
        return self.signal.severity is Severity.URGENT

    def decide(self, stage: str, reason: Reason, detail: Mapping[str, Any], **changes: Any) -> Case:
        """The same case after a decision."""
        return replace(self, trail=(*self.trail, (stage, reason, detail)), **changes)


class Passed(NamedTuple):
    """A case as a stage leaves it, and what the stage wants to remember (None: forget)."""

    case: Case
    notes: Mapping[MemoryKey, Note | None] = {}
