"""From what a rule file says to a condition that judges: one function per kind, and a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from devices.profiles import READINGS
from rules import geo
from rules.alert import Severity
from rules.compiler import Compiler
from rules.condition import By, Condition, Predicate
from rules.conditions.absence import Absence, Rung
from rules.conditions.armed import Armed
from rules.conditions.change import Change, Still
from rules.conditions.count import Count
from rules.conditions.distinct import Distinct
from rules.conditions.excess import Excess
from rules.conditions.held import Held
from rules.conditions.sequence import Sequence
from rules.conditions.settled import Settled
from rules.conditions.threshold import Threshold
from rules.spec_kinds import (
    AbsenceSpec,
    ChangeSpec,
    CountSpec,
    DistinctSpec,
    ExcessSpec,
    GeofenceSpec,
    HeldSpec,
    SequenceSpec,
    StillSpec,
    ThresholdSpec,
)


def compile_condition(c: Compiler) -> Condition:
    """The kind, then the hours, then the wait for the watermark."""
    made = _COMPILE[type(c.said)](c)
    if c.spec.armed is not None:
        schedule = c.schedule(c.spec.armed)
        made = Armed(inner=made, schedule=schedule, carry=c.spec.armed.carry)
    prompt = c.spec.prompt
    if prompt is None:
        prompt = isinstance(c.said, ThresholdSpec | GeofenceSpec) and c.spec.severity == 1
    if prompt and isinstance(c.said, SequenceSpec | ExcessSpec | ChangeSpec | StillSpec):
        raise c.error((*c.path[:-1], "prompt"), "this kind needs its events in order: leave it out")
    return made if prompt or isinstance(c.said, AbsenceSpec) else Settled(made)


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
