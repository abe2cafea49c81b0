"""What is the same event, and what is another one: by id, by content, by delivery."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from devices.adapters.zigbee2mqtt import encode, encode_unstamped
from devices.event import Event, Flag
from devices.model import Registry
from devices.profiles.sos_button import Sos
from ingest.batch import Batch, Recent, sort_out
from ingest.message import RawMessage
from tests.strategies import ESTATE, PLACES, T0, device

PRESSED = encode_unstamped("bed", Sos(action="pressed"), T0)
REGISTRY = Registry.of(
    places=PLACES,
    devices=[
        device("sos-1", "sos_button", dialect="zigbee2mqtt", foreign_name="bed"),
        device("gate-1", "access_gate", dialect="hikvision"),
        device("door-1", "door_contact", dialect="zigbee2mqtt", foreign_name="door"),
        device("twin-a", "smoke_sensor", dialect="zigbee2mqtt", foreign_name="twin"),
        device("twin-b", "smoke_sensor", dialect="zigbee2mqtt", foreign_name="twin", estate="elsewhere"),
    ],
)


def arrival(
    topic: str,
    payload: bytes,
    *,
    mid: int = 1,
    again: bool = False,
    after: float = 0.0,
    retained: bool = False,
) -> RawMessage:
    """One delivery."""
    return RawMessage(topic, payload, T0 + timedelta(seconds=after), retained, again, 1, mid)


def press(**how: object) -> RawMessage:
    """A press of a button whose bridge adds no time."""
    assert PRESSED is not None
    return arrival(PRESSED.topic, PRESSED.payload, **how)  # type: ignore[arg-type]


def feed(recent: Recent, *messages: RawMessage) -> Batch:
    """Sort out a batch and remember it, as the pipeline does."""
    batch = sort_out(messages, REGISTRY, recent)
    recent.add((e.device, e.id) for e in batch.events())
    return batch


def count(batch: Batch) -> int:
    """How many events are new."""
    return len(list(batch.events()))


def test_two_presses_with_the_same_payload_are_two_events() -> None:
    recent = Recent(100)
    assert count(feed(recent, press(mid=1), press(mid=2))) == 2
    assert count(feed(recent, press(mid=3, after=5))) == 1


def test_a_repeated_delivery_of_a_stored_press_is_no_event() -> None:
    recent = Recent(100)
    assert count(feed(recent, press(mid=7))) == 1
    assert count(feed(recent, press(mid=7, again=True, after=600))) == 0


def test_a_repeated_delivery_of_a_press_that_was_never_stored_is_one_event() -> None:
    recent = Recent(100)
    assert count(feed(recent, press(mid=7))) == 1
    assert count(feed(recent, press(mid=7, again=True), press(mid=8, again=True))) == 1


def test_a_press_under_a_packet_identifier_that_came_round_again_is_an_event() -> None:
    recent = Recent(100)
    assert count(feed(recent, press(mid=7))) == 1
    assert count(feed(recent, press(mid=7, after=900))) == 1
    assert count(feed(recent, press(mid=7, again=True, after=950))) == 0


def test_identities_read_back_from_the_database_recognise_a_repetition() -> None:
    before = Recent(100)
    stored = [(e.device, e.id) for e in feed(before, press(mid=7)).events()]
    after_restart = Recent(100)
    after_restart.add(stored)
    assert count(feed(after_restart, press(mid=7, again=True, after=4000))) == 0


def test_what_is_forgotten_is_forgotten_wholly() -> None:
    recent = Recent(1)
    feed(recent, press(mid=7))
    feed(recent, press(mid=8))
    assert len(recent._stems) == 1
    assert count(feed(recent, press(mid=7, again=True))) == 1


def test_presses_of_quality_0_are_never_taken_for_each_other() -> None:
    recent = Recent(100)
    assert count(feed(recent, press(mid=0), press(mid=0))) == 2


def test_a_message_with_a_time_of_its_own_is_the_same_by_whatever_delivery() -> None:
    wire = encode("bed", Sos(action="pressed"), T0)
    assert wire is not None
    recent = Recent(100)
    assert count(feed(recent, arrival(wire.topic, wire.payload, mid=1))) == 1
    assert count(feed(recent, arrival(wire.topic, wire.payload, mid=2, after=30))) == 0


def test_a_history_upload_has_the_id_of_the_live_event_and_never_pages() -> None:
    def part(*, live: bool) -> bytes:
        event = {"majorEventType": 5, "subEventType": 0x4C, "serialNo": 9, "currentEvent": live}
        body = {
            "dateTime": T0.isoformat(),
            "eventType": "AccessControllerEvent",
            "AccessControllerEvent": event,
        }
        return msgspec.json.encode(body)

    topic = "shequ-platform/stream/hikvision/gate-1"
    (history,) = feed(Recent(9), arrival(topic, part(live=False))).events()
    assert history.flags == (Flag.RETAINED,)
    recent = Recent(9)
    assert count(feed(recent, arrival(topic, part(live=True), mid=1))) == 1
    assert count(feed(recent, arrival(topic, part(live=False), mid=2))) == 0


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("zigbee2mqtt/nobody", b'{"smoke": true}', "unknown_device"),
        ("zigbee2mqtt/twin", b'{"smoke": true}', "unknown_device"),  # two estates have one of that name
        ("zigbee2mqtt/door", b'{"smoke": true, "battery": 80}', "bad_shape"),
        ("zigbee2mqtt/bed", b"not json", "not_json"),
        ("zigbee2mqtt/bed", b'{"action": "emergency", "last_seen": "1999-01-01T00:00:00Z"}', None),
        ("via/elsewhere/zigbee2mqtt/bed", b'{"action": "emergency"}', "wrong_place"),
        ("zigbee2mqtt/bridge/state", b'{"state": "offline"}', None),  # nobody need register the bridge
        ("zigbee2mqtt/bed/set", b"{}", "bad_topic"),
        ("zigbee2mqtt/door", b'{"contact": true, "temperature": 3, "occupancy": true}', None),
    ],
)
def test_what_cannot_be_used_is_one_row_in_quarantine(topic: str, payload: bytes, reason: str | None) -> None:
    batch = feed(Recent(9), arrival(topic, payload))
    assert [q.reason for q in batch.quarantined] == ([] if reason is None else [reason])


def test_the_same_name_in_two_estates_is_told_apart_by_the_gateways_estate() -> None:
    batch = feed(Recent(9), arrival(f"via/{ESTATE}/zigbee2mqtt/twin", b'{"smoke": true}'))
    assert [e.device for e in batch.events()] == ["twin-a"]


def test_a_retained_foreign_message_is_a_memory() -> None:
    (event,) = feed(Recent(9), arrival("zigbee2mqtt/door", b'{"contact": false}', retained=True)).events()
    assert isinstance(event, Event)
    assert event.retained


def test_a_broken_battery_value_does_not_cost_the_alarm() -> None:
    batch = feed(Recent(9), arrival("zigbee2mqtt/bed", b'{"action": "sos", "battery": 4711}'))
    assert [e.type for e in batch.events()] == ["sos"]
