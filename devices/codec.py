"""From topic and bytes to an event, or to a DecodeError that says what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from devices.errors import DecodeError, TopicError, UnknownDevice
from devices.errors import Fault as Blame
from devices.event import Event, Flag
from devices.model import Registry
from devices.profile import Message
from devices.profiles import PROFILES
from devices.reading import Availability

AHEAD = timedelta(minutes=5)  # design law 4
BEHIND = timedelta(minutes=10)  # design law 4
ABSURD_AHEAD = timedelta(days=1)  # no clock drifts so far: it was never set
ABSURD_BEHIND = timedelta(days=31)  # no network holds a message back so long

_TOPIC = re.compile(r"shequ/v1/([A-Za-z0-9_-]{1,64})/([A-Za-z0-9_-]{1,64})/(event|state|availability)")


class Channel(StrEnum):
    """The last level of a device's topic, as far as devices publish it."""

    EVENT = "event"
    STATE = "state"
    AVAILABILITY = "availability"


@dataclass(frozen=True, slots=True)
class Topic:
    """A parsed native topic."""

    estate: str
    device: str
    channel: Channel


def parse_topic(topic: str) -> Topic:
    """Read a native topic; raises TopicError for any other."""
    match = _TOPIC.fullmatch(topic)
    if match is None:
        raise TopicError(topic)
    return Topic(match[1], match[2], Channel(match[3]))


def decode(
    topic: str, payload: bytes, *, received_at: datetime, registry: Registry, retained: bool = False
) -> Event:
    """Turn one message into an event; raises DecodeError and nothing else."""
    where = parse_topic(topic)
    device = registry.devices.get(where.device)
    if device is None:
        raise UnknownDevice(where.device)
    if device.estate != where.estate:
        raise DecodeError(
            Blame.WRONG_PLACE,
            f"device {device.id!r} belongs to estate {device.estate!r}, not to {where.estate!r}",
        )
    if where.channel is Channel.AVAILABILITY:
        message = _availability(payload, received_at)
    else:
        message = PROFILES[device.profile].decode(payload)
    at, flags = _judge_clock(message, received_at)
    if retained:
        flags = (*flags, Flag.RETAINED)
    return Event(
        id=message.id,
        device=device.id,
        estate=device.estate,
        at=at,
        received_at=received_at,
        reading=message.reading,
        flags=flags,
    )


def _availability(payload: bytes, received_at: datetime) -> Message:
    """Read the plain-text last will; it carries no id and no time of its own."""
    if payload not in (b"online", b"offline"):
        raise DecodeError(Blame.BAD_SHAPE, f"availability is 'online' or 'offline', not {payload[:32]!r}")
    return Message(id="availability", at=received_at, reading=Availability(online=payload == b"online"))


def _judge_clock(message: Message, received_at: datetime) -> tuple[datetime, tuple[Flag, ...]]:
    """Bound device time by arrival time (design law 4).

    An absurd clock sends a message to quarantine, unless it is about life: then the
    arrival time stands in for it.
    """
    ahead = message.at - received_at
    if -BEHIND <= ahead <= AHEAD:
        return message.at, ()
    if -ABSURD_BEHIND <= ahead <= ABSURD_AHEAD:
        return message.at, (Flag.AHEAD if ahead > AHEAD else Flag.LATE,)
    if message.reading.life_safety:
        return received_at, (Flag.CLOCK,)
    raise DecodeError(
        Blame.CLOCK_OUT_OF_RANGE,
        f"device time {message.at.isoformat()} is {abs(ahead).days} days "
        f"{'ahead of' if ahead > timedelta() else 'behind'} arrival: set the device's clock",
    )
