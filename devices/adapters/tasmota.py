"""Tasmota: door contacts on a switch input.

Payload, from Tasmota's own documentation of MQTT and switches (memory, not in domain.md):
`tele/<topic>/LWT` Online or Offline, `tele/<topic>/SENSOR` `{"Time": …, "Switch1": "ON"}`,
`stat/<topic>/RESULT` and `stat/<topic>/SWITCH1` on a change (SetOption114),
`tele/<topic>/STATE` with `Wifi.Signal` in dBm. ON is an open door, as Home Assistant reads it.
`Time` is local and bears no zone unless SetOption52 is on: without a zone it is not used.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec

from devices.adapter import Adapter, Said, Wire, json_object, link, number, parse_time, pick
from devices.errors import DecodeError
from devices.errors import Fault as Blame
from devices.profiles.door_contact import Contact
from devices.reading import Availability, Reading, State

_LOUDEST, _FAINTEST = 50, -200  # dBm that a reading can hold


def decode(topic: str, address: str, payload: bytes) -> tuple[Said, ...]:
    """Read a switch, a heartbeat or the last will."""
    if topic.endswith("/LWT"):
        return tuple(link(address, payload.decode(), up="Online", down="Offline"))
    data = json_object(payload)
    return (Said(address=address, reading=_reading(data), at=parse_time(data.get("Time"))),)


def _reading(data: dict[str, Any]) -> Reading:
    if "Switch1" in data:
        word = data["Switch1"]
        word = pick(word, "Action") or pick(word, "State") if isinstance(word, dict) else word
        if word not in ("ON", "OFF"):
            raise DecodeError(Blame.BAD_SHAPE, f"Switch1 is ON or OFF, not {word!r:.40}")
        return Contact(state="open" if word == "ON" else "closed")
    wifi = data.get("Wifi")
    signal = number(wifi, "Signal") if isinstance(wifi, dict) else None
    return State(rssi=signal if signal is not None and _FAINTEST <= signal <= _LOUDEST else None)


def encode(address: str, reading: Reading, at: datetime) -> Wire | None:
    """Write as Tasmota does by default: local time without a zone."""
    time = at.replace(microsecond=0, tzinfo=None).isoformat()
    match reading:
        case Contact():
            word = "ON" if reading.state == "open" else "OFF"
            return Wire(f"stat/{address}/RESULT", msgspec.json.encode({"Switch1": {"Action": word}}))
        case State():
            wifi = {} if reading.rssi is None else {"Wifi": {"Signal": reading.rssi}}
            return Wire(
                f"tele/{address}/STATE", msgspec.json.encode({"Time": time, "UptimeSec": 86400, **wifi})
            )
        case Availability():
            return Wire(f"tele/{address}/LWT", b"Online" if reading.online else b"Offline", retain=True)
    return None


ADAPTER = Adapter(
    dialect="tasmota",
    title="Tasmota",
    source="Tasmota documentation, MQTT and Buttons-and-Switches (memory)",
    filters=("tele/+/LWT", "tele/+/STATE", "tele/+/SENSOR", "stat/+/RESULT", "stat/+/SWITCH1"),
    pattern=re.compile(
        r"(?:tele|stat)/(?P<name>[^/\x00-\x1f\x7f]{1,64})/(?:LWT|STATE|SENSOR|RESULT|SWITCH1)"
    ),
    families=("door_contact",),
    decode=decode,
    encode=encode,
)
