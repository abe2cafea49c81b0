"""Corroboration: other devices that say the same make an alert more certain. It blocks nothing.

Devices of one building speak for each other: two smoke sensors, or a sensor and a camera there.
What hangs in no building (a camera over the yard, a neighbour at the gate) sees many buildings: its
word supports each of them in which somebody says the same within the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from devices.model import PlaceKind, Registry
from rules.alert import Reason, Verb
from rules.handling.case import SINGLE, Case, Passed, Speakers
from rules.handling.notes import Facts
from rules.outcome import MemoryKey

MOST_SPEAKERS = 16
SPEAK = "~speak"
_HALVED_TWICE = 0.25  # what each further device leaves of the doubt: two 0.9, three 0.975

Devices = Mapping[str, datetime]


def verify(case: Case, facts: Facts) -> Passed:
    """Raise the confidence where other devices say the same."""
    signal = case.signal
    rule = facts.rules.get(signal.rule)
    if rule is None or rule.verify is None or signal.verb is Verb.CLEAR or signal.device is None:
        return Passed(case)
    within = rule.verify.within
    key = MemoryKey(signal.estate, SPEAK, case.group)
    known = facts.notes.get(key)
    before = _near(known, signal.at, within)
    here = dict(list({**before, signal.device: signal.at}.items())[-MOST_SPEAKERS:])
    notes = {key: Speakers(here)}
    outside = _in_the_open(facts.registry, case.building)
    elsewhere = dict(_others(case, facts, within, in_the_open=not outside))
    supports: dict[str, float] = {}
    if outside:
        supports = {group: confidence(len({*devices, *here})) for group, devices in elsewhere.items()}
        devices = {*here}
    else:
        devices = {*here, *(name for found in elsewhere.values() for name in found)}
    said = {*devices, *(name for found in elsewhere.values() for name in found)}
    case = replace(case, confidence=confidence(len(devices)), supports=supports)
    if len(said) < rule.verify.at_least:
        return Passed(case, notes)
    detail = {"devices": sorted(said), "within_s": within.total_seconds()}
    return Passed(case.decide("verify", Reason.CORROBORATED, detail), notes)


def confidence(devices: int) -> float:
    """How certain it is that so many devices are right."""
    return round(1 - (1 - SINGLE) * _HALVED_TWICE ** (devices - 1), 3)


def _others(
    case: Case, facts: Facts, within: timedelta, *, in_the_open: bool
) -> Iterator[tuple[str, Devices]]:
    """The estate's groups of the same hazard, in the open or in buildings, in which somebody spoke lately."""
    _, _, hazard = case.group.rpartition("/")
    for key, note in facts.notes.of(SPEAK, case.signal.estate).items():
        if key.subject == case.group:
            continue
        place, _, what = key.subject.partition("/")[2].rpartition("/")
        devices = _near(note, case.signal.at, within)
        if what == hazard and devices and _in_the_open(facts.registry, place) is in_the_open:
            yield key.subject, devices


def _near(note: object, at: datetime, within: timedelta) -> Devices:
    devices = note.devices if isinstance(note, Speakers) else {}
    return {device: t for device, t in devices.items() if abs(at - t) <= within}


def _in_the_open(registry: Registry, place: str) -> bool:
    return registry.within(place, PlaceKind.BUILDING) is None
