"""What the engine keeps per rule, and per rule and subject."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from devices.model import Registry
from rules.condition import By, Condition, Ears, Said, Subject, hear
from rules.outcome import MemoryKey
from rules.override import Overrides
from rules.ruleset import Rule, Ruleset
from rules.subject import cared_homes
from rules.window import Memory, last_told

NEVER = datetime.min.replace(tzinfo=UTC)
IDLE: Mapping[By, timedelta] = {By.TRACK: timedelta(minutes=15), By.ROOM: timedelta(days=31)}
"""Subjects that come and go are forgotten when nothing is going on and nothing has been heard for so long."""


class Slot:
    """One rule's memory of one subject, with what follows from it."""

    __slots__ = ("condition", "deaf_until", "due", "idle", "key", "memory", "queued", "rule", "subject")

    def __init__(self, name: MemoryKey, subject: Subject, rule: Rule) -> None:
        self.key = name
        self.subject = subject
        self.rule = rule  # as the overrides make it for this subject
        self.condition = rule.condition
        self.memory: Memory | None = None
        self.due: datetime | None = None
        self.idle = False  # it is due to be forgotten: nothing goes on
        self.queued: datetime | None = None  # the earliest entry of the heap that will look here
        self.deaf_until = NEVER

    def next_due(self) -> datetime | None:
        """When the memory must be looked at again: by its condition, or to be forgotten."""
        memory = self.memory
        self.idle = False
        if memory is None:
            return None
        due = self.condition.due(memory, self.subject)
        if due is not None:
            return due
        self.idle = True
        idle = IDLE.get(self.rule.subject)
        if idle is None or memory.fired:
            return None
        told = last_told(memory)
        return None if told is None else told + idle


class Track:
    """One rule and the slots of all its subjects."""

    __slots__ = (
        "by_arrival",
        "by_device",
        "cared_homes",
        "condition",
        "deafens",
        "heard_as",
        "rank",
        "rule",
        "settles",
        "slots",
        "special",
        "variants",
    )

    def __init__(self, rank: int, rule: Rule, *, special: bool) -> None:
        self.rank = rank
        self.rule = rule
        self.condition: Condition = rule.condition
        self.by_arrival = rule.condition.by_arrival
        self.settles = rule.condition.settles
        self.by_device = rule.subject is By.DEVICE
        self.deafens = self.by_device and not rule.cared_homes and _deafens(rule.condition)
        self.cared_homes = rule.cared_homes
        self.slots: dict[str, Slot] = {}
        self.special = special  # some subjects have parameters of their own
        self.variants: dict[str, Rule] = {}
        self.heard_as: dict[tuple[int, str], Ears] = {}

    def variant(self, subject: Subject, registry: Registry, overrides: Overrides) -> Rule:
        """The rule as it is for a subject, compiled once per set of parameters."""
        params = overrides.params(self.rule, registry, subject) if self.special else {}
        if not params:
            return self.rule
        name = repr(sorted(params.items()))
        if name not in self.variants:
            self.variants[name] = self.rule.vary(params)
        return self.variants[name]

    def ears_of(self, rule: Rule, kind: str) -> Ears:
        """How a variant hears a type."""
        name = (id(rule), kind)
        if name not in self.heard_as:
            self.heard_as[name] = rule.condition.ears(kind)
        return self.heard_as[name]


Way = tuple[tuple[Track, Ears], ...]


class Ways:
    """For each family and event type: which rules hear it, and how; worked out when first asked."""

    def __init__(self, ruleset: Ruleset, tracks: Mapping[str, Track]) -> None:
        self._ruleset = ruleset
        self._tracks = tracks
        self.by_family: dict[str, dict[str, Way]] = {}

    def of(self, family: str, kind: str) -> Way:
        """The rules that hear a type of a family; the empty family is heard by rules about any."""
        ways = self.by_family.setdefault(family, {})
        way = ways.get(kind)
        if way is None:
            way = ways[kind] = tuple(
                (self._tracks[rule.id], rule.condition.ears(kind))
                for rule in self._ruleset.by_type.get(kind, ())
                if rule.profiles is None or family in rule.profiles
            )
        return way


def meets(ears: Ears, reading: object) -> bool:
    """Whether a reading matches."""
    return hear(ears, reading) is Said.MET  # type: ignore[arg-type]


def homes_of(registry: Registry, tracks: Mapping[str, Track]) -> frozenset[str]:
    """The homes of the people looked after, if any rule asks for them."""
    return cared_homes(registry) if any(t.cared_homes for t in tracks.values()) else frozenset()


def _deafens(condition: Condition) -> bool:
    """Whether it may name a time up to which it need not be asked."""
    return condition.by_arrival
