"""Silence with a cause: behind a gateway that is away, or of most of a building at once."""

from __future__ import annotations

from devices.model import Registry
from devices.registry.health import FEWEST, MOST_OF, TOGETHER
from rules.alert import Reason, Verb
from rules.handling.case import Case, Passed, Speakers
from rules.handling.notes import Facts
from rules.outcome import MemoryKey
from rules.ruleset import Rule

OFFLINE = "offline"  # the hazard of the rules about silence
MOST_SILENT = 500  # devices remembered per building


def reaches(holder: Rule, source: str, place: str, case: Case, registry: Registry) -> bool:
    """Whether an alert that holds others back is about this one's device.

    `source` is the holder's device, `place` its building. A power failure takes its building; a
    gateway takes the devices that speak through it wherever they hang, and of its building those
    of which nobody has said what they speak through.
    """
    signal = case.signal
    device = registry.devices.get(signal.device or "")
    if device is not None and registry.speaks_through(device.id, source):
        return True
    if holder.holds_by == "gateway" and device is not None and device.gateway is not None:
        return False
    return place in (case.building, signal.estate)


def common(case: Case, facts: Facts) -> Passed:
    """Say so where most of a building's devices fell silent together: look for one cause, not for many."""
    signal = case.signal
    rule = facts.rules.get(signal.rule)
    if rule is None or rule.hazard != OFFLINE or signal.device is None or signal.verb is Verb.HIT:
        return Passed(case)
    key = MemoryKey(signal.estate, "~silent", case.building)
    known = facts.notes.get(key)
    before = known.devices if isinstance(known, Speakers) else {}
    if signal.verb is Verb.CLEAR:
        rest = {device: at for device, at in before.items() if device != signal.device}
        return Passed(case, {key: Speakers(rest) if rest else None} if before else {})
    near = {d: at for d, at in before.items() if abs(signal.at - at) <= TOGETHER}
    silent = dict(list({**near, signal.device: signal.at}.items())[-MOST_SILENT:])
    notes = {key: Speakers(silent)}
    total = facts.registry.watched.get(case.building, 0)
    if len(silent) < FEWEST or len(silent) < MOST_OF * total:
        return Passed(case, notes)
    detail = {
        "building": case.building,
        "silent": len(silent),
        "of": total,
        "within_s": TOGETHER.total_seconds(),
    }
    return Passed(case.decide("common", Reason.COMMON_CAUSE, detail), notes)
