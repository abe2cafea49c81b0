"""What the decoders of today make of a message that was set aside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from devices.codec import decode, spoken, translate
from devices.errors import DecodeError
from devices.event import Event
from devices.model import Registry
from ingest.batch import KEPT_BYTES, NATIVE

SHOWN: Final = 4096  # bytes of the payload, as text and in hexadecimal


def second_reading(row: Mapping[str, Any], registry: Registry) -> dict[str, Any]:
    """Decode a quarantine row again, changing nothing; what is wrong now comes as reason and detail."""
    payload = bytes(row["payload"])
    events, wrong = _read(row["topic"], payload, row, registry)
    return {
        "id": row["id"],
        "topic": row["topic"],
        "received_at": row["received_at"].isoformat(),
        "size": row["size"],
        "text": payload[:SHOWN].decode(errors="backslashreplace"),
        "hex": payload[:SHOWN].hex(" "),
        "whole": row["size"] <= KEPT_BYTES,
        "events": [_told(event) for event in events],
        "reason": wrong.fault if wrong else None,
        "detail": wrong.detail if wrong else None,
    }


def _read(
    topic: str, payload: bytes, row: Mapping[str, Any], registry: Registry
) -> tuple[list[Event], DecodeError | None]:
    where = None if topic.startswith(NATIVE) else spoken(topic)
    received_at = row["received_at"]
    if where is not None:
        said = list(translate(where, payload, received_at=received_at, registry=registry))
        events = [one for one in said if isinstance(one, Event)]
        return events, next((one for one in said if isinstance(one, DecodeError)), None)
    try:
        return [decode(topic, payload, received_at=received_at, registry=registry)], None
    except DecodeError as exc:
        return [], exc


def _told(event: Event) -> dict[str, Any]:
    return {
        "device": event.device,
        "id": event.id,
        "at": event.at.isoformat(),
        "type": event.type,
        "flags": [str(flag) for flag in event.flags],
        "data": msgspec.to_builtins(event.reading),
    }
