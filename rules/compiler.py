"""What every kind of condition is compiled from: predicates, fields, hours, spans, checked at their place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from devices.profiles import READINGS
from devices.reading import Reading
from rules.condition import ANY, By, Predicate
from rules.conditions.distinct import DEVICE
from rules.lowering import kind_of
from rules.predicate import BadPredicate, compile_predicate, did_you_mean
from rules.schedule import DAYS, KINDS, Hours, Schedule, calendar
from rules.source import Path, Source
from rules.spec import ArmedSpec, RuleSpec
from rules.spec_kinds import Predicates

_NAMED_BY = {By.PERSON: "person_ref", By.ROOM: "room", By.TRACK: "track"}


class Compiler:
    """Compiles the condition of one rule, complaining at its place in the file."""

    def __init__(self, source: Source, path: Path, spec: RuleSpec) -> None:
        self.source = source
        self.path = (*path, "condition")
        self.spec = spec
        self.said: Any = spec.condition
        self.repeat = spec.repeat.value if spec.repeat else None

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
        reading = self.reading(path, kind)
        try:
            return compile_predicate(text, reading)
        except BadPredicate as exc:
            raise self.source.error(path, exc.problem, offset=exc.offset) from exc

    def reading(self, path: Path, kind: str) -> type[Reading]:
        """The reading of an event type that can tell whom it is about."""
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
            reading = self.reading(path, kind)
            if field == DEVICE and not numeric:
                continue
            if field not in reading.__struct_fields__:
                known = reading.__struct_fields__
                raise self.error(path, f"`{kind}` has no field {field!r}{did_you_mean(field, known)}")
            if numeric and kind_of(get_type_hints(reading)[field])[0] not in (int, float):
                raise self.error(path, f"`{field}` of `{kind}` is no number")
        return of

    def schedule(self, spec: ArmedSpec) -> Schedule:
        """The hours in which the rule may speak."""
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
