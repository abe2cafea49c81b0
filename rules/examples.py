"""Examples in rule files: short stories, each with what the rule must make of it, played by the engine.

A story happens in one building of an invented estate: devices `a`, `b`, `c` … hang in room
`home`, where the person `p1` who is looked after lives. It starts on Monday 2 March 2026 at
08:00 in Shanghai (`starts` sets another hour). Time passes to each event, and then to `until`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from devices.errors import RuleError
from devices.event import Event, Flag
from devices.model import Cared, Device, Place, PlaceKind, Registry
from devices.profiles import PROFILES, READINGS
from rules.alert import Signal, Verb
from rules.condition import ANY
from rules.engine import Engine
from rules.ruleset import Rule, Ruleset
from rules.spec import ExampleSpec, SaysSpec
from rules.spec_kinds import parse_span

DAY = "2026-03-02"
ESTATE, BUILDING, HOME, PERSON = "ex", "ex-b1", "home", "p1"
_SHARED = "smoke_sensor"  # who says what every family says, where a story names nobody


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """A story, what it should have come to, and what it did."""

    rule: str
    story: str
    expected: tuple[str, ...]
    got: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the rule did what the example says."""
        return self.expected == self.got


def play_examples(rule: Rule) -> list[ExampleResult]:
    """Play every example of a rule; raises RuleError where a story cannot be played at all."""
    return [ExampleResult(rule.id, e.story, tuple(e.expect), said(play(rule, e), e)) for e in rule.examples]


def said(signals: list[Signal], example: ExampleSpec) -> tuple[str, ...]:
    """What was said, as examples write it: with the severity where they do."""
    told = [s for s in signals if s.verb is not Verb.HIT]
    graded = any(" " in word for word in example.expect)
    return tuple(
        f"{s.verb} {int(s.severity)}" if graded and s.verb is Verb.RAISE else str(s.verb) for s in told
    )


def play(rule: Rule, example: ExampleSpec) -> list[Signal]:
    """Play one story: feed its events in their order and let time pass between them."""
    varied = rule.vary(example.params) if example.params else rule
    start = _start(rule, example)
    registry = _registry(varied, example, start)
    engine = Engine(Ruleset((varied,)), registry)
    signals = list(engine.enrol(registry, start).signals)
    for number, say in enumerate(example.says):
        event = _event(rule, say, start, f"x{number}")
        signals += engine.tick(event.received_at - timedelta(microseconds=1)).signals
        signals += engine.feed(event, event.received_at).signals
        signals += engine.tick(event.received_at).signals
    return signals + list(engine.tick(start + _after(rule, example.until)).signals)


def _start(rule: Rule, example: ExampleSpec) -> datetime:
    text = example.starts if "T" in example.starts else f"{DAY}T{example.starts}"
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    except ValueError as exc:
        raise _wrong(rule, f"{example.starts!r} is no time: write 08:00 or 2026-03-02T08:00") from exc


def _after(rule: Rule, at: float | str) -> timedelta:
    if isinstance(at, int | float):
        return timedelta(seconds=at)
    try:
        return parse_span(at)
    except ValueError as exc:
        raise _wrong(rule, str(exc)) from exc


def _event(rule: Rule, say: SaysSpec, start: datetime, name: str) -> Event:
    at = start + _after(rule, say.at)
    try:
        reading = msgspec.convert(say.data, READINGS[say.type])
        flags = tuple(Flag(f) for f in say.flags)
    except (KeyError, ValueError, msgspec.ValidationError) as exc:
        raise _wrong(rule, f"an example says {say.type!r} {say.data}: {exc}") from exc
    ahead = timedelta(minutes=6) if Flag.AHEAD in flags else timedelta(0)
    behind = timedelta(minutes=20) if Flag.LATE in flags else timedelta(0)
    return Event(
        id=name,
        device=say.device,
        estate=ESTATE,
        at=at + ahead,
        received_at=at + behind,
        reading=reading,
        flags=flags,
    )


def _registry(rule: Rule, example: ExampleSpec, start: datetime) -> Registry:
    """The invented estate: everybody who speaks, or one device that says nothing."""
    path = (ESTATE, BUILDING, HOME)
    kinds = (PlaceKind.ESTATE, PlaceKind.BUILDING, PlaceKind.ROOM)
    places = [
        Place(code=path[i], kind=kinds[i], name_zh="例", name_en="Example", path=path[: i + 1])
        for i in range(3)
    ]
    families = {say.device: _family(rule, say) for say in example.says} or {"a": _silent(rule)}
    devices = [
        Device(
            id=name,
            estate=ESTATE,
            place=HOME,
            profile=family,
            name_zh=name,
            name_en=name,
            registered_at=start,
        )
        for name, family in families.items()
    ]
    people = [Cared(person=PERSON, estate=ESTATE, place=HOME, since=start)]
    return Registry.of(places=places, devices=devices, cared=people)


def _family(rule: Rule, say: SaysSpec) -> str:
    """Who can say such a thing."""
    if say.profile:
        if say.profile not in PROFILES:
            raise _wrong(rule, f"an example names the family {say.profile!r}, which there is not")
        return say.profile
    able = [p.family for p in PROFILES.values() if say.type in {r.type for r in p.readings}]
    chosen = [f for f in able or [_SHARED] if rule.profiles is None or f in rule.profiles]
    return (chosen or able or sorted(rule.profiles or {_SHARED}))[0]


def _silent(rule: Rule) -> str:
    """Who might have spoken."""
    if rule.profiles:
        return min(rule.profiles)
    kinds = [k for k in rule.condition.types if k != ANY]
    able = [p.family for p in PROFILES.values() if any(r.type in kinds for r in p.readings)]
    return (able or [_SHARED])[0]


def _wrong(rule: Rule, problem: str) -> RuleError:
    return RuleError(rule.file, rule.line, 1, f"{rule.id}: {problem}")
