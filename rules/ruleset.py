"""Rule files: read, checked and compiled, or refused with the place and the way to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from devices.errors import RuleError
from devices.profiles import PROFILES, READINGS
from rules.alert import Severity
from rules.compiler import Compiler
from rules.condition import ANY, By, Condition
from rules.kinds import compile_condition
from rules.params import fill_in
from rules.predicate import did_you_mean
from rules.source import Path, Source, path_of
from rules.spec import ExampleSpec, FileSpec, Names, OnlySpec, RuleSpec, hook, known_keys
from rules.spec_kinds import KIND_NAMES


@dataclass(frozen=True, kw_only=True, slots=True)
class Sla:
    """How soon people must accept, arrive and close; None: no limit."""

    accept: timedelta
    arrive: timedelta | None
    close: timedelta | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verify:
    """So many different devices of one group within so long make an alert more certain."""

    at_least: int
    within: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One compiled rule, with what people need to know about its alerts."""

    id: str
    code: str
    name_zh: str
    name_en: str
    severity: Severity
    subject: By
    condition: Condition
    repeat: timedelta | None
    ends: bool
    confirm_required: bool
    roles: tuple[str, ...]
    roles_after_confirm: tuple[str, ...]
    sla: Sla
    legal_note_zh: str
    legal_note_en: str
    note_zh: str
    note_en: str
    file: str
    line: int
    hazard: str = ""  # alerts of one hazard in one building are one thing on the operator's list
    holds: tuple[str, ...] = ()  # while it stands in a building, alerts of these codes there are held back
    holds_by: Literal["place", "gateway"] = "place"  # its building's; or of the devices that speak through it
    verify: Verify | None = None
    reopen: timedelta | None = None  # an alert that ended less than this ago is opened again
    hidden_from: tuple[str, ...] = ()
    profiles: frozenset[str] | None = None  # the families that it is about; None: all
    cared_homes: bool = False
    params: Mapping[str, Any] = field(default_factory=dict)
    examples: tuple[ExampleSpec, ...] = field(default=(), repr=False, compare=False)
    origin: Origin | None = field(default=None, repr=False, compare=False)

    def vary(self, params: Mapping[str, Any]) -> Rule:
        """The same rule with other values of its parameters; raises RuleError."""
        if self.origin is None:
            raise RuleError(self.file, self.line, 1, f"rule {self.id!r} has no parameters")
        return self.origin.compile(params)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule was read from, to compile it again with other parameters."""

    source: Source
    path: Path

    def compile(self, params: Mapping[str, Any]) -> Rule:
        """Compile the rule; raises RuleError, and nothing else."""
        filled = fill_in(self.source, self.path, params)
        try:
            spec = msgspec.convert(filled, RuleSpec, dec_hook=hook)
        except msgspec.ValidationError as exc:
            raise _complaint(self.source, str(exc), self.path) from exc
        return _rule(self.source, self.path, spec, self)


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Rules that judge together, indexed by the event types they hear."""

    rules: tuple[Rule, ...]
    by_code: Mapping[str, Rule] = field(init=False, repr=False, compare=False)
    by_type: Mapping[str, tuple[Rule, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        seen: dict[str, Rule] = {}
        codes: dict[str, Rule] = {}
        for rule in self.rules:
            if (twin := seen.setdefault(rule.id, rule)) is not rule:
                raise RuleError(
                    rule.file,
                    rule.line,
                    1,
                    f"rule id {rule.id!r} is taken ({twin.file}:{twin.line}): choose another",
                )
            first = codes.setdefault(rule.code, rule)
            if first.subject is not rule.subject:
                raise RuleError(
                    rule.file,
                    rule.line,
                    1,
                    f"{rule.code} is already judged per {first.subject}, not per {rule.subject}",
                )
        index = {kind: tuple(r for r in self.rules if _hears(r, kind)) for kind in READINGS}
        object.__setattr__(self, "by_code", MappingProxyType(codes))
        object.__setattr__(self, "by_type", MappingProxyType(index))


def _hears(rule: Rule, kind: str) -> bool:
    return kind in rule.condition.types or ANY in rule.condition.types


def parse(text: str, file: str) -> tuple[Rule, ...]:
    """Read a rule file; raises RuleError and nothing else."""
    source = Source(text, file)
    rules = source.value.get("rules") if isinstance(source.value, dict) else None
    filled = source.value
    if isinstance(rules, list):
        parts = [fill_in(source, ("rules", i), {}) for i in range(len(rules))]
        filled = {**source.value, "rules": parts}
    try:
        spec = msgspec.convert(filled, FileSpec, dec_hook=hook)
    except msgspec.ValidationError as exc:
        raise _complaint(source, str(exc), ()) from exc
    paths: list[Path] = [("rules", i) for i in range(len(spec.rules))]
    return tuple(
        _rule(source, path, rule, Origin(source, path)) for path, rule in zip(paths, spec.rules, strict=True)
    )


@cache
def load_catalogue() -> Ruleset:
    """Read the rules that come with the platform."""
    folder = resources.files("rules") / "catalogue"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return Ruleset(tuple(rule for f in files for rule in parse(f.read_text("utf-8"), f.name)))


def _complaint(source: Source, text: str, root: Path) -> RuleError:
    """Put msgspec's complaint at its place, with a hint."""
    problem, path = path_of(text)
    path = (*root, *path)
    key = False
    missing = problem.removeprefix("Object missing required field `")
    unknown = problem.removeprefix("Object contains unknown field `")
    if unknown != problem:
        unknown = unknown.rstrip("`")
        problem = f"unknown key {unknown!r}{did_you_mean(unknown, known_keys())}"
        path, key = (*path, unknown), True
    elif missing != problem:
        where = path
        problem, path = _missing(source, path, missing.rstrip("`"))
        key = path != where
    elif problem.startswith("Expected `str`, got `int`"):
        problem += ": write it in quotes"
    elif problem.startswith(("Invalid value", "Invalid enum value")):
        problem += _choices(path)
    elif "matching regex" in problem:
        problem = f"not a {_EXAMPLES.get(path[-1], 'short plain name')}"
    return source.error(path, problem, key=key)


def _missing(source: Source, path: Path, name: str) -> tuple[str, Path]:
    """Say of a key that is not there how to add it, or which one beside it was meant to be it."""
    beside = [str(one[-1]) for one in source.keys if one[:-1] == path and one[-1] not in known_keys()]
    if near := get_close_matches(name, beside, n=1):
        return f"unknown key {near[0]!r}; did you mean {name!r}?", (*path, near[0])
    return f"the key {name!r} is missing{_choices((name,)) or ': add it'}", path


_EXAMPLES: Mapping[str | int, str] = {
    "code": "code of an alert, as in FIRE-001",
    "id": "rule id, as in fire-in-lifts",
}


def _choices(path: Path) -> str:
    choices = {"kind": KIND_NAMES, "subject": tuple(By)}.get(str(path[-1]) if path else "", ())
    return f": write one of {', '.join(choices)}" if choices else ""


def _rule(source: Source, path: Path, spec: RuleSpec, origin: Origin) -> Rule:
    repeat = spec.repeat.value if spec.repeat else None
    legal, note = spec.legal_note or _NOTHING, spec.note or _NOTHING
    return Rule(
        id=spec.id or spec.code,
        code=spec.code,
        name_zh=spec.names.zh,
        name_en=spec.names.en,
        severity=Severity(spec.severity),
        subject=spec.subject,
        condition=compile_condition(Compiler(source, path, spec)),
        repeat=repeat,
        ends=spec.ends,
        confirm_required=spec.confirm_required,
        roles=tuple(spec.roles),
        roles_after_confirm=tuple(spec.roles_after_confirm),
        sla=Sla(
            accept=spec.sla.accept.value,
            arrive=spec.sla.arrive.value if spec.sla.arrive else None,
            close=spec.sla.close.value if spec.sla.close else None,
        ),
        legal_note_zh=legal.zh,
        legal_note_en=legal.en,
        note_zh=note.zh,
        note_en=note.en,
        file=source.file,
        line=source.places[path][0],
        hazard=spec.hazard or spec.code.partition("-")[0].lower(),
        holds=tuple(spec.holds),
        holds_by=spec.holds_by,
        verify=Verify(at_least=spec.verify.at_least, within=spec.verify.within.value)
        if spec.verify
        else None,
        reopen=spec.reopen.value if spec.reopen else None,
        hidden_from=tuple(spec.hidden_from),
        profiles=_profiles(source, path, spec.only),
        cared_homes=spec.only is not None and spec.only.cared_homes,
        params=MappingProxyType(dict(spec.params)),
        examples=tuple(spec.examples),
        origin=origin,
    )


def _profiles(source: Source, path: Path, only: OnlySpec | None) -> frozenset[str] | None:
    """The families that a rule is about."""
    if only is None or not (only.profiles or only.except_profiles):
        return None
    for block in ("profiles", "except_profiles"):
        for i, family in enumerate(getattr(only, block)):
            if family not in PROFILES:
                problem = f"unknown family {family!r}{did_you_mean(family, tuple(PROFILES))}"
                raise source.error((*path, "only", block, i), problem)
    return frozenset(only.profiles or PROFILES) - frozenset(only.except_profiles)


_NOTHING = Names(zh="", en="")
