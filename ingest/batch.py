"""A batch: the messages of one transaction, sorted into what each of them is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

import msgspec
from msgspec import Meta

from devices.codec import decode
from devices.errors import DecodeError, Fault, Stage, UnknownDevice
from devices.event import Event
from devices.model import Registry
from devices.reading import Availability
from ingest.broker import MARKER
from ingest.message import RawMessage

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
    unknown: bool = False  # some device was not in the registry

    def events(self) -> Iterable[Event]:
        """The events that are stored, in order of arrival."""
        return (s for s in self.steps if isinstance(s, Event) and not isinstance(s.reading, Availability))

    def without(self, known: set[Key]) -> None:
        """Drop the events that are stored already."""
        self.steps = [s for s in self.steps if not (isinstance(s, Event) and (s.device, s.id) in known)]


class Recent:
    """The identities of the newest events, to drop repetitions without asking the database."""

    def __init__(self, size: int) -> None:
        self._order: deque[Key] = deque(maxlen=size)
        self._keys: set[Key] = set()

    def __contains__(self, key: Key) -> bool:
        return key in self._keys

    def add(self, keys: Iterable[Key]) -> None:
        """Remember stored events, forgetting the oldest beyond the size."""
        for key in keys:
            if key in self._keys:
                continue
            if len(self._order) == self._order.maxlen:
                self._keys.discard(self._order[0])
            self._order.append(key)
            self._keys.add(key)


def sort_out(messages: Sequence[RawMessage], registry: Registry, recent: Recent) -> Batch:
    """Decode a batch of messages: events, markers, links, and what goes to quarantine."""
    batch = Batch(messages=messages)
    fresh: set[Key] = set()
    for message in messages:
        try:
            if message.topic == MARKER:
                batch.steps.append(read_marker(message.payload))
                continue
            event = decode(
                message.topic,
                message.payload,
                received_at=message.received_at,
                registry=registry,
                retained=message.retained,
            )
        except DecodeError as exc:
            batch.unknown = batch.unknown or isinstance(exc, UnknownDevice)
            batch.quarantined.append(
                Quarantined(message=message, stage=exc.stage, reason=exc.fault, detail=exc.detail)
            )
            continue
        if isinstance(event.reading, Availability):
            batch.links[event.device] = event
            batch.steps.append(event)
            continue
        key = (event.device, event.id)
        if key not in fresh and key not in recent:
            fresh.add(key)
            batch.steps.append(event)
    return batch


def by_device(links: Mapping[str, Event]) -> list[tuple[str, bool, datetime]]:
    """The newest word on each device's link: (device, online, when)."""
    return [
        (device, event.reading.online, event.at)
        for device, event in links.items()
        if isinstance(event.reading, Availability)
    ]
