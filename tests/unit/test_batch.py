"""Sorting a batch out: events, repetitions, markers, links, and what is set aside."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from devices.canary import TOPIC, call
from devices.errors import Fault
from devices.event import Event
from devices.model import Device, Place, PlaceKind, Registry
from devices.profile import Message
from devices.profiles import PROFILES
from devices.profiles.smoke_sensor import Smoke
from ingest.batch import Batch, Marker, Recent, sort_out
from ingest.broker import MARKER
from ingest.message import RawMessage

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
SENSOR = Device(
    id="s1",
    estate="e1",
    place="e1",
    profile="smoke_sensor",
    name_zh="烟感",
    name_en="Smoke",
    registered_at=NOW,
)
REGISTRY = Registry.of(devices=[SENSOR])


def raw(topic: str, payload: bytes) -> RawMessage:
    return RawMessage(topic, payload, NOW, retained=False, again=False, session=1, mid=1)


def smoke(id_: str) -> RawMessage:
    message = Message(id=id_, at=NOW, reading=Smoke(alarm=True))
    return raw("shequ/v1/e1/s1/event", PROFILES["smoke_sensor"].encode(message))


def sort(*messages: RawMessage, recent: Recent | None = None) -> Batch:
    return sort_out(messages, REGISTRY, recent or Recent(10))


def test_a_repetition_within_a_batch_is_dropped() -> None:
    assert [e.id for e in sort(smoke("1"), smoke("2"), smoke("1")).events()] == ["1", "2"]


def test_a_repetition_of_something_recent_is_dropped() -> None:
    recent = Recent(10)
    recent.add([("s1", "1")])
    assert [e.id for e in sort(smoke("1"), smoke("2"), recent=recent).events()] == ["2"]


def test_markers_keep_their_place_among_events() -> None:
    marker = raw(MARKER, b'{"at": "2026-11-23T03:00:00Z"}')
    steps = sort(smoke("1"), marker, smoke("2")).steps
    assert [type(s) for s in steps] == [Event, Marker, Event]


def test_a_bad_marker_is_set_aside_and_hurts_nobody() -> None:
    batch = sort(raw(MARKER, b"now"), smoke("1"))
    assert [q.reason for q in batch.quarantined] == [Fault.BAD_SHAPE]
    assert [e.id for e in batch.events()] == ["1"]


def test_the_last_word_on_a_link_counts() -> None:
    topic = "shequ/v1/e1/s1/availability"
    batch = sort(raw(topic, b"online"), raw(topic, b"offline"))
    assert batch.links["s1"].reading.fields() == {"online": False}
    assert list(batch.events()) == []


def test_an_unknown_device_is_told_apart_so_that_the_registry_is_read_again() -> None:
    batch = sort(raw("shequ/v1/e1/nobody/event", b"{}"))
    assert batch.unknown
    assert [q.reason for q in batch.quarantined] == [Fault.UNKNOWN_DEVICE]


@given(st.lists(st.integers(0, 30), max_size=200), st.integers(1, 20))
def test_recent_knows_exactly_the_newest_distinct_keys(ids: list[int], size: int) -> None:
    recent = Recent(size)
    order: list[tuple[str, str]] = []
    for number in ids:
        key = ("d", str(number))
        if key not in order[-size:]:
            order.append(key)
        recent.add([key])
    assert all(key in recent for key in order[-size:])
    assert not any(key in recent for key in set(order) - set(order[-size:]))


def test_a_canary_is_no_event_of_any_device_and_only_an_estates() -> None:
    estate = Place(code="e1", kind=PlaceKind.ESTATE, name_zh="苑", name_en="Estate", path=("e1",))
    registry = Registry.of(devices=[SENSOR], places=[estate])
    pressed, answered = call("c1", NOW)
    heard = [raw(f"{TOPIC}/e1", pressed), raw(f"{TOPIC}/e1", answered), raw(f"{TOPIC}/e9", pressed)]
    batch = sort_out([*heard, smoke("1")], registry, Recent(10))
    assert [(e.estate, e.id) for e in batch.canaries] == [("e1", "c1"), ("e1", "c1-answered")]
    assert [e.id for e in batch.events()] == ["1"]
    assert [(q.message.topic, q.reason) for q in batch.quarantined] == [(f"{TOPIC}/e9", Fault.UNKNOWN_DEVICE)]
