"""What a step of the engine decided, and what must be saved with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from rules.alert import Signal, Silence
from rules.predicate import RuleFailed
from rules.window import Memory


class MemoryKey(NamedTuple):
    """Whose memory it is: all state of a rule lives inside one estate."""

    estate: str
    rule: str
    subject: str


TimerKey = MemoryKey
"""A timer belongs to a memory, so it bears the same name."""


def _nothing() -> Mapping[Any, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step of the engine decided and what must be saved with it; None means forget.

    `silences` are matches that raised nothing, with the reason; `failures` are rules that
    could not judge the event, while all the others did.
    """

    signals: tuple[Signal, ...] = ()
    memory: Mapping[MemoryKey, Memory | None] = field(default_factory=_nothing)
    timers: Mapping[TimerKey, datetime | None] = field(default_factory=_nothing)
    silences: tuple[Silence, ...] = ()
    failures: tuple[RuleFailed, ...] = ()


EMPTY = Outcome()


@dataclass(slots=True)
class Draft:
    """An outcome in the making."""

    signals: list[Signal] = field(default_factory=list)
    memory: dict[MemoryKey, Memory | None] = field(default_factory=dict)
    timers: dict[TimerKey, datetime | None] = field(default_factory=dict)
    silences: list[Silence] = field(default_factory=list)
    failures: list[RuleFailed] = field(default_factory=list)

    def outcome(self) -> Outcome:
        """Close it."""
        if not (self.signals or self.memory or self.timers or self.silences or self.failures):
            return EMPTY
        return Outcome(
            tuple(self.signals), self.memory, self.timers, tuple(self.silences), tuple(self.failures)
        )
