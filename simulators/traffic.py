"""Believable background: what devices say on ordinary days, which must raise no alert at all.

A pure function of seed, community and time: the same window says the same whether it is
asked for at once or in pieces. It keeps clear of every threshold by construction:

* a visitor is refused at most twice, and one gate has at most one visitor per quarter
  of an hour, so never five refusals in a minute (SEC-010);
* doors stand open for less than a minute and a half (SEC-005 asks for five);
* batteries stay above 25 per cent (DEV-001), heartbeats come every third of the
  silence that is allowed (DEV-002), smoke is only ever a marked test (FIRE-001);
* cared-for people pass a gate at least every 12 hours (CARE-001).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as daytime
from random import Random
from typing import Literal

from devices.model import Device
from devices.profiles.access_gate import GateDoor, GatePass
from devices.profiles.camera import CameraObject
from devices.profiles.door_contact import Contact
from devices.profiles.smoke_sensor import Smoke
from devices.reading import State
from simulators.community import Community, Resident, silence_limit
from simulators.timeline import CHINA, Sending, say, seeded, stamp

# Trips by routine: (leaves after, at the latest, back after, at the latest), in local hours.
_TRIPS: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "worker": ((6.8, 8.8, 17.3, 20.5),),
    "student": ((6.9, 7.7, 16.6, 18.4),),
    "homemaker": ((8.2, 9.5, 10.0, 11.5), (15.0, 16.5, 16.8, 18.0)),
    "retired": ((6.3, 7.6, 8.0, 9.4), (18.6, 19.4, 19.8, 20.8)),
    "cared": ((6.5, 7.2, 8.0, 9.0), (14.8, 15.6, 16.2, 17.2), (19.0, 19.6, 19.8, 20.4)),
}
_AT_HOME = 0.12  # share of trips that are not made; cared-for people make all of theirs
_VISIT = timedelta(minutes=15)
_LABELS = ("person",) * 6 + ("bicycle", "car", "cat", "dog")
_MAINS = ("access_gate", "camera")


def background(
    community: Community,
    start: datetime,
    end: datetime,
    *,
    seed: int | None = None,
    detail: float = 1.0,
    greet: bool = False,
) -> Iterator[Sending]:
    """Yield, in time order, everything ordinary that is sent in `[start, end)`.

    `detail` is the share of door movements and camera objects that are told at all; people,
    visitors and heartbeats are always complete. `greet` lets each device send its state
    within half a minute of `start`, as real ones do when they are switched on.
    """
    root = community.seed if seed is None else seed
    greetings = (_greeting(d, start, root) for d in community.devices if greet)
    days = _days(community, start, end, seed=root, detail=detail)
    yield from heapq.merge(sorted(greetings, key=order), days, key=order)


def _days(
    community: Community, start: datetime, end: datetime, *, seed: int, detail: float
) -> Iterator[Sending]:
    """Go through the local days, so that only one is in memory."""
    day, last = start.astimezone(CHINA).date(), end.astimezone(CHINA).date()
    while day <= last:
        today = _day(community, day, start, end, seed=seed, detail=detail)
        yield from sorted((s for s in today if start <= s.when < end), key=order)
        day += timedelta(days=1)


def order(sending: Sending) -> tuple[datetime, str, str]:
    """The order of a timeline: by time, then by device and id, so that it is total."""
    return (sending.when, *sending.key)


def _day(
    community: Community, day: date, start: datetime, end: datetime, *, seed: int, detail: float
) -> Iterator[Sending]:
    """Everything of one local day, in no order."""
    by_id = {d.id: d for d in community.devices}
    for resident in community.residents:
        rng = seeded(seed, resident.ref, day)
        yield from _resident(resident, by_id, day, rng, detail)
    midnight = datetime.combine(day, daytime(), CHINA)
    for device in community.devices:
        rng = seeded(seed, device.id, day)
        if device.profile == "access_gate" and not device.id.endswith("-car"):
            yield from _visitors(device, midnight, rng)
        elif device.profile == "camera":
            yield from _objects(device, midnight, rng, detail)
        elif device.profile == "door_contact":
            yield from _openings(device, midnight, rng)
        elif device.profile == "smoke_sensor" and rng.random() < 0.02:  # noqa: PLR2004 - tests are rare
            yield from _self_test(device, midnight, rng)
        yield from _heartbeats(device, midnight, start, end, seed)


def _clock(day: date, hour: float) -> datetime:
    """A local hour, such as 7.5, as a moment; whole milliseconds."""
    return datetime.combine(day, daytime(), CHINA) + timedelta(milliseconds=round(hour * 3_600_000))


def _resident(
    resident: Resident, by_id: dict[str, Device], day: date, rng: Random, detail: float
) -> Iterator[Sending]:
    """One person's trips of a day: out and in through their gate."""
    weekend = day.weekday() >= 5 and resident.routine in ("worker", "student")  # noqa: PLR2004 - Saturday
    for after, latest, back, home in _TRIPS["homemaker" if weekend else resident.routine]:
        stays = rng.random() < _AT_HOME and resident.routine != "cared"
        leaves, returns = rng.uniform(after, latest), rng.uniform(back, home)
        if not stays:
            yield from _pass(resident, by_id, _clock(day, leaves), "out", rng=rng, detail=detail)
            yield from _pass(resident, by_id, _clock(day, returns), "in", rng=rng, detail=detail)


def _pass(
    resident: Resident,
    by_id: dict[str, Device],
    when: datetime,
    direction: Literal["in", "out"],
    *,
    rng: Random,
    detail: float,
) -> Iterator[Sending]:
    """One person, or their car, passes; mostly the gate's leaf is told too."""
    gate = by_id[f"{resident.estate}-gate-car" if resident.plate else resident.gate]
    score = round(rng.uniform(0.86, 0.99), 3)
    if resident.plate:
        reading = GatePass(direction=direction, method="plate", result="granted", plate=resident.plate)
    else:
        reading = GatePass(
            direction=direction, method="face", result="granted", person_ref=resident.ref, score=score
        )
    name = f"{stamp(when)}-{resident.ref.rpartition('-')[2]}"
    yield say(gate, when, reading, f"p-{name}")
    if rng.random() < detail:
        yield from _leaf(gate, when, name, rng)


def _leaf(gate: Device, when: datetime, name: str, rng: Random) -> Iterator[Sending]:
    """The gate opens and closes again within seconds."""
    opens = when + timedelta(milliseconds=rng.randrange(300, 900))
    closes = opens + timedelta(milliseconds=rng.randrange(4_000, 12_000))
    yield say(gate, opens, GateDoor(state="open"), f"o-{name}")
    yield say(gate, closes, GateDoor(state="closed"), f"c-{name}")


def _visitors(gate: Device, midnight: datetime, rng: Random) -> Iterator[Sending]:
    """Couriers and guests: refused once or twice, then let in from a flat, or gone."""
    for slot in sorted(rng.sample(range(32, 84), rng.randrange(2, 7))):  # 08:00 to 21:00
        when = midnight + slot * _VISIT + timedelta(milliseconds=rng.randrange(600_000))
        for _ in range(rng.randrange(0, 3)):
            denied = GatePass(
                direction="in", method="face", result="denied", score=round(rng.random() / 2, 3)
            )
            yield say(gate, when, denied, f"v-{stamp(when)}")
            when += timedelta(milliseconds=rng.randrange(6_000, 20_000))
        if rng.random() < 0.8:  # noqa: PLR2004 - most guests are expected
            granted = GatePass(direction="in", method="remote", result="granted")
            yield say(gate, when, granted, f"v-{stamp(when)}")


def _objects(camera: Device, midnight: datetime, rng: Random, detail: float) -> Iterator[Sending]:
    """Passers-by: many by day, few by night, nobody for longer than four minutes."""
    for hour in range(24):
        busy = 5 if 6 <= hour < 22 else 1  # noqa: PLR2004 - day and night
        for k in range(rng.randrange(busy + 1)):
            when = midnight + timedelta(hours=hour, milliseconds=rng.randrange(3_600_000 - 240_000))
            leaves = when + timedelta(milliseconds=rng.randrange(3_000, 240_000))
            track, label = f"t{hour:02d}{k}-{stamp(when)}", rng.choice(_LABELS)
            score, told = round(rng.uniform(0.6, 0.98), 3), rng.random() < detail
            if told:
                yield say(camera, when, _seen(track, label, "enter", score), f"{track}-e")
                yield say(camera, leaves, _seen(track, label, "leave", score), f"{track}-l")


def _seen(track: str, label: str, phase: Literal["enter", "leave"], score: float) -> CameraObject:
    """An object appears or goes."""
    return CameraObject(track=track, label=label, phase=phase, score=score)


def _openings(contact: Device, midnight: datetime, rng: Random) -> Iterator[Sending]:
    """A fire door is used now and then, and falls shut."""
    for slot in sorted(rng.sample(range(26, 90), rng.randrange(2, 6))):
        opens = midnight + slot * _VISIT + timedelta(milliseconds=rng.randrange(600_000))
        closes = opens + timedelta(milliseconds=rng.randrange(3_000, 80_000))
        yield say(contact, opens, Contact(state="open"), f"o-{stamp(opens)}")
        yield say(contact, closes, Contact(state="closed"), f"c-{stamp(closes)}")


def _self_test(sensor: Device, midnight: datetime, rng: Random) -> Iterator[Sending]:
    """Maintenance presses the test button in working hours."""
    when = midnight + timedelta(milliseconds=rng.randrange(9 * 3_600_000, 17 * 3_600_000))
    yield say(sensor, when, Smoke(alarm=True, test=True), f"t-{stamp(when)}")
    when += timedelta(seconds=10)
    yield say(sensor, when, Smoke(alarm=False, test=True), f"t-{stamp(when)}")


def _heartbeats(
    device: Device, midnight: datetime, start: datetime, end: datetime, seed: int
) -> Iterator[Sending]:
    """State, every third of the silence allowed, on a beat of the device's own."""
    every = silence_limit(device) / 3
    phase = timedelta(seconds=int(seeded(seed, device.id, "beat").random() * every.total_seconds()))
    since = max(midnight, start) - device.registered_at
    when = device.registered_at + phase + max(0, since // every - 1) * every
    stop = min(midnight + timedelta(days=1), end)
    while when < stop:
        if when >= max(midnight, start):
            yield say(device, when, state_of(device, when, seed), f"s-{stamp(when)}")
        when += every


def state_of(device: Device, when: datetime, seed: int) -> State:
    """How a device is: batteries fall by a per cent a week, never below 25."""
    rng = seeded(seed, device.id, "body")
    if device.profile in _MAINS:
        return State(firmware="2.4.1")
    weeks = (when - device.registered_at) / timedelta(days=7)
    return State(
        battery=round(max(25.0, rng.uniform(55, 99) - max(0.0, weeks)), 1), rssi=-rng.randrange(50, 85)
    )


def _greeting(device: Device, start: datetime, seed: int) -> Sending:
    """The state that a device sends when it is switched on."""
    delay = seeded(seed, device.id, "greeting").randrange(1_000, 29_000)
    when = start + timedelta(milliseconds=delay)
    return say(device, when, state_of(device, when, seed), f"b-{stamp(when)}")
