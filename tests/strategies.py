"""Hypothesis strategies, derived from the declarations that they test."""

from __future__ import annotations

import types
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from msgspec import Meta

from devices.event import Event, Flag
from devices.model import Cared, Device, Place, PlaceKind, Registry
from devices.profile import Message, Profile
from devices.profiles.access_gate import GateDoor, GatePass
from devices.profiles.door_contact import Contact
from devices.profiles.smoke_sensor import Smoke
from devices.profiles.sos_button import Sos
from devices.reading import Fault, Reading, State

T0 = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ESTATE = "tuoshui"

_CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))


def values(hint: Any, meta: Meta | None = None) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one per kind
    """Everything that a field's type hint allows."""
    origin = get_origin(hint)
    if origin is Annotated:
        return values(get_args(hint)[0], get_args(hint)[1])
    if origin is Literal:
        return st.sampled_from(get_args(hint))
    if origin in (Union, types.UnionType):
        return st.one_of(*(values(a) for a in get_args(hint)))
    if hint is type(None):
        return st.none()
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.integers(meta.ge if meta else None, meta.le if meta else None)  # type: ignore[arg-type]
    if hint is float:
        return st.floats(meta.ge if meta else None, meta.le if meta else None, allow_nan=False)
    assert hint is str, f"teach tests/strategies.py about {hint}"
    return st.text(
        _CHARACTERS,
        min_size=(meta.min_length if meta else None) or 0,
        max_size=meta.max_length if meta else None,
    )


def readings_of(kind: type[Reading]) -> st.SearchStrategy[Reading]:
    """Every reading of one type."""
    hints = get_type_hints(kind, include_extras=True)
    return st.builds(kind, **{name: values(hints[name]) for name in kind.__struct_fields__})


def readings(profile: Profile) -> st.SearchStrategy[Reading]:
    """Everything that a family can say."""
    every: tuple[type[Reading], ...] = (*profile.readings, Fault, State)
    return st.one_of(*(readings_of(r) for r in every))


def messages(profile: Profile) -> st.SearchStrategy[Message]:
    """Every message of a family, at any time on any clock."""
    return st.builds(
        Message,
        id=st.text(_CHARACTERS, min_size=1, max_size=64),
        at=st.datetimes(
            datetime(1970, 1, 2),  # noqa: DTZ001 - the strategy adds the zone
            datetime(2100, 1, 1),  # noqa: DTZ001
            timezones=st.sampled_from([UTC]),
        ),
        reading=readings(profile),
    )


def spoiled(payload: bytes) -> st.SearchStrategy[bytes]:
    """Cut, splice, repeat or overwrite a part of a valid payload."""
    place = st.integers(0, len(payload))

    def splice(a: int, b: int, junk: bytes) -> bytes:
        first, last = min(a, b), max(a, b)
        return payload[:first] + junk + payload[last:]

    junk = st.one_of(
        st.binary(max_size=8),
        st.sampled_from(
            [b"null", b"1e999", b"-1", b'"\\ud800"', b"[[[[", b"{}", b'"\\u0000"', b"\xff", b","]
        ),
    )
    return st.builds(splice, place, place, junk)


def device(name: str, profile: str, **more: Any) -> Device:
    """A registered device of the test estate."""
    return Device(
        id=name,
        estate=more.pop("estate", ESTATE),
        place=more.pop("place", f"{ESTATE}-gate"),
        profile=profile,
        name_zh=name,
        name_en=name,
        registered_at=more.pop("registered_at", T0 - timedelta(days=30)),
        **more,
    )


PLACES = (
    Place(code=ESTATE, kind=PlaceKind.ESTATE, name_zh="沱水", name_en="Tuoshui", path=(ESTATE,)),
    Place(
        code=f"{ESTATE}-gate",
        kind=PlaceKind.GATE,
        name_zh="东门",
        name_en="East gate",
        path=(ESTATE, f"{ESTATE}-gate"),
    ),
)
FLEET = (
    device("gate-1", "access_gate"),
    device("gate-2", "access_gate"),
    device("cam-1", "camera"),
    device("door-1", "door_contact"),
    device("smoke-1", "smoke_sensor"),
    device("smoke-2", "smoke_sensor"),
    device("sos-1", "sos_button"),
)
PEOPLE = (
    Cared(person="grandma", estate=ESTATE, place=f"{ESTATE}-gate", since=T0),
    Cared(person="grandpa", estate=ESTATE, place=f"{ESTATE}-gate", since=T0),
)
REGISTRY = Registry.of(places=PLACES, devices=FLEET, cared=PEOPLE)


def event(
    device: str,
    seconds: float,
    reading: Reading,
    *,
    delay: float = 0.0,
    flags: tuple[Any, ...] = (),
    name: str = "",
) -> Event:
    """An event `seconds` after T0, arriving `delay` seconds later."""
    at = T0 + timedelta(seconds=seconds)
    return Event(
        id=name or f"{device}-{seconds}-{reading.type}",
        device=device,
        estate=ESTATE,
        at=at,
        received_at=at + timedelta(seconds=delay),
        reading=reading,
        flags=flags,
    )


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """A plausible hour and more of one estate, mostly in order, some late, some retained."""
    found = []
    clock = 0.0
    for number in range(draw(st.integers(1, 30))):
        clock += draw(st.sampled_from([0.0, 1.0, 7.0, 30.0, 61.0, 301.0, 700.0, 90_000.0]))
        speaker = draw(st.sampled_from(FLEET))
        reading = draw(lively(speaker.profile))
        age = draw(st.sampled_from([0.0, 0.0, 0.0, 3.0, 40.0, 590.0, 1800.0]))
        flags = (Flag.LATE,) if age > 600 else draw(st.sampled_from([(), (), (), (), (Flag.RETAINED,)]))
        found.append(event(speaker.id, clock - age, reading, delay=age, flags=flags, name=f"e{number}"))
    return found


@cache
def lively(family: str) -> st.SearchStrategy[Reading]:
    """What a family says, with few values, so that rules have something to do."""
    own: dict[str, st.SearchStrategy[Reading]] = {
        "access_gate": st.one_of(
            st.builds(
                GatePass,
                direction=st.just("in"),
                method=st.just("face"),
                result=st.sampled_from(["granted", "denied", "denied"]),
                person_ref=st.sampled_from([None, "grandma", "grandpa", "courier"]),
            ),
            st.builds(GateDoor, state=st.sampled_from(["open", "closed", "forced"])),
        ),
        "door_contact": st.builds(Contact, state=st.sampled_from(["open", "closed"])),
        "smoke_sensor": st.builds(Smoke, alarm=st.booleans(), test=st.booleans()),
        "sos_button": st.builds(Sos, action=st.sampled_from(["pressed", "cancelled", "answered"])),
    }
    shared = st.one_of(
        st.builds(State, battery=st.sampled_from([None, 5.0, 12.0, 80.0])),
        st.builds(Fault, code=st.sampled_from(["low_battery", "tamper"]), active=st.booleans()),
    )
    return st.one_of(own[family], shared) if family in own else shared
