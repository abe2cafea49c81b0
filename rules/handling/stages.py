"""The stages, each a pure function of one signature, and the one expression that composes them.

No stage drops a case: what is not shown is kept as suppressed, with the reason. What is about
life (severity 1) passes inhibition and flapping untouched, and silences too unless they say
`life_safety`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from devices.model import Registry
from devices.registry.lifecycle import Lifecycle
from rules.alert import Reason, Verb
from rules.handling.case import (
    Case,
    Flaps,
    Holder,
    Hush,
    HushKind,
    Note,
    Passed,
)
from rules.handling.corroboration import verify
from rules.handling.notes import Facts, Stage
from rules.handling.outage import common, reaches
from rules.outcome import MemoryKey
from rules.subject import building_of

FLAP_TIMES = 4  # raised so often
FLAP_WITHIN = timedelta(minutes=30)  # within so long (alerta's helper: more than twice in 30 min)
FLAP_MUTE = timedelta(minutes=30)  # is muted for so long, and says until when
NOTED_SUBJECTS = ("~flap", "~hold", "~silent", "~speak")  # in place of a rule's id, where notes are kept


def group(case: Case, facts: Facts) -> Passed:
    """One thing on the list per building and hazard, however many sensors."""
    signal = case.signal
    building = building_of(facts.registry, signal.place)
    rule = facts.rules.get(signal.rule)
    hazard = rule.hazard if rule is not None else signal.code.partition("-")[0].lower()
    return Passed(replace(case, building=building, group=f"{signal.estate}/{building}/{hazard}"))


def practice(case: Case, facts: Facts) -> Passed:
    """Mark drills; keep what a device under test says off the list."""
    for hush in facts.hushes:
        if hush.kind not in (HushKind.DRILL, HushKind.TEST) or not _covers(hush, case, facts.registry):
            continue
        detail = {"by": hush.author, "until": hush.ends_at.isoformat(), "why": hush.reason}
        if hush.kind is HushKind.DRILL:
            case = case.decide("practice", Reason.DRILL, detail, drill=True)
        elif hush.life_safety or not case.life:
            case = case.decide(
                "practice",
                Reason.TEST_MODE,
                detail,
                hushed=Reason.TEST_MODE,
                hushed_by=f"hush:{hush.id}",
                drill=True,
            )
    return Passed(case)


def silence(case: Case, facts: Facts) -> Passed:
    """Silences, maintenance windows and devices under maintenance: by somebody, for a reason."""
    device = facts.registry.devices.get(case.signal.device or "")
    if device is not None and device.lifecycle is Lifecycle.MAINTENANCE and not case.life:
        by = f"lifecycle:{device.id}"
        detail = {"lifecycle": device.lifecycle.value}
        return Passed(
            case.decide("silence", Reason.MAINTENANCE, detail, hushed=Reason.MAINTENANCE, hushed_by=by)
        )
    for hush in facts.hushes:
        if hush.kind in (HushKind.DRILL, HushKind.TEST) or not _covers(hush, case, facts.registry):
            continue
        if case.life and not hush.life_safety:
            continue
        reason = Reason.SILENCED if hush.kind is HushKind.SILENCE else Reason.MAINTENANCE
        detail = {"by": hush.author, "until": hush.ends_at.isoformat(), "why": hush.reason}
        return Passed(case.decide("silence", reason, detail, hushed=reason, hushed_by=f"hush:{hush.id}"))
    return Passed(case)


def inhibit(case: Case, facts: Facts) -> Passed:
    """Hold back what follows from a greater trouble: a building without power has silent devices."""
    signal = case.signal
    rule = facts.rules.get(signal.rule)
    notes: dict[MemoryKey, Note | None] = {}
    if rule is not None and rule.holds and signal.verb is not Verb.HIT:
        key = MemoryKey(signal.estate, "~hold", signal.fingerprint)
        stands = signal.verb is Verb.RAISE and case.hushed is None
        notes[key] = Holder(signal.code, case.building, signal.at) if stands else None
    if case.life:
        return Passed(case, notes)
    for key, note in sorted(facts.notes.of("~hold", signal.estate).items()):
        if not isinstance(note, Holder):
            continue
        _, held_by, source = key.subject.split("/", 2)
        holder = facts.rules.get(held_by)
        if (
            holder is not None
            and signal.code in holder.holds
            and key.subject != signal.fingerprint
            and reaches(holder, source, note.place, case, facts.registry)
        ):
            detail = {"held_by": key.subject, "since": note.since.isoformat()}
            return Passed(
                case.decide(
                    "inhibit", Reason.INHIBITED, detail, hushed=Reason.INHIBITED, hushed_by=key.subject
                ),
                notes,
            )
    return Passed(case, notes)


def flap(case: Case, facts: Facts) -> Passed:
    """Mute what comes and goes, for a while and visibly; never what is about life."""
    signal = case.signal
    if case.life or signal.verb is not Verb.RAISE or signal.reason is Reason.REPEAT_INTERVAL:
        return Passed(case)
    key = MemoryKey(signal.estate, "~flap", signal.fingerprint)
    known = facts.notes.get(key)
    before = known if isinstance(known, Flaps) else Flaps()
    raised = (*(t for t in before.raised if signal.at - t < FLAP_WITHIN), signal.at)[-FLAP_TIMES:]
    until = before.muted_until
    if until is None or until <= signal.at:
        until = signal.at + FLAP_MUTE if len(raised) >= FLAP_TIMES else None
    notes = {key: Flaps(raised, until)}
    if until is None:
        return Passed(case, notes)
    detail = {"raised": len(raised), "muted_until": until.isoformat()}
    return Passed(
        case.decide(
            "flap", Reason.FLAPPING, detail, hushed=case.hushed or Reason.FLAPPING, muted_until=until
        ),
        notes,
    )


def chain(*stages: Stage) -> Stage:
    """One stage after the other."""

    def handle(case: Case, facts: Facts) -> Passed:
        notes: dict[MemoryKey, Note | None] = {}
        for stage in stages:
            passed = stage(case, facts)
            case = passed.case
            notes.update(passed.notes)
        return Passed(case, notes)

    return handle


HANDLE: Stage = chain(group, practice, silence, inhibit, common, flap, verify)
"""A signal's way to the list."""


def _covers(hush: Hush, case: Case, registry: Registry) -> bool:
    """Whether a hush is about a case: in its time, at its place, for its code."""
    signal = case.signal
    if not hush.starts_at <= signal.at < hush.ends_at or (hush.codes and signal.code not in hush.codes):
        return False
    if hush.scope in (signal.device, signal.subject, signal.estate):
        return True
    place = registry.places.get(signal.place)
    return place is not None and hush.scope in place.path
