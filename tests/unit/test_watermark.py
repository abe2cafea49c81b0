"""Each estate has a watermark of its own: a slow one is waited for, and keeps nobody waiting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest

from devices.event import Event
from devices.model import Device, Place, PlaceKind, Registry
from devices.profiles.door_contact import Contact
from ingest.batch import Marker
from ingest.bench import seat
from ingest.judge import Judge
from ingest.store.rulebook import shipped_book

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
LATENESS = timedelta(seconds=2)
SLOW = timedelta(seconds=40)


def estate(code: str, lateness: timedelta | None) -> tuple[Place, Device]:
    place = Place(
        code=code, kind=PlaceKind.ESTATE, name_zh="苑", name_en="Estate", path=(code,), lateness=lateness
    )
    door = Device(
        id=f"{code}-door",
        estate=code,
        place=code,
        profile="door_contact",
        name_zh="门",
        name_en="Door",
        registered_at=T0,
        offline_after=timedelta(days=1),
    )
    return place, door


PARTS = (estate("quick", None), estate("slow", SLOW))
REGISTRY = Registry.of(places=[p for p, _ in PARTS], devices=[d for _, d in PARTS])


def judge(clock: datetime | None = None) -> Judge:
    made = Judge(seat(shipped_book(), {}, REGISTRY, {}, T0), LATENESS, clock)
    made.enrol(REGISTRY, T0)
    return made


def door(where: str, at: float, state: str, arrives: float) -> Event:
    return Event(
        id=f"{where}-{at}-{state}",
        device=f"{where}-door",
        estate=where,
        at=T0 + timedelta(seconds=at),
        received_at=T0 + timedelta(seconds=arrives),
        reading=Contact(state=state),  # type: ignore[arg-type]
    )


def told(made: Judge, steps: list[Event | Marker]) -> list[tuple[str, str, float]]:
    verdict = made.judge(steps)
    return [
        (s.subject, str(s.verb), (s.at - T0).total_seconds())
        for s, _ in verdict.signals
        if s.code == "SEC-005"
    ]


def marks(first: int, last: int) -> list[Marker]:
    return [Marker(T0 + timedelta(seconds=s)) for s in range(first, last)]


def test_the_quick_estate_alarms_at_once_and_the_slow_one_waits_for_its_stragglers() -> None:
    made = judge(T0)
    opened = [door("quick", 0, "open", 0), door("slow", 0, "open", 0)]
    assert told(made, [*opened, *marks(0, 310)]) == [("quick-door", "raise", 300.0)]
    # it had been closed at 290 s; the word of it was under way for 30 s
    assert told(made, [door("slow", 290, "closed", 320), *marks(310, 400)]) == []


def test_a_restart_keeps_each_watermark_where_it_was() -> None:
    made = judge(T0)
    made.judge(marks(0, 100))
    again = judge(T0 + timedelta(seconds=97))  # what was saved
    for code in ("quick", "slow"):
        clock = T0 + timedelta(seconds=97)
        assert again.watermark(code, clock) == made.watermark(code, clock)
    assert made.watermark("slow", T0 + timedelta(seconds=97)) == T0 + timedelta(seconds=99) - SLOW


@pytest.mark.parametrize("seed", range(6))
def test_any_order_within_each_estates_own_bound_yields_the_same_alerts(seed: int) -> None:
    rng = Random(seed)  # noqa: S311 - no secret
    bounds = {"quick": LATENESS, "slow": SLOW}
    story = [
        (where, at + shift, state)
        for where in bounds
        for shift in (0, 900)
        for at, state in (
            (0, "open"),
            (rng.choice([290, 299, 301, 330]), "closed"),
            (340, "open"),
            (345, "closed"),
        )
    ]

    def run(delay: bool) -> list[tuple[str, str, float]]:  # noqa: FBT001
        events = [door(w, at, state, at) for w, at, state in story]
        if delay:
            events = [
                replace_arrival(e, rng.uniform(0, bounds[e.estate].total_seconds() * 0.98)) for e in events
            ]
        steps: list[Event | Marker] = [*events, *marks(0, 1500)]
        steps.sort(key=lambda s: (s.at if isinstance(s, Marker) else s.received_at, isinstance(s, Marker)))
        return sorted(told(judge(T0), steps))

    assert run(delay=True) == run(delay=False)


def replace_arrival(event: Event, by: float) -> Event:
    return msgspec.structs.replace(event, received_at=event.at + timedelta(seconds=by))
