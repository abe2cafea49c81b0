"""Adapters: how foreign makes speak MQTT, and what it means in the native vocabulary.

An adapter is a frozen declaration, one file each in `devices/adapters/`: which topics are
its own, how to read one of its messages, and how to write one (for simulators). Reading
gives zero, one or several `Said`; it knows nothing of the registry, the clock or the
database. `devices/codec.py` turns each `Said` into an event of a registered device.

Foreign messages rarely carry an id, and often no time. `Said.id` is the maker's own id where
there is one. Otherwise, where the message carries a time, the id is a hash of topic and
payload: the same bytes are the same event. Where it carries neither, two presses of a button
look exactly like one press told twice, and only the delivery can tell them apart: see
docs/adr/013-adapters.md and `ingest/batch.py`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from devices.errors import DecodeError
from devices.errors import Fault as Blame
from devices.profile import MAX_PAYLOAD
from devices.reading import Availability, Reading

SITE = "via"
"""`via/<estate>/` before a foreign topic says which estate's gateway speaks (docs/adr/013-adapters.md)."""
BRIDGE = "bridge"
"""The name under which the gateway itself may be registered: its own link."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One thing that a foreign device said.

    `replay` marks a state that is told again or a history that is uploaded: never news.
    `optional` marks words about a device that need not be registered, such as a bridge;
    `incidental` what is passed over where the device's family does not say such things.
    """

    address: str
    reading: Reading
    at: datetime | None = None
    id: str = ""
    replay: bool = False
    optional: bool = False
    incidental: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """A message as it goes out."""

    topic: str
    payload: bytes
    retain: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A device that a bridge knows and nobody has registered: what it seems to be."""

    dialect: str
    address: str
    profile: str
    make: str = ""
    model: str = ""
    note: str = ""


Decode = Callable[[str, str, bytes], tuple[Said, ...]]
"""(topic, address, payload) -> what was said; raises DecodeError and nothing else."""
Encode = Callable[[str, Reading, datetime], Wire | None]
"""(address, reading, at) -> a message, or None where the dialect has no word for it."""


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """A foreign dialect as a declaration.

    `pattern` matches the whole topic; its group `name` is the address, the foreign name of
    the device. `quarantine` minimises a payload that must be set aside (personal data, domain.md f.17).
    """

    dialect: str
    title: str
    source: str  # where the payload facts come from
    filters: tuple[str, ...]  # MQTT subscriptions
    pattern: re.Pattern[str]
    families: tuple[str, ...]  # profiles that it can speak for
    decode: Decode
    encode: Encode
    transport: Literal["mqtt", "http"] = "mqtt"
    propose: Callable[[str, bytes], tuple[Proposal, ...]] | None = None
    quarantine: Callable[[bytes], bytes] = field(default=lambda payload: payload)

    def match(self, topic: str) -> str | None:
        """The foreign name that a topic speaks of; None where it is not this dialect's."""
        found = self.pattern.fullmatch(topic)
        return None if found is None else found.groupdict().get("name") or BRIDGE

    def read(self, topic: str, payload: bytes) -> tuple[Said, ...]:
        """Read one message; raises DecodeError and nothing else."""
        address = self.match(topic)
        if address is None:
            raise DecodeError(Blame.BAD_TOPIC, f"{topic[:200]!r} is no topic of {self.dialect}")
        if len(payload) > MAX_FOREIGN:
            raise DecodeError(Blame.TOO_LARGE, f"{len(payload)} bytes, at most {MAX_FOREIGN} are read")
        try:
            return self.decode(topic, address, payload)
        except msgspec.ValidationError as exc:
            raise DecodeError(Blame.BAD_SHAPE, str(exc)) from exc
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            raise DecodeError(Blame.NOT_JSON, str(exc)) from exc


MAX_FOREIGN = 16 * MAX_PAYLOAD  # bytes: a Zigbee bridge lists all its devices in one message


def json_object(payload: bytes) -> dict[str, Any]:
    """Read a JSON object; raises msgspec's errors, which `Adapter.read` translates."""
    return msgspec.json.decode(payload, type=dict[str, Any])


def flag(data: Mapping[str, Any], key: str) -> bool | None:
    """A truth value; None where it is absent or null, DecodeError where it is something else."""
    value = data.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise DecodeError(Blame.BAD_SHAPE, f"Expected `bool`, got {value!r:.60} - at `$.{key}`")


def number(data: Mapping[str, Any], key: str) -> float | None:
    """A finite number; None where there is none to be had: it never matters enough to fail for."""
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def words(data: Mapping[str, Any], key: str) -> str | None:
    """A text of reasonable length without control characters; None otherwise."""
    value = data.get(key)
    return value if isinstance(value, str) and is_name(value) else None


def is_name(text: str) -> bool:
    """Whether a text can be a code of the native vocabulary."""
    return 0 < len(text) <= 64 and all(c >= " " and c != "\x7f" for c in text)  # noqa: PLR2004 - see Code


def parse_time(value: object) -> datetime | None:
    """A moment with its zone from RFC 3339 text or epoch milliseconds; None where it is neither."""
    try:
        if isinstance(value, str):
            found = msgspec.convert(value, datetime)
            return found.astimezone(UTC) if found.tzinfo is not None else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):  # msgspec.ValidationError is a ValueError
        return None
    return None


def stamp(at: datetime) -> str:
    """Write a moment as bridges do: RFC 3339 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def link(address: str, word: object, *, up: str = "online", down: str = "offline") -> Iterator[Said]:
    """An availability, from the words that a dialect has for it."""
    if word not in (up, down):
        raise DecodeError(Blame.BAD_SHAPE, f"availability is {up!r} or {down!r}, not {word!r:.40}")
    yield Said(address=address, reading=Availability(online=word == up), optional=address == BRIDGE)


def pick(data: Any, *path: str) -> Any:
    """Follow a path through nested objects; None as soon as it ends."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data
