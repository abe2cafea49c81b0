"""From what a rule file says to a condition that judges: one function per kind, and a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from devices.profiles import READINGS
from devices.reading import Reading
from rules import geo
from rules.alert import Severity
from rules.condition import ANY, By, Condition, Predicate
from rules.conditions.absence import Absence, Rung
from rules.conditions.armed import Armed
from rules.conditions.change import Change, Still
from rules.conditions.count import Count
from rules.conditions.distinct import DEVICE, Distinct
from rules.conditions.excess import Excess
from rules.conditions.held import Held
from rules.conditions.sequence import Sequence
from rules.conditions.settled import Settled
from rules.conditions.threshold import Threshold
from rules.lowering import kind_of
from rules.predicate import BadPredicate, compile_predicate, did_you_mean
from rules.schedule import DAYS, KINDS, Hours, Schedule, calendar
from rules.source import Path, Source
from rules.spec import ArmedSpec, RuleSpec
from rules.spec_kinds import (
    AbsenceSpec,
    ChangeSpec,
    CountSpec,
    DistinctSpec,
    ExcessSpec,
    GeofenceSpec,
    HeldSpec,
    Predicates,
    SequenceSpec,
    StillSpec,
    ThresholdSpec,
)

_NAMED_BY = {By.PERSON: "person_ref", By.ROOM: "room", By.TRACK: "track"}


class Compiler:
    """Compiles the condition of one rule, complaining at its place in the file."""

    def __init__(self, source: Source, path: Path, spec: RuleSpec) -> None:
        self.source = source
        self.path = (*path, "condition")
        self.spec = spec
        self.said: Any = spec.condition
        self.repeat = spec.repeat.value if spec.repeat else None

    def condition(self) -> Condition:
        """The kind, then the hours, then the wait for the watermark."""
        made = _COMPILE[type(self.said)](self)
        if self.spec.armed is not None:
            schedule = self._schedule(self.spec.armed)
            made = Armed(inner=made, schedule=schedule, carry=self.spec.armed.carry)
        prompt = self.spec.prompt
        if prompt is None:
            prompt = isinstance(self.said, ThresholdSpec | GeofenceSpec) and self.spec.severity == 1
        if prompt and isinstance(self.said, SequenceSpec | ExcessSpec | ChangeSpec | StillSpec):
            raise self.error((*self.path[:-1], "prompt"), "this kind needs its events in order: leave it out")
        return made if prompt or isinstance(self.said, AbsenceSpec) else Settled(made)

    def error(self, path: Path, problem: str, *, key: bool = False) -> Exception:
        """Complain."""
        return self.source.error(path, problem, key=key)

    def predicates(self, block: str, *, any_type: bool = False) -> dict[str, Predicate]:
        """Compile the predicates of one block, one per event type."""
        texts: Predicates = getattr(self.said, block)
        if not texts and block in ("when", "then", "than"):
            raise self.error((*self.path, block), "name at least one event type, as in `smoke: data.alarm`")
        return {
            kind: self._predicate((*self.path, block, kind), text, any_type=any_type)
            for kind, text in texts.items()
        }

    def _predicate(self, path: Path, text: str | bool, *, any_type: bool) -> Predicate:  # noqa: FBT001
        kind = str(path[-1])
        text = text if isinstance(text, str) else str(text).lower()
        if kind == ANY and any_type:
            if text != "true":
                problem = f"{ANY!r} stands for every event type, which share no field: write true"
                raise self.error(path, problem)
            return lambda _: True
        reading = self._reading(path, kind)
        try:
            return compile_predicate(text, reading)
        except BadPredicate as exc:
            raise self.source.error(path, exc.problem, offset=exc.offset) from exc

    def _reading(self, path: Path, kind: str) -> type[Reading]:
        reading = READINGS.get(kind)
        if reading is None:
            problem = f"unknown event type {kind!r}{did_you_mean(kind, tuple(READINGS))}"
            raise self.error(path, problem, key=True)
        wanted = _NAMED_BY.get(self.spec.subject)
        if wanted is not None and wanted not in reading.__struct_fields__:
            names = f"names no {self.spec.subject} ({wanted})"
            raise self.error(path, f"`{kind}` {names}: use subject device or place", key=True)
        return reading

    def fields(self, *, numeric: bool) -> Mapping[str, str]:
        """The field of each type that `of` names."""
        of: dict[str, str] = self.said.of
        for kind in self.said.when:
            if kind not in of:
                raise self.error((*self.path, "of"), f"say which field of `{kind}` counts")
        for kind, field in of.items():
            path = (*self.path, "of", kind)
            reading = self._reading(path, kind)
            if field == DEVICE and not numeric:
                continue
            if field not in reading.__struct_fields__:
                known = reading.__struct_fields__
                raise self.error(path, f"`{kind}` has no field {field!r}{did_you_mean(field, known)}")
            if numeric and kind_of(get_type_hints(reading)[field])[0] not in (int, float):
                raise self.error(path, f"`{field}` of `{kind}` is no number")
        return of

    def _schedule(self, spec: ArmedSpec) -> Schedule:
        path = (*self.path[:-1], "armed")
        try:
            zone = ZoneInfo(spec.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
            raise self.error(
                (*path, "zone"), f"unknown time zone {spec.zone!r}: as in Asia/Shanghai"
            ) from exc
        try:
            days = calendar(spec.calendar)
        except KeyError as exc:
            raise self.error((*path, "calendar"), f"unknown calendar {spec.calendar!r}: as in cn") from exc
        grid: dict[str, tuple[Hours, ...]] = {}
        for kind, spans in spec.hours.items():
            where = (*path, "hours", kind)
            if kind not in KINDS and kind not in DAYS:
                raise self.error(where, f"unknown day {kind!r}{did_you_mean(kind, KINDS)}", key=True)
            grid[kind] = tuple(self._hours((*where, i), text) for i, text in enumerate(spans))
        return Schedule(grid=grid, zone=zone, calendar=days)

    def _hours(self, path: Path, text: str) -> Hours:
        try:
            start, end = (
                datetime.strptime(t.strip(), "%H:%M").time()  # noqa: DTZ007 - a time of day has no date
                for t in text.replace("24:00", "00:00").split("-")
            )
        except ValueError as exc:
            raise self.error(path, f"{text!r} is no span of hours: write 22:00-06:00") from exc
        return Hours(start, end)

    def span(self, name: str) -> timedelta | None:
        """An optional length of time."""
        value = getattr(self.said, name)
        return value.value if value is not None else None

    def quiet_for(self, least: timedelta) -> timedelta:
        """A quiet time that is no shorter than the window."""
        value: timedelta = self.said.quiet_for.value
        if value < least:
            path = (*self.path, "quiet_for")
            raise self.error(path, "must not be shorter than `within`, or the alert flaps")
        return value


def _threshold(c: Compiler) -> Condition:
    return Threshold(
        when=c.predicates("when"), over=c.predicates("clear"), repeat=c.repeat, quiet_for=c.span("quiet_for")
    )


def _held(c: Compiler) -> Condition:
    quiet = c.span("quiet_for")
    if quiet is not None and quiet < c.said.for_.value:
        raise c.error((*c.path, "quiet_for"), "must not be shorter than `for`, or it never alarms")
    return Held(
        when=c.predicates("when"),
        over=c.predicates("until"),
        span=c.said.for_.value,
        quiet_for=quiet,
        repeat=c.repeat,
    )


def _count(c: Compiler) -> Condition:
    return Count(
        when=c.predicates("when"),
        over=c.predicates("clear"),
        least=c.said.at_least,
        window=c.said.within.value,
        quiet_for=c.quiet_for(c.said.within.value),
        repeat=c.repeat,
    )


def _distinct(c: Compiler) -> Condition:
    return Distinct(
        when=c.predicates("when"),
        over=c.predicates("clear"),
        of=c.fields(numeric=False),
        least=c.said.at_least,
        window=c.said.within.value,
        quiet_for=c.quiet_for(c.said.within.value),
        repeat=c.repeat,
    )


def _sequence(c: Compiler) -> Condition:
    return Sequence(
        when=c.predicates("when"),
        then=c.predicates("then"),
        unless=c.predicates("unless"),
        window=c.said.within.value,
        quiet_for=c.said.quiet_for.value,
        repeat=c.repeat,
    )


def _change(c: Compiler) -> Condition:
    rise, fall = c.said.rise, c.said.fall
    if (rise is None) == (fall is None):
        raise c.error(c.path, "say either `rise` or `fall`")
    return Change(
        when=c.predicates("when"),
        of=c.fields(numeric=True),
        by=rise if rise is not None else -fall,
        window=c.said.within.value,
        quiet_for=c.quiet_for(c.said.within.value),
        repeat=c.repeat,
    )


def _still(c: Compiler) -> Condition:
    return Still(
        when=c.predicates("when"),
        of=c.fields(numeric=True),
        by=c.said.less_than,
        window=c.said.for_.value,
        repeat=c.repeat,
    )


def _excess(c: Compiler) -> Condition:
    return Excess(
        when=c.predicates("when"),
        than=c.predicates("than"),
        more=c.said.more,
        window=c.said.within.value,
        quiet_for=c.said.quiet_for.value,
        repeat=c.repeat,
    )


def _geofence(c: Compiler) -> Condition:
    fence: geo.Fence | None = c.said.fence
    for i, kind in enumerate(c.said.of):
        reading = READINGS.get(kind)
        if reading is None or not {"lat", "lon"} <= set(reading.__struct_fields__):
            raise c.error((*c.path, "of", i), f"{kind!r} tells no position (lat, lon)")
    out = {kind: _outside(fence) for kind in c.said.of}
    within = {kind: _inside(fence) for kind in c.said.of}
    if c.said.for_ is None:
        return Threshold(when=out, over=within, repeat=c.repeat)
    return Held(when=out, over=within, span=c.said.for_.value, repeat=c.repeat)


def _outside(fence: geo.Fence | None) -> Predicate:
    def outside(reading: Any) -> bool:
        if fence is None or reading.lat is None or reading.lon is None:
            return False
        return geo.outside(fence, (reading.lat, reading.lon), getattr(reading, "accuracy", None) or 0.0)

    return outside


def _inside(fence: geo.Fence | None) -> Predicate:
    def inside(reading: Any) -> bool:
        known = fence is not None and reading.lat is not None and reading.lon is not None
        return known and geo.beyond(fence, (reading.lat, reading.lon)) == 0  # type: ignore[arg-type]

    return inside


def _absence(c: Compiler) -> Condition:
    steps = c.said.steps
    by = c.spec.subject
    if by not in (By.DEVICE, By.PERSON):
        where = (*c.path[:-1], "subject")
        raise c.error(where, "an absence is judged per device or per person, not per place")
    for i, step in enumerate(steps):
        where = (*c.path, "steps", i, "after")
        if step.after.value is None and (by is not By.DEVICE or len(steps) > 1):
            raise c.error(where, "offline_after is for devices, and for a single step")
        before = steps[i - 1].after.value if i else None
        if before is not None and step.after.value is not None and step.after.value <= before:
            raise c.error(where, "each step must come later than the one before it")
    return Absence(
        when=c.predicates("when", any_type=True),
        rungs=tuple(
            Rung(
                after=step.after.value,
                severity=Severity(step.severity),
                safety_severity=Severity(step.safety_severity) if step.safety_severity else None,
            )
            for step in steps
        ),
        repeat=c.repeat,
        by_arrival=by is By.DEVICE,
    )


_COMPILE: Mapping[type[Any], Callable[[Compiler], Condition]] = {
    ThresholdSpec: _threshold,
    HeldSpec: _held,
    CountSpec: _count,
    DistinctSpec: _distinct,
    SequenceSpec: _sequence,
    ChangeSpec: _change,
    StillSpec: _still,
    ExcessSpec: _excess,
    GeofenceSpec: _geofence,
    AbsenceSpec: _absence,
}
