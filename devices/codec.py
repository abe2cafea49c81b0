"""From topic and bytes to events, or to a DecodeError that says what is wrong.

`decode` reads the native contract, `translate` the dialects of `devices/adapters/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b

import msgspec

from devices.adapter import SITE, Adapter, Said
from devices.adapters import ADAPTERS
from devices.errors import DecodeError, TopicError, UnknownDevice
from devices.errors import Fault as Blame
from devices.event import Event, Flag
from devices.model import Device, Registry
from devices.profile import Message
from devices.profiles import PROFILES
from devices.reading import Availability, Fault, Reading, State

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


@lru_cache(maxsize=65_536)  # a device speaks on three topics, for years
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
    at, flags = _judge_clock(message.at, message.reading, received_at)
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


def _judge_clock(at: datetime, reading: Reading, received_at: datetime) -> tuple[datetime, tuple[Flag, ...]]:
    """Bound device time by arrival time (design law 4).

    An absurd clock sends a message to quarantine, unless it is about life: then the
    arrival time stands in for it.
    """
    ahead = at - received_at
    if -BEHIND <= ahead <= AHEAD:
        return at, ()
    if -ABSURD_BEHIND <= ahead <= ABSURD_AHEAD:
        return at, (Flag.AHEAD if ahead > AHEAD else Flag.LATE,)
    if reading.life_safety:
        return received_at, (Flag.CLOCK,)
    raise DecodeError(
        Blame.CLOCK_OUT_OF_RANGE,
        f"device time {at.isoformat()} is {abs(ahead).days} days "
        f"{'ahead of' if ahead > timedelta() else 'behind'} arrival: set the device's clock",
    )


# ---------------------------------------------------------------------- foreign dialects
_SITE = re.compile(rf"{SITE}/([A-Za-z0-9_-]{{1,64}})/(.+)", re.DOTALL)
_ARRIVED = re.compile(r"a[0-9a-f]{24}(-[0-9]+)?")
_BODY = (Fault, State, Availability)  # what every device may say of itself


@dataclass(frozen=True, slots=True)
class Spoken:
    """A foreign topic taken apart: whose dialect, which estate's gateway, the maker's own topic."""

    adapter: Adapter
    estate: str
    topic: str


def subscriptions(dialects: Iterable[str] = ADAPTERS) -> tuple[str, ...]:
    """What to subscribe to, directly and through the estates' gateways; no two overlap."""
    adapters = [ADAPTERS[name] for name in dialects]
    plain = [f for a in adapters for f in a.filters]
    return (*plain, *(f"{SITE}/+/{f}" for a in adapters if a.transport == "mqtt" for f in a.filters))


def spoken(topic: str) -> Spoken | None:
    """Which adapter reads a topic; None for native and unknown ones."""
    site = _SITE.fullmatch(topic)
    estate, bare = (site[1], site[2]) if site else ("", topic)
    adapter = next((a for a in ADAPTERS.values() if a.match(bare) is not None), None)
    return None if adapter is None else Spoken(adapter, estate, bare)


def translate(
    where: Spoken, payload: bytes, *, received_at: datetime, registry: Registry, retained: bool = False
) -> Iterator[Event | DecodeError]:
    """Turn one foreign message into events; what of it is wrong comes as DecodeErrors, none is raised.

    An id for which `arrived` is true names the content only: the caller must add which delivery it was.
    """
    try:
        said = where.adapter.read(where.topic, payload)
    except DecodeError as exc:
        yield exc
        return
    digest = blake2b(f"{where.estate}/{where.topic}\0".encode() + payload, digest_size=12).hexdigest()
    for n, one in enumerate(said):
        try:
            device = _enrolled(where, one, registry)
            if device is None or not _fits(one, said, device):
                continue
            yield _event(
                one, device, f"{digest}-{n}" if n else digest, received_at=received_at, retained=retained
            )
        except DecodeError as exc:
            yield exc


def arrived(id_: str) -> bool:
    """Whether an id was made of content alone, of a message without id and time."""
    return _ARRIVED.fullmatch(id_) is not None


def _enrolled(where: Spoken, said: Said, registry: Registry) -> Device | None:
    """The registered device of a foreign name; None for a stranger that need not be registered."""
    dialect = where.adapter.dialect
    device = registry.foreign.get((dialect, where.estate, said.address))
    if device is not None or said.optional:
        return device
    elsewhere = registry.foreign.get((dialect, "", said.address))
    if where.estate and elsewhere is not None:
        raise DecodeError(
            Blame.WRONG_PLACE,
            f"{dialect} device {said.address!r} is not of estate {where.estate!r}",
        )
    raise UnknownDevice(f"{dialect}:{said.address}")


def _fits(said: Said, company: tuple[Said, ...], device: Device) -> bool:
    """Whether a device's family says such things.

    What does not fit is passed over where the message has something that does, as on a sensor
    that also measures; but never an alarm, and never the only thing said: those are refused.
    """
    profile = PROFILES[device.profile]
    if isinstance(said.reading, Availability) or said.reading.type in profile.types:
        return True
    if said.incidental:
        return False
    main = any(s.reading.type in profile.types and not isinstance(s.reading, _BODY) for s in company)
    if main and not said.reading.life_safety:
        return False
    raise DecodeError(
        Blame.BAD_SHAPE,
        f"{device.id!r} is registered as {profile.family}, which does not say {said.reading.type!r}",
    )


def _event(said: Said, device: Device, digest: str, *, received_at: datetime, retained: bool) -> Event:
    """One thing said, as an event; checked like a native one."""
    try:
        reading = msgspec.convert(msgspec.to_builtins(said.reading), type(said.reading))
    except msgspec.ValidationError as exc:
        raise DecodeError(Blame.BAD_SHAPE, str(exc)) from exc
    at, flags = _judge_clock(said.at or received_at, reading, received_at)
    if isinstance(reading, Availability):
        id_ = "availability"
    else:
        id_ = said.id or (f"h{digest}" if said.at else f"a{digest}")
    return Event(
        id=id_,
        device=device.id,
        estate=device.estate,
        at=at,
        received_at=received_at,
        reading=reading,
        flags=(*flags, Flag.RETAINED) if retained or said.replay else flags,
    )
