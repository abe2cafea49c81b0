"""Dispatch plans (预案) as data: which one applies to an alert and why, and when each step is due.

The most specific place wins, then the most specific code: what an estate writes for itself beats
what is shipped. A plan is a timetable, so running one needs no state of its own: at any moment
each step is due, not yet due, or no longer needed, and `decide` says which and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources

import msgspec
import yaml

from devices.errors import RuleError
from devices.organisation import OUTSIDE, ROLES, SKILLS
from rules.plan_spec import Choose, FileSpec, PlanSpec, Send, StageSpec, Step, Tell, Until, When
from rules.predicate import did_you_mean
from rules.ruleset import Ruleset
from rules.source import Path, Source, path_of
from rules.spec import hook
from rules.spec_kinds import Span

BUILDING = "building"
"""Everybody responsible in the building: its leaders of units, courtyard and building."""
_ANY = "*"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A plan that can be run."""

    id: str
    name_zh: str
    name_en: str
    codes: tuple[str, ...]
    place: str | None
    stages: tuple[StageSpec, ...]
    version: int = 0  # 0: as shipped
    source: str = field(default="", compare=False)


class CodeMatch(StrEnum):
    """How a plan came to fit a code, best first."""

    EXACT = "exact"
    FAMILY = "family"
    ANY = "any"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The plan that applies, and why it won."""

    plan: Plan
    code: CodeMatch
    place: str | None  # the place it was written for; None: everywhere
    beaten: tuple[str, ...] = ()  # others that would have fitted


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """One step of a plan with the moment it falls due; `n` counts from 1."""

    n: int
    stage: int
    step: Step
    when: When
    after_s: float
    until: Until | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known about a run when its steps are looked at."""

    elapsed_s: float
    since_confirmed_s: float | None
    acknowledged: bool
    arrived: bool
    over: bool
    drill: bool


class Verdict(StrEnum):
    """What becomes of a step now."""

    GO = "go"
    WAIT = "wait"
    NOT_NEEDED = "not_needed"  # somebody has answered
    CASE_OVER = "case_over"
    WITHHELD = "withheld"  # an outside party in a drill


@lru_cache(512)  # every look at a run and every step that is due reads the same few texts
def parse(text: str, file: str) -> tuple[Plan, ...]:
    """Read a file of plans.

    Raises RuleError with file, line and column for anything that is wrong.
    """
    source = Source(text, file)
    try:
        spec = msgspec.convert(source.value, FileSpec, dec_hook=hook)
    except msgspec.ValidationError as exc:
        problem, path = path_of(str(exc))
        raise source.error(path, problem) from exc
    for n, plan in enumerate(spec.plans):
        _check(source, ("plans", n), plan)
    return tuple(_plan(plan) for plan in spec.plans)


def choose(plans: Iterable[Plan], code: str, path: Sequence[str]) -> Choice | None:
    """The plan for an alert's code at a place (its codes from the root), or none."""
    depth = {place: n for n, place in enumerate(path)}
    ranks = list(CodeMatch)
    fitting = [
        (-(depth[plan.place] if plan.place else -1), ranks.index(match), plan.id, plan, match)
        for plan in plans
        if (plan.place is None or plan.place in depth) and (match := _match(plan, code)) is not None
    ]
    if not fitting:
        return None
    fitting.sort(key=lambda one: one[:3])
    *_, plan, match = fitting[0]
    return Choice(plan=plan, code=match, place=plan.place, beaten=tuple(one[2] for one in fitting[1:]))


def timetable(plan: Plan) -> tuple[Due, ...]:
    """Every step with the moment it falls due, counted from the start (or from the confirmation)."""
    found: list[Due] = []
    for s, stage in enumerate(plan.stages):
        first = stage.after.value.total_seconds() if stage.after else 0.0
        each = stage.each.value.total_seconds() if stage.each and stage.order is Choose.IN_ORDER else 0.0
        for k, step in enumerate(stage.steps):
            found.append(
                Due(
                    n=len(found) + 1,
                    stage=s,
                    step=step,
                    when=stage.when,
                    after_s=first + k * each,
                    until=stage.until if k or stage.when is When.UNANSWERED else None,
                )
            )
    return tuple(found)


def decide(due: Due, facts: Facts) -> Verdict:
    """Say what becomes of a step now; a waiting step is asked again when `next_look` says."""
    if facts.over:
        return Verdict.CASE_OVER
    clock = facts.since_confirmed_s if due.when is When.CONFIRMED else facts.elapsed_s
    if due.until is not None and _answered(due.until, facts):
        return Verdict.NOT_NEEDED
    if clock is None or clock < due.after_s:
        return Verdict.WAIT
    if facts.drill and isinstance(due.step, Tell) and due.step.to in OUTSIDE:
        return Verdict.WITHHELD
    return Verdict.GO


def next_look(waiting: Iterable[Due], facts: Facts) -> float | None:
    """In how many seconds the next waiting step falls due by time; None: none does."""
    times = [
        due.after_s - clock
        for due in waiting
        if (clock := facts.since_confirmed_s if due.when is When.CONFIRMED else facts.elapsed_s) is not None
    ]
    return max(0.0, min(times)) if times else None


def parties(plan: Plan, *, confirmed: bool) -> frozenset[str]:
    """Whom a plan sends or tells, before or after the confirmation."""
    return frozenset(
        who
        for stage in plan.stages
        if (stage.when is When.CONFIRMED) is confirmed
        for step in stage.steps
        for who in ((step.role,) if isinstance(step, Send) else (step.to,) if isinstance(step, Tell) else ())
    )


def needs(plan: Plan) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
    """Whom a plan sends before anybody has confirmed: role, how many, skills; each role once."""
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    for stage in (one for one in plan.stages if one.when is When.AT_ONCE):
        for step in stage.steps:
            if isinstance(step, Send):
                found.setdefault(step.role, (step.people, tuple(step.skills)))
    return tuple((role, people, skills) for role, (people, skills) in found.items())


def mismatches(plan: Plan, ruleset: Ruleset) -> tuple[str, ...]:
    """Where a plan leaves out whom the catalogue wants told, or tells an outside party too early."""
    found: list[str] = []
    early, late = parties(plan, confirmed=False), parties(plan, confirmed=True)
    for rule in ruleset.rules:
        if _match(plan, rule.code) is None:
            continue
        found += [f"{rule.id}: {role} is not told" for role in rule.roles if role not in early]
        found += [
            f"{rule.id}: {role} is not told after the confirmation"
            for role in rule.roles_after_confirm
            if role not in early | late
        ]
        found += [
            f"{rule.id}: {role} is told before anybody has confirmed"
            for role in sorted(early & frozenset(OUTSIDE))
            if rule.confirm_required and role not in rule.roles
        ]
        found += [
            f"{rule.id}: {role} must not know of it" for role in rule.hidden_from if role in early | late
        ]
    return tuple(found)


@cache
def shipped() -> tuple[Plan, ...]:
    """The plans that come with the platform."""
    folder = resources.files("rules") / "plans"
    files = sorted(f.name for f in folder.iterdir() if f.name.endswith(".yaml"))
    plans = [plan for name in files for plan in parse((folder / name).read_text("utf-8"), f"plans/{name}")]
    ids = [plan.id for plan in plans]
    if doubles := {name for name in ids if ids.count(name) > 1}:
        raise RuleError("plans", 1, 1, f"plans of one name: {', '.join(sorted(doubles))}")
    return tuple(plans)


def _match(plan: Plan, code: str) -> CodeMatch | None:
    family = f"{code.partition('-')[0]}-{_ANY}"
    table = ((code, CodeMatch.EXACT), (family, CodeMatch.FAMILY), (_ANY, CodeMatch.ANY))
    return next((match for wanted, match in table if wanted in plan.codes), None)


def _answered(until: Until, facts: Facts) -> bool:
    return facts.arrived or (until is Until.ACKNOWLEDGED and facts.acknowledged)


def _plan(spec: PlanSpec) -> Plan:
    return Plan(
        id=spec.id,
        name_zh=spec.names.zh,
        name_en=spec.names.en,
        codes=tuple(spec.codes),
        place=spec.place,
        stages=tuple(spec.stages),
        source=_write(spec),
    )


class _Dumper(yaml.SafeDumper):
    """Writes lists further in than what they belong to, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)


def _write(spec: PlanSpec) -> str:
    """A plan as a file of its own, for the editor and for the record of a run."""
    plain = msgspec.to_builtins(FileSpec(plans=[spec]), enc_hook=_span, str_keys=True)
    text: str = yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def _span(value: object) -> str:
    if isinstance(value, Span):
        seconds = value.value.total_seconds()
        units = (("h", 3600), ("m", 60), ("s", 1))
        return next(f"{seconds / size:g}{unit}" for unit, size in units if seconds % size == 0 or size == 1)
    raise NotImplementedError


def _check(source: Source, path: Path, plan: PlanSpec) -> None:
    """What the types cannot say."""
    for s, stage in enumerate(plan.stages):
        where = (*path, "stages", s)
        if stage.order is Choose.IN_ORDER and len(stage.steps) > 1 and not stage.each:
            raise source.error(where, "steps in order need `each`: how long to wait before the next one")
        if stage.when is When.UNANSWERED and (stage.until is None or not stage.after):
            raise source.error(where, "an unanswered stage needs `after` and `until`")
        for k, step in enumerate(stage.steps):
            _check_step(source, (*where, "steps", k), step)


def _check_step(source: Source, path: Path, step: Step) -> None:
    if isinstance(step, Send):
        _known(source, (*path, "role"), step.role, ROLES)
        for n, skill in enumerate(step.skills):
            _known(source, (*path, "skills", n), skill, SKILLS)
    if isinstance(step, Tell):
        _known(source, (*path, "to"), step.to, {**ROLES, **OUTSIDE, BUILDING: ("", "")})


def _known(source: Source, path: Path, word: str, table: Iterable[str]) -> None:
    names = list(table)
    if word not in names:
        raise source.error(path, f"there is no {word!r}{did_you_mean(word, names)}")
