"""Bytes in, events out: whatever arrives, the answer is an event or a DecodeError."""

from contextlib import suppress
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codec import Channel, Topic, decode, parse_topic
from devices.errors import DecodeError, Fault, TopicError, UnknownDevice
from devices.event import Event, Flag
from devices.profile import MAX_PAYLOAD, Message, Profile
from devices.profiles import PROFILES, READINGS
from devices.profiles.access_gate import GatePass
from devices.profiles.smoke_sensor import Smoke
from devices.reading import Availability, Reading, State
from tests.strategies import ESTATE, REGISTRY, T0, messages, readings_of, spoiled

FAMILIES = st.sampled_from(sorted(PROFILES))
TOPIC = f"shequ/v1/{ESTATE}/smoke-1/event"


@given(st.data(), FAMILIES)
def test_every_message_a_family_can_send_reads_back_the_same(data: st.DataObject, family: str) -> None:
    profile = PROFILES[family]
    message = data.draw(messages(profile))
    assert profile.decode(profile.encode(message)) == message


@given(st.data(), st.sampled_from(sorted(READINGS)))
def test_every_reading_reads_back_from_its_stored_form(data: st.DataObject, kind: str) -> None:
    reading = data.draw(readings_of(READINGS[kind]))
    assert msgspec.json.decode(msgspec.json.encode(reading), type=READINGS[kind]) == reading


@given(st.binary(max_size=300), FAMILIES)
def test_arbitrary_bytes_raise_a_decode_error_or_nothing(payload: bytes, family: str) -> None:
    _only_decode_errors(PROFILES[family], payload)


@given(st.data(), FAMILIES)
def test_spoiled_messages_raise_a_decode_error_or_nothing(data: st.DataObject, family: str) -> None:
    profile = PROFILES[family]
    payload = data.draw(spoiled(profile.encode(data.draw(messages(profile)))))
    _only_decode_errors(profile, payload)


@given(
    st.one_of(st.text(max_size=80), st.sampled_from([TOPIC, f"shequ/v1/{ESTATE}/gate-1/availability"])),
    st.one_of(st.binary(max_size=200), st.sampled_from([b"online", b"offline"])),
)
def test_any_topic_and_bytes_make_an_event_or_a_decode_error(topic: str, payload: bytes) -> None:
    with suppress(DecodeError):
        assert isinstance(decode(topic, payload, received_at=T0, registry=REGISTRY), Event)


def _only_decode_errors(profile: Profile, payload: bytes) -> None:
    with suppress(DecodeError):
        assert isinstance(profile.decode(payload), Message)


@pytest.mark.parametrize(
    "topic",
    [
        "shequ/v1/../smoke-1/event",
        "shequ/v1/tuoshui/../event",
        "shequ/v1/tuoshui/smoke-1/event/",
        "/shequ/v1/tuoshui/smoke-1/event",
        "shequ/v1/tuoshui/smoke-1/event\n",
        "shequ/v1/tuoshui/smoke-1/command",
        "shequ/v1/tuoshui/" + "a" * 65 + "/event",
        "shequ/v1/tuoshui/烟感/event",
        "shequ/v1/+/smoke-1/event",
        "",
    ],
)
def test_a_topic_that_is_not_ours_is_refused(topic: str) -> None:
    with pytest.raises(TopicError) as caught:
        parse_topic(topic)
    assert caught.value.fault is Fault.BAD_TOPIC


def test_a_topic_of_ours_is_read() -> None:
    assert parse_topic("shequ/v1/tuoshui/smoke-1/state") == Topic("tuoshui", "smoke-1", Channel.STATE)


def test_a_device_may_not_speak_for_another_estate() -> None:
    with pytest.raises(DecodeError) as caught:
        decode("shequ/v1/elsewhere/smoke-1/event", _smoke(0), received_at=T0, registry=REGISTRY)
    assert caught.value.fault is Fault.WRONG_PLACE


def test_an_unregistered_device_is_named() -> None:
    with pytest.raises(UnknownDevice) as caught:
        decode(f"shequ/v1/{ESTATE}/smoke-9/event", _smoke(0), received_at=T0, registry=REGISTRY)
    assert caught.value.device == "smoke-9"


def test_a_mebibyte_is_refused_unread() -> None:
    with pytest.raises(DecodeError) as caught:
        decode(TOPIC, b" " * 1024 * 1024, received_at=T0, registry=REGISTRY)
    assert caught.value.fault is Fault.TOO_LARGE
    with pytest.raises(DecodeError) as caught:
        PROFILES["smoke_sensor"].decode(b"[" * MAX_PAYLOAD)
    assert caught.value.fault in (Fault.NOT_JSON, Fault.BAD_SHAPE)


@pytest.mark.parametrize(
    ("ahead", "flags"),
    [
        (timedelta(0), ()),
        (timedelta(minutes=5), ()),
        (timedelta(minutes=6), (Flag.AHEAD,)),
        (timedelta(minutes=-10), ()),
        (timedelta(minutes=-11), (Flag.LATE,)),
        (timedelta(days=-30), (Flag.LATE,)),
        (timedelta(days=3650), (Flag.CLOCK,)),
        (timedelta(days=-3650), (Flag.CLOCK,)),
    ],
)
def test_a_skewed_clock_is_flagged_and_never_puts_an_event_after_its_arrival(
    ahead: timedelta, flags: tuple[Flag, ...]
) -> None:
    event = decode(TOPIC, _smoke(ahead.total_seconds()), received_at=T0, registry=REGISTRY)
    assert event.flags == flags
    assert event.happened_at <= T0


def test_ten_years_ahead_is_quarantined_unless_it_is_about_life() -> None:
    reading = GatePass(direction="in", method="card", result="granted")
    payload = PROFILES["access_gate"].encode(_message(timedelta(days=3650).total_seconds(), reading))
    with pytest.raises(DecodeError) as caught:
        decode(f"shequ/v1/{ESTATE}/gate-1/event", payload, received_at=T0, registry=REGISTRY)
    assert caught.value.fault is Fault.CLOCK_OUT_OF_RANGE


def test_a_retained_message_says_so() -> None:
    assert decode(TOPIC, _smoke(0), received_at=T0, registry=REGISTRY, retained=True).retained


def test_the_last_will_is_plain_text() -> None:
    topic = f"shequ/v1/{ESTATE}/gate-1/availability"
    event = decode(topic, b"offline", received_at=T0, registry=REGISTRY)
    assert event.reading == Availability(online=False)
    with pytest.raises(DecodeError):
        decode(topic, b"maybe", received_at=T0, registry=REGISTRY)


@pytest.mark.parametrize("code", ["", "x" * 65, "two\nlines", "ends in a line feed\n", "nul\x00"])
def test_a_code_is_short_and_of_one_line(code: str) -> None:
    payload = msgspec.json.encode(
        {"id": "1", "at": T0, "type": "fault", "data": {"code": code, "active": True}}
    )
    with pytest.raises(DecodeError) as caught:
        PROFILES["camera"].decode(payload)
    assert caught.value.fault is Fault.BAD_SHAPE
    assert "$.code" in caught.value.detail


def test_a_family_refuses_what_another_one_says() -> None:
    with pytest.raises(DecodeError, match=r"\$\.type"):
        PROFILES["camera"].decode(_smoke(0))


def test_encoding_refuses_what_decoding_would() -> None:
    with pytest.raises(DecodeError):
        PROFILES["smoke_sensor"].encode(_message(0, State(battery=400.0)))


def _message(seconds: float, reading: Reading) -> Message:
    return Message(id="1", at=T0 + timedelta(seconds=seconds), reading=reading)


def _smoke(seconds: float) -> bytes:
    return PROFILES["smoke_sensor"].encode(_message(seconds, Smoke(alarm=True)))
