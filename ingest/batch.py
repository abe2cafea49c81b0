"""A batch: the messages of one transaction, sorted into what each of them is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Annotated
from uuid import UUID, uuid4

import msgspec
from msgspec import Meta

from devices import canary
from devices.adapter import Proposal
from devices.codec import Spoken, arrived, decode, spoken, translate
from devices.errors import DecodeError, Fault, Stage, UnknownDevice
from devices.event import Event, Flag
from devices.model import PlaceKind, Registry
from devices.reading import Availability
from devices.registry.lifecycle import Lifecycle
from ingest.broker import MARKER
from ingest.message import RawMessage

NATIVE = "shequ/"  # the first level of the native contract
KEPT_BYTES = 64 * 1024  # of a quarantined payload

Key = tuple[str, str]  # (device, id)


class Marker(msgspec.Struct, frozen=True):
    """The platform's own message: everything sent before it is news of before `at`."""

    at: Annotated[datetime, Meta(tz=True)]


_MARKER = msgspec.json.Decoder(Marker)


def read_marker(payload: bytes) -> Marker:
    """Read a marker; raises DecodeError."""
    try:
        return _MARKER.decode(payload)
    except msgspec.DecodeError as exc:
        raise DecodeError(Fault.BAD_SHAPE, str(exc)) from exc


@dataclass(frozen=True, kw_only=True, slots=True)
class Quarantined:
    """A message set aside, with its reason; nothing of it is lost (the first 64 KiB are kept)."""

    message: RawMessage
    stage: Stage
    reason: str
    detail: str


def set_aside(event: Event, stage: Stage, fault: Fault, detail: str) -> Quarantined:
    """Put an event that had been understood into quarantine after all."""
    message = RawMessage(
        topic=f"shequ/v1/{event.estate}/{event.device}/event",
        payload=msgspec.json.encode(event),
        received_at=event.received_at,
        retained=event.retained,
        again=False,
        session=0,
        mid=0,
    )
    return Quarantined(message=message, stage=stage, reason=fault, detail=detail)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stranger:
    """A device of another make that nobody has registered: `found` on its bridge's own list, or heard."""

    proposal: Proposal
    estate: str  # empty: not told
    message: RawMessage
    found: bool


@dataclass(kw_only=True, slots=True)
class Batch:
    """Messages in order of arrival, and what they turned out to be.

    `steps` keeps events and markers in their order, for the judge; `quarantined` and
    `links` (availability) go to their own tables.
    """

    messages: Sequence[RawMessage]
    id: UUID = field(default_factory=uuid4)
    steps: list[Event | Marker] = field(default_factory=list)
    links: dict[str, Event] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)
    repeated: dict[str, int] = field(default_factory=dict)  # ids used again, by device
    unknown: bool = False  # some device was not in the registry
    newborn: set[str] = field(default_factory=set)  # provisioned devices that spoke
    strangers: list[Stranger] = field(default_factory=list)  # of other makes
    sorted_at: datetime | None = None
    waiting: int = 0  # messages in the backlog, behind these
    early: set[Key] = field(default_factory=set)  # heard ahead of the copy that counts
    met: set[Key] = field(default_factory=set)  # copies that count, of what was heard ahead
    canaries: list[Event] = field(default_factory=list)  # calls of no device: judged, and never stored

    def events(self) -> Iterable[Event]:
        """The events that are stored, in order of arrival."""
        return (s for s in self.steps if isinstance(s, Event) and not isinstance(s.reading, Availability))

    def join(self, later: Batch) -> None:
        """Take in a batch that was sorted after this one, behind it."""
        self.messages = (*self.messages, *later.messages)
        self.steps += later.steps
        self.links |= later.links
        self.quarantined += later.quarantined
        for device, times in later.repeated.items():
            self.repeated[device] = self.repeated.get(device, 0) + times
        self.newborn |= later.newborn
        self.strangers += later.strangers
        self.early |= later.early
        self.met |= later.met
        self.canaries += later.canaries
        self.waiting = later.waiting

    def without(self, known: set[Key]) -> None:
        """Drop the events that are stored already."""
        self.steps = [s for s in self.steps if not (isinstance(s, Event) and (s.device, s.id) in known)]


class Recent:
    """The identities of the newest events, to drop repetitions without asking the database.

    A foreign message without id and time is told from its like by its delivery: the packet
    identifier, which a repeated delivery keeps (and only it bears the DUP flag), and the time
    of the first arrival, as identifiers come round again. `_stems` finds that first arrival.
    """

    def __init__(self, size: int) -> None:
        self._order: deque[Key] = deque(maxlen=size)
        self._keys: set[Key] = set()
        self._stems: dict[Key, str] = {}
        self._serial = count()
        self._early: dict[Key, None] = {}  # heard ahead; the copy that counts has not come
        self._size = size

    def __contains__(self, key: Key) -> bool:
        return key in self._keys

    def add(self, keys: Iterable[Key]) -> None:
        """Remember stored events, forgetting the oldest beyond the size."""
        for key in keys:
            if key in self._keys:
                continue
            if len(self._order) == self._order.maxlen:
                self._forget(self._order[0])
            self._order.append(key)
            self._keys.add(key)
            if (stem := _stem(key)) is not None:
                self._stems[stem] = key[1]

    def ahead(self, key: Key) -> bool:
        """Whether this was heard ahead, and the copy that counts is still to come."""
        return key in self._early

    def expect(self, early: Iterable[Key], met: Iterable[Key]) -> None:
        """Expect the copies that count of what was heard ahead, until they have come."""
        self._early |= dict.fromkeys(early)
        for key in met:
            self._early.pop(key, None)
        while len(self._early) > self._size:
            del self._early[next(iter(self._early))]

    def _forget(self, key: Key) -> None:
        self._keys.discard(key)
        stem = _stem(key)
        if stem is not None and self._stems.get(stem) == key[1]:
            del self._stems[stem]

    def named(self, event: Event, message: RawMessage) -> Event:
        """The same event under an id that says which delivery it came by, where its content cannot."""
        if not arrived(event.id):
            return event
        delivery = (
            f"{message.mid:x}" if message.mid else f"q{next(self._serial):x}"
        )  # QoS 0 is never repeated
        stem = f"{event.id}.{delivery}"
        before = self._stems.get((event.device, stem)) if message.again else None
        moment = int(message.received_at.timestamp() * 1000)
        return msgspec.structs.replace(event, id=before or f"{stem}.{moment:x}")


def _stem(key: Key) -> Key | None:
    """The part of an id that a repeated delivery has in common with the first; None for other ids."""
    if not key[1].startswith("a"):  # nearly all: this is the hot path
        return None
    stem = key[1].rpartition(".")[0]
    return (key[0], stem) if arrived(stem.rpartition(".")[0]) else None


def sort_out(messages: Sequence[RawMessage], registry: Registry, recent: Recent) -> Batch:
    """Decode a batch of messages: events, markers, links, and what goes to quarantine."""
    batch = Batch(messages=messages)
    fresh: set[Key] = set()
    for message in messages:
        try:
            events = _read(message, registry, recent, batch)
        except DecodeError as exc:
            _set_aside(batch, message, exc)
            continue
        for event in events:
            if registry.devices[event.device].lifecycle is Lifecycle.PROVISIONED and not event.retained:
                batch.newborn.add(event.device)
            if isinstance(event.reading, Availability):
                batch.links[event.device] = event
                batch.steps.append(event)
                continue
            key = (event.device, event.id)
            if key not in fresh and key not in recent:
                fresh.add(key)
                batch.steps.append(event)
                if message.early:
                    batch.early.add(key)
            else:
                _note_again(batch, message, key, recent)
    return batch


def _note_again(batch: Batch, message: RawMessage, key: Key, recent: Recent) -> None:
    """An event that is known: by the other line, by the broker's repetition, or said twice by its device."""
    if message.early:
        return  # the copy that counts was quicker
    if key not in batch.met and (recent.ahead(key) or key in batch.early):
        batch.met.add(key)
    elif not message.again:
        batch.repeated[key[0]] = batch.repeated.get(key[0], 0) + 1


def _read_canary(message: RawMessage, registry: Registry) -> Event:
    """Return a canary's call; raises DecodeError where it is none of an estate of ours."""
    estate = canary.estate_of(message.topic)
    here = (place for place in (registry.places.get(estate),) if place is not None)
    return decode(
        f"shequ/v1/{estate}/{estate}/event",
        message.payload,
        received_at=message.received_at,
        registry=canary.flock(here),
    )


def _read_early(message: RawMessage, registry: Registry) -> Sequence[Event]:
    """The event of a copy that is ahead, where it is plain; what is wrong is left to the copy that counts.

    An absurd clock too: the time of arrival stands in for it, and the two copies have not the same one.
    """
    try:
        event = decode(message.topic, message.payload, received_at=message.received_at, registry=registry)
    except DecodeError:
        return ()
    return (event,) if event.reading.life_safety and Flag.CLOCK not in event.flags else ()


def _read(message: RawMessage, registry: Registry, recent: Recent, batch: Batch) -> Sequence[Event]:
    """The events of one message; raises DecodeError where it is one of ours and means nothing."""
    if message.topic == MARKER:
        batch.steps.append(read_marker(message.payload))
        return ()
    if message.topic.startswith(f"{canary.TOPIC}/"):
        batch.canaries.append(_read_canary(message, registry))
        return ()
    if message.early:
        return _read_early(message, registry)
    where = None if message.topic.startswith(NATIVE) else spoken(message.topic)
    if where is not None:
        return list(_foreign(where, message, registry, recent, batch))
    event = decode(
        message.topic,
        message.payload,
        received_at=message.received_at,
        registry=registry,
        retained=message.retained,
    )
    return (event,)


def _foreign(
    where: Spoken, message: RawMessage, registry: Registry, recent: Recent, batch: Batch
) -> Iterator[Event]:
    """What a foreign message says; whatever is wrong with it is one row, without personal data."""
    wrong: DecodeError | None = None
    for said in translate(
        where,
        message.payload,
        received_at=message.received_at,
        registry=registry,
        retained=message.retained,
    ):
        if isinstance(said, DecodeError):
            wrong = wrong or said
        else:
            yield recent.named(said, message)
    if wrong is None:
        batch.strangers.extend(_listed(where, message, registry))
        return
    kept = msgspec.structs.replace(message, payload=where.adapter.quarantine(message.payload))
    if isinstance(wrong, UnknownDevice) and where.adapter.propose is None:
        name = wrong.device.removeprefix(f"{where.adapter.dialect}:")
        heard = Proposal(dialect=where.adapter.dialect, address=name, profile="")
        estate = where.estate or _only_estate(registry)
        batch.strangers.append(Stranger(proposal=heard, estate=estate, message=kept, found=False))
    _set_aside(batch, kept, wrong)


def _listed(where: Spoken, message: RawMessage, registry: Registry) -> Iterator[Stranger]:
    """The devices on a bridge's own list that nobody has registered."""
    if where.adapter.propose is None:
        return
    for proposal in where.adapter.propose(where.topic, message.payload):
        estate = where.estate or _only_estate(registry)
        named = (where.adapter.dialect, where.estate, proposal.address)
        if named not in registry.foreign:
            yield Stranger(proposal=proposal, estate=estate, message=message, found=True)


def _only_estate(registry: Registry) -> str:
    """The estate of a platform that has one: its bridge need not say which it serves."""
    estates = [place.code for place in registry.places.values() if place.kind is PlaceKind.ESTATE]
    return estates[0] if len(estates) == 1 else ""


def _set_aside(batch: Batch, message: RawMessage, exc: DecodeError) -> None:
    """Put a message in quarantine with its reason."""
    batch.unknown = batch.unknown or isinstance(exc, UnknownDevice)
    batch.quarantined.append(
        Quarantined(message=message, stage=exc.stage, reason=exc.fault, detail=exc.detail)
    )


def by_device(links: Mapping[str, Event]) -> list[tuple[str, bool, datetime]]:
    """The newest word on each device's link: (device, online, when)."""
    return [
        (device, event.reading.online, event.at)
        for device, event in links.items()
        if isinstance(event.reading, Availability)
    ]
