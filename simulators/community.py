"""A seeded, deterministic community: places, devices, residents, those who are looked after.

The county is real (广汉市, 510681); every name below it is invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from devices.model import Cared, Device, Place, PlaceKind, Registry
from devices.profiles import PROFILES
from simulators.layout import DEVICE_NAMES, GATES, Plan, Room, estate_places, estate_plan, spine
from simulators.timeline import seeded

_ROUTINES = ("worker",) * 9 + ("student",) * 5 + ("homemaker",) * 3 + ("retired",) * 3
_PLATES = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
_RESIDENTS = 120  # per estate at size 1
_CARED = 6  # per estate at size 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Resident:
    """Somebody who lives here, known by an opaque reference only."""

    ref: str
    estate: str
    home: str  # a room's place code
    routine: str  # worker, student, homemaker, retired or cared
    gate: str  # the person gate they use
    plate: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Community:
    """Everything that the simulators know about their world."""

    seed: int
    places: tuple[Place, ...]
    devices: tuple[Device, ...]
    cared: tuple[Cared, ...]
    residents: tuple[Resident, ...]

    @property
    def estates(self) -> tuple[str, ...]:
        """The codes of the estates, in order."""
        return tuple(p.code for p in self.places if p.kind is PlaceKind.ESTATE)

    @property
    def registry(self) -> Registry:
        """The same as the platform's snapshot."""
        return Registry.of(places=self.places, devices=self.devices, cared=self.cared)

    def family(self, profile: str, estate: str | None = None) -> tuple[Device, ...]:
        """The devices of one family, of one estate or of all."""
        return tuple(d for d in self.devices if d.profile == profile and estate in (None, d.estate))


def build(
    seed: int, estates: int = 1, *, size: float = 1.0, now: datetime, unseen: timedelta | None = None
) -> Community:
    """Build a community of `estates` estates, registered at `now`.

    `size` scales buildings, devices and residents together. `unseen` says how long ago the
    first cared-for person was last known to be well (live use: their alert is then near);
    everybody else counts from `now`.
    """
    places: list[Place] = []
    devices: list[Device] = []
    residents: list[Resident] = []
    for n in range(1, estates + 1):
        rng = seeded(seed, "estate", n)
        above, added = spine(n)
        places += [p for p in added if p not in places]
        plan = estate_plan(n, size, rng)
        places += estate_places(plan, above)
        devices += _devices(plan, now, rng, size)
        residents += _residents(plan, rng, size)
    cared = [
        Cared(person=r.ref, estate=r.estate, place=r.home, since=now)
        for r in residents
        if r.routine == "cared"
    ]
    if unseen is not None and cared:
        cared[0] = replace(cared[0], since=now - unseen)
    return Community(
        seed=seed,
        places=tuple(places),
        devices=tuple(devices),
        cared=tuple(cared),
        residents=tuple(residents),
    )


def patient(community: Community, *, gate: timedelta, camera: timedelta) -> Community:
    """The same community with longer silences allowed, so that virtual days need few heartbeats."""
    longer = {"access_gate": gate, "camera": camera}
    return replace(
        community,
        devices=tuple(
            replace(d, offline_after=longer.get(d.profile, d.offline_after)) for d in community.devices
        ),
    )


def silence_limit(device: Device) -> timedelta:
    """How long a device may be silent before it counts as offline."""
    return device.offline_after or PROFILES[device.profile].offline_after


def _residents(plan: Plan, rng: Random, size: float) -> Iterator[Resident]:
    """People the rooms; elders first, each alone in a room with a help button."""
    gates = [f"{plan.code}-gate-{side}" for side, *_ in GATES if side != "car"]
    homes = [r.code for r in plan.elder_rooms]
    other = [r.code for r in plan.rooms if r.code not in homes] or homes
    for i in range(max(len(homes), round(_RESIDENTS * size))):
        cared = i < len(homes)
        routine = "cared" if cared else rng.choice(_ROUTINES)
        drives = routine == "worker" and rng.random() < 0.45  # noqa: PLR2004 - a share of drivers
        yield Resident(
            ref=f"p-{plan.code}-{i + 1:04d}",
            estate=plan.code,
            home=homes[i] if cared else other[i % len(other)],
            routine=routine,
            gate=rng.choice(gates),
            plate="川F" + "".join(rng.choices(_PLATES, k=5)) if drives else None,
        )


def _devices(plan: Plan, now: datetime, rng: Random, size: float) -> Iterator[Device]:
    """Install the devices of one estate."""

    def install(
        code: str, profile: str, where: tuple[str, str], x: float, y: float, *, model: str | None = None
    ) -> Device:
        id_, _, place = code.partition("@")
        zh, en = DEVICE_NAMES[profile]
        return Device(
            id=id_,
            estate=plan.code,
            place=place,
            profile=profile,
            name_zh=f"{where[0]}{zh}",
            name_en=f"{where[1]} {en}",
            registered_at=now,
            x=round(x, 1),
            y=round(y, 1),
            model=model,
        )

    for spot in plan.gates:
        named = (spot.name_zh, spot.name_en)
        kind = "barrier" if spot.code.endswith("-car") else None
        yield install(f"{spot.code}@{spot.code}", "access_gate", named, spot.x, spot.y, model=kind)
        yield install(f"{spot.code}-cam@{spot.code}", "camera", named, spot.x + 2, spot.y)
    centre = (plan.width / 2, plan.height / 2)
    yield install(f"{plan.code}-court-cam@{plan.code}", "camera", ("中庭", "Courtyard"), *centre)
    for unit in plan.units:
        named = (unit.name_zh, unit.name_en)
        yield install(f"{unit.code}-cam@{unit.code}", "camera", named, unit.x, unit.y)
        yield install(
            f"{unit.code}-firedoor@{unit.code}", "door_contact", named, unit.x + 3, unit.y, model="fire_door"
        )
        corridor = (f"{unit.name_zh}楼道", f"{unit.name_en} corridor")
        yield install(f"{unit.code}-smoke@{unit.code}", "smoke_sensor", corridor, unit.x, unit.y + 2)
    for room in plan.elder_rooms:
        named = (room.name_zh, room.name_en)
        yield install(f"{room.code}-sos@{room.code}", "sos_button", named, room.x + 1, room.y)
    for room in _kitchens(plan, rng, size):
        kitchen = (f"{room.name_zh}厨房", f"{room.name_en} kitchen")
        yield install(f"{room.code}-smoke@{room.code}", "smoke_sensor", kitchen, room.x, room.y)


def _kitchens(plan: Plan, rng: Random, size: float) -> list[Room]:
    """Elders' kitchens and some others have a sensor."""
    elders = {r.code for r in plan.elder_rooms}
    others = [r for r in plan.rooms if r.code not in elders]
    return [*plan.elder_rooms, *rng.sample(others, min(len(others), max(1, round(_CARED * size))))]
