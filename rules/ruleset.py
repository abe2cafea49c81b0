"""Rule files: read, checked and compiled, or refused with the place and the way to mend it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import msgspec

from devices.errors import RuleError
from devices.profiles import READINGS
from rules.alert import Severity
from rules.condition import ANY, By, Condition, Predicate
from rules.conditions.absence import Absence, Rung
from rules.conditions.count import Count
from rules.conditions.held import Held
from rules.conditions.threshold import Threshold
from rules.predicate import BadPredicate, compile_predicate, did_you_mean
from rules.source import Path, Source, path_of
from rules.spec import (
    AbsenceSpec,
    CountSpec,
    FileSpec,
    HeldSpec,
    Names,
    Predicates,
    RuleSpec,
    ThresholdSpec,
    hook,
    known_keys,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sla:
    """How soon people must accept, arrive and close; None: no limit."""

    accept: timedelta
    arrive: timedelta | None
    close: timedelta | None


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
    try:
        spec = msgspec.convert(source.value, FileSpec, dec_hook=hook)
    except msgspec.ValidationError as exc:
        raise _complaint(source, str(exc)) from exc
    return tuple(_rule(source, ("rules", i), rule) for i, rule in enumerate(spec.rules))


@cache
def load_catalogue() -> Ruleset:
    """Read the rules that come with the platform."""
    folder = resources.files("rules") / "catalogue"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return Ruleset(tuple(rule for f in files for rule in parse(f.read_text("utf-8"), f.name)))


def _complaint(source: Source, text: str) -> RuleError:
    """Put msgspec's complaint at its place, with a hint."""
    problem, path = path_of(text)
    key = False
    unknown = problem.removeprefix("Object contains unknown field `")
    if unknown != problem:
        unknown = unknown.rstrip("`")
        problem = f"unknown key {unknown!r}{did_you_mean(unknown, known_keys())}"
        path, key = (*path, unknown), True
    elif problem.startswith("Expected `str`, got `int`"):
        problem += ": write it in quotes"
    elif problem.startswith(("Invalid value", "Invalid enum value")):
        problem += _choices(path)
    elif "matching regex" in problem:
        problem = f"not a {_EXAMPLES.get(path[-1], 'short plain name')}"
    return source.error(path, problem, key=key)


_EXAMPLES: Mapping[str | int, str] = {
    "code": "code of an alert, as in FIRE-001",
    "id": "rule id, as in fire-in-lifts",
}


def _choices(path: Path) -> str:
    choices = {"kind": tuple(_COMPILE_NAMES), "subject": tuple(By)}.get(str(path[-1]) if path else "", ())
    return f": write one of {', '.join(choices)}" if choices else ""


def _rule(source: Source, path: Path, spec: RuleSpec) -> Rule:
    repeat = spec.repeat.value if spec.repeat else None
    legal, note = spec.legal_note or _NOTHING, spec.note or _NOTHING
    return Rule(
        id=spec.id or spec.code,
        code=spec.code,
        name_zh=spec.names.zh,
        name_en=spec.names.en,
        severity=Severity(spec.severity),
        subject=spec.subject,
        condition=_COMPILE[type(spec.condition)](source, (*path, "condition"), spec, repeat),
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
    )


_NOTHING = Names(zh="", en="")


def _predicates(
    source: Source, path: Path, texts: Predicates, *, subject: By, any_type: bool = False
) -> dict[str, Predicate]:
    """Compile the predicates of one block, one per event type."""
    if not texts and path[-1] == "when":
        raise source.error(path, "name at least one event type, as in `smoke: data.alarm`")
    return {
        kind: _predicate(source, (*path, kind), text, subject, any_type=any_type)
        for kind, text in texts.items()
    }


def _predicate(source: Source, path: Path, text: str | bool, subject: By, *, any_type: bool) -> Predicate:  # noqa: FBT001
    kind = str(path[-1])
    text = text if isinstance(text, str) else str(text).lower()
    if kind == ANY and any_type:
        if text != "true":
            raise source.error(path, f"{ANY!r} stands for every event type, which share no field: write true")
        return lambda _: True
    reading = READINGS.get(kind)
    if reading is None:
        raise source.error(
            path, f"unknown event type {kind!r}{did_you_mean(kind, tuple(READINGS))}", key=True
        )
    if subject is By.PERSON and "person_ref" not in reading.__struct_fields__:
        raise source.error(
            path, f"`{kind}` names no person (person_ref): use subject device or place", key=True
        )
    try:
        return compile_predicate(text, reading)
    except BadPredicate as exc:
        raise source.error(path, exc.problem, offset=exc.offset) from exc


def _threshold(source: Source, path: Path, spec: RuleSpec, repeat: timedelta | None) -> Condition:
    condition: ThresholdSpec = spec.condition  # type: ignore[assignment]
    return Threshold(
        when=_predicates(source, (*path, "when"), condition.when, subject=spec.subject),
        over=_predicates(source, (*path, "clear"), condition.clear, subject=spec.subject),
        repeat=repeat,
    )


def _held(source: Source, path: Path, spec: RuleSpec, repeat: timedelta | None) -> Condition:
    condition: HeldSpec = spec.condition  # type: ignore[assignment]
    return Held(
        when=_predicates(source, (*path, "when"), condition.when, subject=spec.subject),
        over=_predicates(source, (*path, "until"), condition.until, subject=spec.subject),
        span=condition.for_.value,
        repeat=repeat,
    )


def _count(source: Source, path: Path, spec: RuleSpec, repeat: timedelta | None) -> Condition:
    condition: CountSpec = spec.condition  # type: ignore[assignment]
    if condition.quiet_for.value < condition.within.value:
        raise source.error((*path, "quiet_for"), "must not be shorter than `within`, or the alert flaps")
    return Count(
        when=_predicates(source, (*path, "when"), condition.when, subject=spec.subject),
        over=_predicates(source, (*path, "clear"), condition.clear, subject=spec.subject),
        least=condition.at_least,
        window=condition.within.value,
        quiet_for=condition.quiet_for.value,
        repeat=repeat,
    )


def _absence(source: Source, path: Path, spec: RuleSpec, repeat: timedelta | None) -> Condition:
    condition: AbsenceSpec = spec.condition  # type: ignore[assignment]
    steps = condition.steps
    if spec.subject is By.PLACE:
        raise source.error(
            (*path[:-1], "subject"), "an absence is judged per device or per person, not per place"
        )
    for i, step in enumerate(steps):
        where = (*path, "steps", i, "after")
        if step.after.value is None and (spec.subject is not By.DEVICE or len(steps) > 1):
            raise source.error(where, "offline_after is for devices, and for a single step")
        before = steps[i - 1].after.value if i else None
        if before is not None and step.after.value is not None and step.after.value <= before:
            raise source.error(where, "each step must come later than the one before it")
    return Absence(
        when=_predicates(source, (*path, "when"), condition.when, subject=spec.subject, any_type=True),
        rungs=tuple(
            Rung(
                after=step.after.value,
                severity=Severity(step.severity),
                safety_severity=Severity(step.safety_severity) if step.safety_severity else None,
            )
            for step in steps
        ),
        repeat=repeat,
        by_arrival=spec.subject is By.DEVICE,
    )


_Compiler = Callable[[Source, Path, RuleSpec, timedelta | None], Condition]
_COMPILE: Mapping[type[Any], _Compiler] = {
    ThresholdSpec: _threshold,
    HeldSpec: _held,
    CountSpec: _count,
    AbsenceSpec: _absence,
}
_COMPILE_NAMES = ("threshold", "held", "count", "absence")
