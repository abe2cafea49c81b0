"""The MQTT contract as documents: JSON Schema and AsyncAPI, made from the same declarations that decode."""

from __future__ import annotations

from typing import Any

import msgspec

from devices.profile import MAX_PAYLOAD, Envelope
from devices.profiles import PROFILES, READINGS
from devices.reading import Availability, Reading

VERSION = "1.0.0"
FRAME = {"message": {"payload": {"$ref": "message.schema.json"}}}
TOPICS = {
    "event": ("send", "What a device saw or did, QoS 1."),
    "state": ("send", "A device's heartbeat, QoS 1, retained."),
    "availability": ("send", "`online` or `offline` as plain text, QoS 1, retained; also the last will."),
    "config": ("receive", "The device's configuration, retained."),
    "command": ("receive", "An order to the device."),
    "reply": ("send", "The device's answer to an order."),
}


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of every native message: the envelope, its `data` by `type`."""
    spoken: list[type[Reading]] = [r for r in READINGS.values() if r is not Availability]
    (envelope, *readings), components = msgspec.json.schema_components(
        (Envelope, *spoken), ref_template="#/$defs/{name}"
    )
    name = str(envelope["$ref"]).rsplit("/", 1)[-1]
    frame = components.pop(name)
    del frame["properties"]["data"], frame["properties"]["type"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Shequ native message",
        "description": f"UTF-8 JSON, at most {MAX_PAYLOAD} bytes.",
        **frame,
        "oneOf": [
            {"properties": {"type": {"const": r.type}, "data": schema}, "title": r.type}
            for r, schema in zip(spoken, readings, strict=True)
        ],
        "$defs": components,
    }


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0: topics, who sends, and which message."""
    parameters = {
        "place": {"description": "estate code, [A-Za-z0-9_-]{1,64}"},
        "device": {"description": "device id, [A-Za-z0-9_-]{1,64}"},
    }
    channels = {
        channel: {
            "address": f"shequ/v1/{{place}}/{{device}}/{channel}",
            "description": text,
            "parameters": parameters,
            **({"messages": FRAME} if _framed(channel) else {}),
        }
        for channel, (_, text) in TOPICS.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Shequ devices",
            "version": VERSION,
            "description": "Seen from the device. Families: "
            + "; ".join(f"{p.name_en} ({p.name_zh}): {', '.join(p.types)}" for p in PROFILES.values()),
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": {
            f"{action}_{channel}": {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}
            for channel, (action, _) in TOPICS.items()
        },
    }


def _framed(channel: str) -> bool:
    """Whether the envelope is what travels there."""
    return channel in ("event", "state")
