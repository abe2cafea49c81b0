"""The ground truth is true: a small judge of its own, written from domain.md, agrees with every plan.

The judge looks at whole histories (sorted lists), never at windows or timers, so that it
shares no mistake with the rules engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from devices.codec import decode
from devices.event import Event, Flag
from devices.profiles.access_gate import GateDoor, GatePass
from devices.profiles.door_contact import Contact
from devices.profiles.smoke_sensor import Smoke
from devices.profiles.sos_button import Sos
from devices.reading import Fault, State
from simulators.community import Community, build, silence_limit
from simulators.drill import DrillPlan, plan_drill
from simulators.timeline import Kind, Sending, in_steps
from simulators.traffic import background, order

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
Truth = Counter[tuple[str, str]]


@dataclass
class Judge:
    """Judges a whole history at once."""

    community: Community
    events: list[Event]
    start: datetime
    end: datetime

    def truth(self) -> Truth:
        """Return every alert that should have been raised."""
        found: Truth = Counter()
        for device in self.community.devices:
            mine = [e for e in self.events if e.device == device.id]
            seen = [self.start, *(e.received_at for e in mine), self.end]
            if _longest(seen) > silence_limit(device):
                found["DEV-002", device.id] = 1
            fresh = [e for e in mine if Flag.LATE not in e.flags]
            found += self._door(device.id, fresh) + self._refusals(device.id, fresh)
            found += self._life(device.id, mine) + self._battery(device.id, fresh)
        found += self._burning()
        for cared in self.community.cared:
            passes = [
                e.happened_at
                for e in self.events
                if isinstance(e.reading, GatePass)
                and e.reading.person_ref == cared.person
                and e.reading.result == "granted"
            ]
            if _longest([cared.since, *passes, self.end]) >= timedelta(hours=24):
                found["CARE-001", cared.person] = 1
        return found

    def _door(self, device: str, fresh: list[Event]) -> Truth:
        moves = sorted(
            (e for e in fresh if isinstance(e.reading, (Contact, GateDoor))), key=lambda e: e.happened_at
        )
        opened: datetime | None = None
        for e in moves:
            closed = isinstance(e.reading, (Contact, GateDoor)) and e.reading.state == "closed"
            if opened and closed and e.happened_at - opened > timedelta(minutes=5):
                return Counter({("SEC-005", device): 1})
            opened = None if closed else opened or e.happened_at
        return Counter({("SEC-005", device): 1}) if opened else Counter()

    def _burning(self) -> Truth:
        """Two sensors of one building within three minutes."""
        found: Truth = Counter()
        alarms = sorted(
            (e.happened_at, "-".join(e.device.split("-")[:2]), e.device)
            for e in self.events
            if isinstance(e.reading, Smoke) and e.reading.alarm and not e.reading.test
        )
        for at, building, device in alarms:
            for then, place, other in alarms:
                if (
                    place == building
                    and other != device
                    and timedelta(0) <= then - at <= timedelta(minutes=3)
                ):
                    found["FIRE-009", building] = 1
        return found

    def _refusals(self, device: str, fresh: list[Event]) -> Truth:
        times = sorted(
            e.happened_at for e in fresh if isinstance(e.reading, GatePass) and e.reading.result == "denied"
        )
        near = any(b - a <= timedelta(seconds=60) for a, b in zip(times, times[4:], strict=False))
        return Counter({("SEC-010", device): 1}) if near else Counter()

    def _life(self, device: str, mine: list[Event]) -> Truth:
        found: Truth = Counter()
        newest: datetime | None = None
        for e in mine:
            outdated = newest is not None and e.happened_at < newest
            if isinstance(e.reading, Smoke) and e.reading.alarm and not e.reading.test and not outdated:
                found["FIRE-001", device] = 1
            if isinstance(e.reading, Sos) and e.reading.action == "pressed":
                found["SOS-001", device] += 1
            if isinstance(e.reading, Sos) and e.reading.action == "cancelled" and _just_pressed(mine, e):
                found["SOS-002", device] = 1
            if isinstance(e.reading, Smoke):
                newest = max(newest or e.happened_at, e.happened_at)
        return found

    def _battery(self, device: str, fresh: list[Event]) -> Truth:
        low = any(
            (isinstance(e.reading, State) and e.reading.battery is not None and e.reading.battery <= 10)
            or (isinstance(e.reading, Fault) and e.reading.code == "low_battery")
            for e in fresh
        )
        return Counter({("DEV-001", device): 1}) if low else Counter()


def _just_pressed(mine: list[Event], cancelled: Event) -> bool:
    """Whether the same button was pressed in the 15 seconds before."""
    return any(
        isinstance(e.reading, Sos)
        and e.reading.action == "pressed"
        and timedelta(0) <= cancelled.at - e.at <= timedelta(seconds=15)
        for e in mine
    )


def _longest(times: list[datetime]) -> timedelta:
    times = sorted(times)
    return max(b - a for a, b in pairwise(times))


def _arrive(timeline: Iterable[Sending], plan: DrillPlan, *, stepped: bool) -> list[Event]:
    """What the platform decodes, each event once; its clock is exact, or stands still in each step."""
    registry, events, known = plan.community.registry, [], set()
    clock = plan.start
    for at, batch in in_steps(list(timeline), plan.start, plan.end, plan.step):
        for s in batch:
            if s.kind is Kind.SAY and s.key not in known:
                known.add(s.key)
                received = clock if stepped else s.when
                events.append(decode(*s.wire(), received_at=received, registry=registry))
        clock = at
    return events


@pytest.mark.parametrize("stepped", [False, True])
@pytest.mark.parametrize("faults", ["none", "all"])
@pytest.mark.parametrize("seed", [1, 7, 23])
def test_a_plans_expectations_are_the_whole_truth(seed: int, faults: str, stepped: bool) -> None:  # noqa: FBT001
    plan = plan_drill(seed, 2, 30, faults, START)
    events = _arrive(plan.timeline, plan, stepped=stepped)
    truth = Judge(plan.community, events, plan.start, plan.end).truth()
    assert truth == Counter((e.code, e.subject) for e in plan.expected)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ordinary_days_raise_nothing(seed: int) -> None:
    community = build(seed, 1, now=START)
    end = START + timedelta(days=3)
    registry = community.registry
    events = [
        decode(*s.wire(), received_at=s.when, registry=registry)
        for s in background(community, START, end, greet=True)
    ]
    assert len(events) > 1000
    assert not Judge(community, events, START, end).truth()


def test_ordinary_days_are_the_same_in_pieces_as_at_once() -> None:
    community = build(7, 1, now=START)
    cuts = [START + timedelta(hours=h) for h in (0, 5, 17, 30)]
    whole = list(background(community, cuts[0], cuts[-1]))
    pieces = [s for a, b in pairwise(cuts) for s in background(community, a, b)]
    assert pieces == whole


def test_ordinary_days_come_in_order_and_under_their_own_ids() -> None:
    said = list(background(build(7, 2, now=START), START, START + timedelta(days=2), greet=True))
    assert said == sorted(said, key=order)
    assert len({s.key for s in said}) == len(said)


def test_detail_thins_out_and_keeps_people_and_heartbeats() -> None:
    community = build(7, 1, now=START)
    end = START + timedelta(days=1)
    full = {s.key for s in background(community, START, end)}
    thin = {s.key for s in background(community, START, end, detail=0.0)}
    beats = [{k for k in keys if k[1].startswith("s-")} for keys in (full, thin)]
    assert len(thin - beats[1]) < len(full - beats[0]) / 2
    assert beats[0] == beats[1]
