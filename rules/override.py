"""Overrides: another value of a rule's parameter for an estate, a building or a device.

The most specific scope wins: a device before its room, its building, its estate, and so on up
to the shipped value. Where a value came from is part of the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from devices.errors import RuleError
from devices.model import Registry
from rules.condition import Subject
from rules.ruleset import Rule

SHIPPED = "rule"
"""The scope of a value that nobody has overridden."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """One parameter's value for one scope: a place's code or a device's id."""

    rule: str
    scope: str
    param: str
    value: Any
    author: str = ""
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Effective:
    """A value that is in force, and the scope it came from (`rule` where it is the shipped one)."""

    value: Any
    scope: str
    author: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Overrides:
    """All overrides, by rule and scope."""

    by_rule: Mapping[str, Mapping[str, tuple[Override, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, overrides: Iterable[Override]) -> Overrides:
        """Sort overrides by rule and scope."""
        found: dict[str, dict[str, tuple[Override, ...]]] = {}
        for one in overrides:
            scopes = found.setdefault(one.rule, {})
            scopes[one.scope] = (*scopes.get(one.scope, ()), one)
        return cls(MappingProxyType(found))

    def beyond(self, scope: str) -> Overrides:
        """All but those of one scope: what it would inherit."""
        return Overrides.of(
            one
            for scopes in self.by_rule.values()
            for place, set_ in scopes.items()
            for one in set_
            if place != scope
        )

    def touches(self, rule: str) -> bool:
        """Whether any scope has a value of its own for a rule."""
        return rule in self.by_rule

    def effective(self, rule: Rule, registry: Registry, subject: Subject) -> Mapping[str, Effective]:
        """Every parameter of a rule as it is for a subject, with where it came from."""
        values = {name: Effective(value, SHIPPED) for name, value in rule.params.items()}
        scopes = self.by_rule.get(rule.id, {})
        for scope in _scopes(registry, subject):
            for one in scopes.get(scope, ()):
                values[one.param] = Effective(one.value, scope, one.author, one.reason)
        return values

    def params(self, rule: Rule, registry: Registry, subject: Subject) -> dict[str, Any]:
        """Only the values that differ from the shipped ones' scope."""
        found = self.effective(rule, registry, subject)
        return {name: e.value for name, e in found.items() if e.scope != SHIPPED}


NONE = Overrides()


def check(rule: Rule, override: Override) -> Rule:
    """The rule as the override makes it; raises RuleError with what is wrong with the value."""
    return rule.vary({override.param: override.value})


def fitting(overrides: Overrides, rules: Mapping[str, Rule]) -> tuple[Overrides, tuple[str, ...]]:
    """Those that the rules as they are now still take, and what is wrong with the others.

    A rule may have changed since somebody set its value: that must not stop the judging.
    """
    good: list[Override] = []
    problems: list[str] = []
    for by_scope in overrides.by_rule.values():
        for one in (o for set_ in by_scope.values() for o in set_):
            rule = rules.get(one.rule)
            if rule is None:
                continue  # withdrawn, perhaps for a while
            try:
                check(rule, one)
            except RuleError as exc:
                problems.append(f"{one.rule}.{one.param} of {one.scope}: {exc.problem}")
            else:
                good.append(one)
    return Overrides.of(good), tuple(problems)


def _scopes(registry: Registry, subject: Subject) -> tuple[str, ...]:
    """From the widest place to the device itself."""
    place = registry.places.get(subject.place)
    path = place.path if place is not None else (subject.estate,)
    return (*path, subject.device) if subject.device is not None else path
