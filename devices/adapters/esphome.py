"""ESPHome: binary sensors of self-made boards.

Payload, from ESPHome's MQTT component (`ON`/`OFF` on `<prefix>/binary_sensor/<object>/state`,
`online`/`offline` on `<prefix>/status`; the state words were read in its published source, the
topics are memory). A board sets `mqtt: topic_prefix: esphome/<name>`, so that its topics can be
told from everybody else's. What a sensor is, the last known word of its object id says.
"""

from __future__ import annotations

import re
from datetime import datetime

from devices.adapter import Adapter, Said, Wire, link
from devices.binary import kind_of, read_binary, read_level, written
from devices.reading import Availability, Reading, State

BASE = "esphome"


def decode(topic: str, address: str, payload: bytes) -> tuple[Said, ...]:
    """Read a binary sensor, a level, or the board's link."""
    word = payload.decode()
    match topic.split("/")[2:]:
        case ["status"]:
            return tuple(link(address, word))
        case ["binary_sensor", name, "state"]:
            kind = kind_of(name)
            reading: Reading = State() if kind is None else read_binary(kind, word, on="ON", off="OFF")
            return (Said(address=address, reading=reading),)
        case ["sensor", name, "state"]:
            return (Said(address=address, reading=read_level(name, word)),)
    return ()


def encode(address: str, reading: Reading, _at: datetime) -> Wire | None:
    """Write as a board does: no time, no id."""
    if isinstance(reading, Availability):
        return Wire(f"{BASE}/{address}/status", b"online" if reading.online else b"offline", retain=True)
    if isinstance(reading, State):
        name, text = (
            ("battery", repr(reading.battery)) if reading.battery is not None else ("uptime", "86400")
        )
        return Wire(f"{BASE}/{address}/sensor/{name}/state", text.encode())
    found = written(reading)
    if found is None:
        return None
    kind, active = found
    return Wire(f"{BASE}/{address}/binary_sensor/{kind}/state", b"ON" if active else b"OFF", retain=False)


_NAME = r"[^/\x00-\x1f\x7f]{1,64}"
ADAPTER = Adapter(
    dialect=BASE,
    title="ESPHome",
    source="ESPHome, MQTT component (memory; ON and OFF read in its source)",
    filters=(f"{BASE}/+/status", f"{BASE}/+/binary_sensor/+/state", f"{BASE}/+/sensor/+/state"),
    pattern=re.compile(
        rf"{BASE}/(?P<name>{_NAME})/(?:status|binary_sensor/{_NAME}/state|sensor/{_NAME}/state)"
    ),
    families=("door_contact", "smoke_sensor", "leak_sensor", "gas_detector", "motion_sensor", "sos_button"),
    decode=decode,
    encode=encode,
)
