"""Whatever arrives, an adapter answers or says DecodeError; what it writes it reads back."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from devices.adapter import Adapter, Said
from devices.adapters import ADAPTERS
from devices.adapters.zigbee2mqtt import encode_unstamped
from devices.codec import spoken, translate
from devices.errors import DecodeError
from devices.event import Event
from devices.model import Registry
from devices.profiles import PROFILES
from devices.profiles.access_gate import GateDoor, GatePass
from devices.profiles.camera import CameraObject, CameraScene
from devices.profiles.door_contact import Contact
from devices.profiles.gas_detector import Gas
from devices.profiles.leak_sensor import Leak
from devices.profiles.motion_sensor import Motion
from devices.profiles.smoke_sensor import Smoke
from devices.profiles.sos_button import Sos
from devices.reading import Availability, Fault, Reading, State
from tests.strategies import ESTATE, PLACES, T0, device, readings, readings_of, spoiled
from tests.unit.test_adapters_samples import SAMPLES, load

DIALECTS = st.sampled_from(sorted(ADAPTERS))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
NAME = "kitchen_smoke"
FLEET = {
    dialect: Registry.of(
        places=PLACES,
        devices=[device("d1", adapter.families[0], dialect=dialect, foreign_name=NAME)],
    )
    for dialect, adapter in ADAPTERS.items()
}


def speech(adapter: Adapter) -> st.SearchStrategy[Reading]:
    """Everything that the families of a dialect can say natively."""
    return st.one_of(readings_of(Availability), *(readings(PROFILES[f]) for f in adapter.families))


def only_decode_errors(adapter: Adapter, topic: str, payload: bytes) -> None:
    """Read and propose; both may only say DecodeError."""
    with suppress(DecodeError):
        assert all(isinstance(said, Said) for said in adapter.read(topic, payload))
        if adapter.propose is not None:
            adapter.propose(topic, payload)
    assert isinstance(adapter.quarantine(payload), bytes)


@settings(deadline=None)  # other work shares the machine
@given(st.data(), st.binary(max_size=200))
def test_arbitrary_bytes_on_a_known_topic(data: st.DataObject, payload: bytes) -> None:
    adapter, sample, _ = load(data.draw(st.sampled_from(SAMPLES)))
    only_decode_errors(adapter, sample["topic"], payload)


@settings(deadline=None)  # other work shares the machine
@given(st.data())
def test_a_spoiled_sample(data: st.DataObject) -> None:
    adapter, sample, payload = load(data.draw(st.sampled_from(SAMPLES)))
    only_decode_errors(adapter, sample["topic"], data.draw(spoiled(payload)))


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None)  # other work shares the machine
@given(st.data())
def test_a_sample_with_one_value_replaced_by_any_other(data: st.DataObject) -> None:
    import json  # noqa: PLC0415 - unlike msgspec it writes NaN, as some makers do

    adapter, sample, _ = load(data.draw(st.sampled_from(SAMPLES)))
    whole = json.loads(json.dumps(sample["payload"]))
    where = [whole]
    while isinstance(where[-1], dict) and where[-1] and data.draw(st.booleans()):
        where.append(where[-1][data.draw(st.sampled_from(sorted(where[-1])))])
    holder = next((x for x in reversed(where) if isinstance(x, dict) and x), None)
    assume(holder is not None)
    assert holder is not None
    holder[data.draw(st.sampled_from(sorted(holder)))] = data.draw(_JSON)
    only_decode_errors(adapter, sample["topic"], json.dumps(whole).encode())


@settings(deadline=None)  # other work shares the machine
@given(st.text(max_size=60), st.binary(max_size=60))
def test_any_topic_and_bytes(topic: str, payload: bytes) -> None:
    where = spoken(topic)
    if where is not None:
        _translated(where.topic, payload, where.adapter.dialect)


@settings(deadline=None)  # other work shares the machine
@given(st.data(), DIALECTS, MOMENTS)
def test_what_is_written_reads_back_and_writing_it_again_changes_nothing(
    data: st.DataObject, dialect: str, at: datetime
) -> None:
    adapter = ADAPTERS[dialect]
    reading = data.draw(speech(adapter))
    wire = adapter.encode(NAME, reading, at)
    if wire is None:
        return
    first = adapter.read(wire.topic, wire.payload)
    assert len(first) == 1, "one reading, one thing said"
    assert first[0].reading.type == reading.type
    assert first[0].address == NAME
    assert first[0].at in (at, at.replace(microsecond=0), None)
    again = adapter.encode(NAME, first[0].reading, at)
    assert again is not None
    assert adapter.read(again.topic, again.payload) == first


@settings(deadline=None)  # other work shares the machine
@given(st.data(), DIALECTS)
def test_whatever_is_translated_is_an_event_or_a_decode_error(data: st.DataObject, dialect: str) -> None:
    wire = ADAPTERS[dialect].encode(NAME, data.draw(speech(ADAPTERS[dialect])), T0)
    if wire is not None:
        _translated(wire.topic, data.draw(st.one_of(st.just(wire.payload), spoiled(wire.payload))), dialect)


def _translated(topic: str, payload: bytes, dialect: str) -> list[Event | DecodeError]:
    where = spoken(topic)
    assert where is not None
    found = list(translate(where, payload, received_at=T0, registry=FLEET[dialect]))
    assert all(isinstance(x, (Event, DecodeError)) for x in found)
    assert all(0 < len(x.id) <= 40 + 24 for x in found if isinstance(x, Event))
    return found


EXACT: list[tuple[str, Reading]] = [
    ("zigbee2mqtt", Smoke(alarm=True)),
    ("zigbee2mqtt", Smoke(alarm=True, test=True, density=3.5)),
    ("zigbee2mqtt", Sos(action="pressed")),
    ("zigbee2mqtt", Contact(state="open")),
    ("zigbee2mqtt", Gas(alarm=True)),
    ("zigbee2mqtt", Leak(wet=True)),
    ("zigbee2mqtt", Motion(occupied=False)),
    ("zigbee2mqtt", State(battery=8.0)),
    ("zigbee2mqtt", Fault(code="low_battery", active=True)),
    ("zigbee2mqtt", Availability(online=False)),
    ("frigate", CameraObject(track="t1", label="person", phase="enter", score=0.7)),
    ("frigate", CameraObject(track="t1", label="person", phase="leave", score=0.7, zone="yard")),
    ("frigate", CameraScene(state="lost")),
    ("onvif", CameraScene(state="moved")),
    ("onvif", CameraObject(track="count", label="count", phase="update", score=1.0, count=3)),
    ("hikvision", GatePass(direction="out", method="face", result="granted", person_ref="p-1")),
    ("hikvision", GatePass(direction="in", method="face", result="denied")),
    ("hikvision", GateDoor(state="forced")),
    ("dahua", GateDoor(state="open")),
    ("dahua", CameraScene(state="covered")),
    ("homeassistant", Smoke(alarm=True)),
    ("homeassistant", Fault(code="tamper", active=True)),
    ("tasmota", Contact(state="open")),
    ("tasmota", State(rssi=-61.0)),
    ("esphome", Contact(state="closed")),
    ("esphome", Smoke(alarm=True)),
]


@pytest.mark.parametrize(("dialect", "reading"), EXACT, ids=lambda value: str(value)[:60])
def test_what_a_dialect_has_words_for_survives_it_exactly(dialect: str, reading: Reading) -> None:
    wire = ADAPTERS[dialect].encode(NAME, reading, T0)
    assert wire is not None
    (said,) = ADAPTERS[dialect].read(wire.topic, wire.payload)
    assert said.reading == reading


def test_a_bridge_that_adds_no_time_says_the_same_without_it() -> None:
    wire = encode_unstamped(NAME, Smoke(alarm=True), T0 + timedelta(seconds=1))
    assert wire is not None
    (event,) = _translated(wire.topic, wire.payload, "zigbee2mqtt")
    assert isinstance(event, Event)
    assert (event.at, event.estate, event.reading) == (T0, ESTATE, Smoke(alarm=True))
