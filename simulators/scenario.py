"""Scripted scenarios with ground truth: the script is data (`scenarios/*.toml`), the truth is in it.

A scenario names its cast by role, what each says after how many seconds, and which alerts
must come of it. Casting it on an estate gives timed sendings, expectations, and what the
background must not say meanwhile (`Hush`), since a passer-by's `closed` would end a door's
held-open story.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from random import Random
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from devices.model import Device
from devices.profiles import READINGS
from devices.profiles.access_gate import GateDoor, GatePass
from devices.profiles.camera import CameraObject
from devices.profiles.door_contact import Contact
from devices.reading import State
from simulators.community import Community, silence_limit
from simulators.timeline import Expected, Kind, Sending, reading_of, say

MARGIN = timedelta(minutes=10)
"""How long around a scenario the background keeps off its devices."""

LOW_BATTERY = 8.0  # per cent: what a sensor says once its battery ran low


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may play a part. Unless `shared`, nobody else in the whole plan is cast on it."""

    profile: str = ""
    where: Literal["", "kitchen", "corridor", "person", "car"] = ""
    building_of: str = ""  # in the same building as that role
    camera_at: str = ""  # the camera at that role's place
    gate_of: str = ""  # the gate that this person uses
    person: bool = False  # a cared-for person instead of a device
    shared: bool = False


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that a role says or does, `after` seconds from the start."""

    after: float
    who: str
    says: str = ""
    data: dict[str, Any] = {}
    does: Literal["", "die"] = ""
    person: str = ""  # the role whose reference goes into `person_ref`
    times: int = 1
    every: float = 0.0
    id: str = ""


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An alert that must come of it: at once by `trigger`, or `due` seconds from the start."""

    code: str
    subject: str
    severity: int
    trigger: str = ""
    about: Literal["", "building"] = ""  # it is about the building around the subject
    due: float | Literal["silence_limit"] = 0.0


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A script as written in its file."""

    name_zh: str
    name_en: str
    lasts: float  # seconds
    cast: dict[str, Role]
    step: list[Step]
    expect: list[Expect] = []
    hours: tuple[float, float] = (0.0, 24.0)  # local hours in which it is believable
    early: bool = False  # must start soon, because its truth takes a day
    battery_of: str = ""  # this role's battery stays low afterwards
    key: str = ""  # the file's name


@dataclass(frozen=True, kw_only=True, slots=True)
class Hush:
    """What the background must leave out: a device's or a person's words for a while.

    `all_of_it` silences heartbeats too; otherwise heartbeats, granted passes and
    passers-by go on, because other people's truth rests on them.
    """

    who: str
    start: datetime
    end: datetime
    all_of_it: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A scenario cast on an estate at a time."""

    name: str
    scenario: Scenario
    start: datetime
    cast: Mapping[str, str]
    sendings: tuple[Sending, ...]
    expected: tuple[Expected, ...]
    hushes: tuple[Hush, ...]


def load() -> Mapping[str, Scenario]:
    """Read every scenario that the project ships, by key."""
    found = {}
    for path in sorted(files("simulators").joinpath("scenarios").iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            key = path.name.removesuffix(".toml")
            script = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Scenario)
            found[key] = msgspec.structs.replace(script, key=key)
    return MappingProxyType(found)


def choose(
    scenario: Scenario, community: Community, estate: str, rng: Random, taken: frozenset[str] | set[str]
) -> dict[str, str] | None:
    """Cast every role on an estate; None where nobody suitable is free."""
    cast: dict[str, str] = {}
    for name, role in scenario.cast.items():
        candidates = [c for c in _candidates(role, community, estate, cast) if c not in cast.values()]
        free = [c for c in candidates if c not in taken]
        if not free:
            return None
        cast[name] = rng.choice(free)
    return cast


def _candidates(role: Role, community: Community, estate: str, cast: Mapping[str, str]) -> Iterable[str]:
    """Everybody on the estate who could play a role."""
    if role.person:
        return [c.person for c in community.cared if c.estate == estate and c.away_until is None]
    if role.gate_of:
        return [r.gate for r in community.residents if r.ref == cast[role.gate_of]]
    if role.camera_at:
        return [f"{cast[role.camera_at]}-cam"]
    building = building_of(cast[role.building_of]) + "-" if role.building_of else ""
    return [
        d.id
        for d in community.family(role.profile, estate)
        if d.id.startswith(building) and (not role.where or role.where == spot(d))
    ]


def building_of(device: str) -> str:
    """The building around a device, as its id tells (e1-b2-u1-0302-smoke)."""
    return "-".join(device.split("-")[:2])


def spot(device: Device) -> str:
    """Where in an estate a device hangs, as far as its id tells."""
    if device.profile == "access_gate":
        return "car" if device.id.endswith("-car") else "person"
    parts = device.id.split("-")  # e1-b2-u1-0302-smoke, e1-b2-u1-smoke
    return "kitchen" if len(parts) == 5 else "corridor"  # noqa: PLR2004 - see the line above


def stage(
    scenario: Scenario, cast: Mapping[str, str], community: Community, start: datetime, name: str
) -> Scene:
    """Turn a script into timed sendings and expectations, on a given cast."""
    by_id = {d.id: d for d in community.devices}
    sendings = [
        s
        for i, step in enumerate(scenario.step)
        for s in _perform(step, i, cast, by_id, start=start, name=name)
    ]
    triggers = {s.message.id: s for s in sendings if s.message}
    estate = sendings[0].estate
    expected = []
    for e in scenario.expect:
        spoken = triggers.get(f"{name}-{e.trigger}") if e.trigger else None
        due = e.due if e.due != "silence_limit" else silence_limit(by_id[cast[e.subject]]).total_seconds()
        expected.append(
            Expected(
                code=e.code,
                subject=building_of(cast[e.subject]) if e.about else cast[e.subject],
                severity=e.severity,
                estate=estate,
                due=spoken.when if spoken else start + timedelta(seconds=due),
                scenario=name,
                trigger=spoken.key if spoken else None,
            )
        )
    return Scene(
        name=name,
        scenario=scenario,
        start=start,
        cast=MappingProxyType(dict(cast)),
        sendings=tuple(sorted(sendings, key=lambda s: s.when)),
        expected=tuple(expected),
        hushes=tuple(_hushes(scenario, cast, start)),
    )


def _perform(
    step: Step, i: int, cast: Mapping[str, str], by_id: Mapping[str, Device], *, start: datetime, name: str
) -> Iterable[Sending]:
    """One step, as often as it is repeated."""
    device = by_id[cast[step.who]]
    for k in range(1, step.times + 1):
        when = start + timedelta(seconds=step.after + (k - 1) * step.every)
        if step.does:
            yield Sending(when=when, estate=device.estate, device=device.id, kind=Kind.DIE, source=name)
            continue
        label = (step.id or f"s{i}") + (f"-{k}" if step.times > 1 else "")
        data = step.data | ({"person_ref": cast[step.person]} if step.person else {})
        if "track" in data:
            data["track"] = f"{name}-{data['track']}"
        yield say(device, when, reading_of(step.says, data, READINGS), f"{name}-{label}", source=name)


def _hushes(scenario: Scenario, cast: Mapping[str, str], start: datetime) -> Iterable[Hush]:
    """What the background must leave out for this scene."""
    end = start + timedelta(seconds=scenario.lasts)
    for role, who in cast.items():
        spec = scenario.cast[role]
        if spec.person:
            yield Hush(who=who, start=start, end=end, all_of_it=True)
        elif any(s.who == role and s.does == "die" for s in scenario.step):
            yield Hush(who=who, start=start, end=start + timedelta(days=3650), all_of_it=True)
        elif not spec.gate_of:
            yield Hush(who=who, start=start - MARGIN, end=end + MARGIN)


def quieten(timeline: Iterable[Sending], scenes: Iterable[Scene]) -> list[Sending]:
    """Take out of a background what would spoil the scenes' truth."""
    hushes: dict[str, list[Hush]] = {}
    drained: dict[str, datetime] = {}
    for scene in scenes:
        for hush in scene.hushes:
            hushes.setdefault(hush.who, []).append(hush)
        if scene.scenario.battery_of:
            drained[scene.cast[scene.scenario.battery_of]] = scene.start
    return [kept for s in timeline if (kept := _keep(s, hushes, drained)) is not None]


def _keep(s: Sending, hushes: Mapping[str, list[Hush]], drained: Mapping[str, datetime]) -> Sending | None:
    """One background sending: kept, changed or left out."""
    reading = s.message.reading if s.message else None
    who = [s.device]
    if isinstance(reading, GatePass) and reading.person_ref:
        who.append(reading.person_ref)
    goes_on = isinstance(reading, (State, CameraObject)) or (
        isinstance(reading, GatePass) and reading.result == "granted"
    )
    shuts = isinstance(reading, (Contact, GateDoor)) and reading.state == "closed"
    for hush in (h for name in who for h in hushes.get(name, ())):
        if not hush.start <= s.when < hush.end:
            continue
        ends_earlier = shuts and s.when < hush.start + MARGIN  # what opened before may still close
        if hush.all_of_it or not (goes_on or ends_earlier):
            return None
    since = drained.get(s.device)
    if isinstance(reading, State) and s.message and since is not None and s.when >= since:
        low = msgspec.structs.replace(reading, battery=LOW_BATTERY)
        return replace(s, message=msgspec.structs.replace(s.message, reading=low))
    return s
