"""zigbee2mqtt: smoke, help buttons, contacts, leaks, gas and presence over one Zigbee bridge.

Topics and payloads: domain.md (e) after zigbee2mqtt.io "MQTT topics and messages" [S45] and
zigbee-herdsman-converters [S33]. What is easily got wrong:

* `contact` true means *closed*; `test` true with `smoke` true is a drill.
* `action` is momentary and has no release; old bridges send an empty one after it.
* Feibit's `sos` is a state: `true` is a press. `false` is the button at rest. It is no
  cancellation: nobody took the call back, so it says nothing.
* Properties are `null` until the device has spoken.
* With `advanced.last_seen: ISO_8601` every message carries its time; without it the time of
  arrival stands in, and a repeated action can only be told by its delivery.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec

from devices.adapter import (
    BRIDGE,
    Adapter,
    Proposal,
    Said,
    Wire,
    flag,
    is_name,
    json_object,
    link,
    number,
    parse_time,
    pick,
    stamp,
    words,
)
from devices.profiles.door_contact import Contact
from devices.profiles.gas_detector import Gas
from devices.profiles.leak_sensor import Leak
from devices.profiles.motion_sensor import Motion
from devices.profiles.smoke_sensor import Smoke
from devices.profiles.sos_button import Sos
from devices.reading import Availability, Fault, Reading, State

BASE = "zigbee2mqtt"
CALLS = frozenset({"emergency", "sos", "panic", "single", "double", "hold"})
"""`action` of a help button, all models [S33]: TS0215A and TS0601 emergency, ZG-101Z sos, IAS ACE panic,
Heiman HS1EB single, double and hold."""
FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "tamper": "tamper",
        "battery_low": "low_battery",
        "trouble": "trouble",
        "battery_defect": "battery_defect",
    }
)
_EXPOSED = (  # the first that a device exposes decides what family to propose
    ("smoke", "smoke_sensor"),
    ("gas", "gas_detector"),
    ("sos", "sos_button"),
    ("water_leak", "leak_sensor"),
    ("contact", "door_contact"),
    ("occupancy", "motion_sensor"),
    ("presence", "motion_sensor"),
)

LEVELS = ("low", "medium", "high")  # `battery_state` of Tuya TS0601, in place of `battery_low` [S33]


def decode(topic: str, address: str, payload: bytes) -> tuple[Said, ...]:
    """Read a device's state, its availability, or the bridge's."""
    if topic == f"{BASE}/bridge/devices":
        json_list(payload)
        return ()
    if topic.endswith(("/availability", "/bridge/state")):
        return tuple(link(address, _availability(payload)))
    data = json_object(payload)
    at = parse_time(data.get("last_seen"))
    said = tuple(_readings(data)) or (State(),)  # whatever it said, it lives
    return tuple(Said(address=address, reading=reading, at=at) for reading in said)


def _availability(payload: bytes) -> object:
    """`{"state": "online"}`, or plain `online` from bridges before 2.0 [S45]."""
    return pick(json_object(payload), "state") if payload.startswith(b"{") else payload.decode()


def _readings(data: Mapping[str, Any]) -> Iterator[Reading]:
    """What a message says: the alarm first, then troubles, then the battery."""
    if (smoke := flag(data, "smoke")) is not None:
        yield Smoke(alarm=smoke, test=bool(flag(data, "test")), density=_percent(data, "smoke_density"))
    if (gas := flag(data, "gas")) is not None:
        yield Gas(alarm=gas, test=bool(flag(data, "test")))
    if flag(data, "sos") or words(data, "action") in CALLS:
        yield Sos(action="pressed")
    if (contact := flag(data, "contact")) is not None:
        yield Contact(state="closed" if contact else "open")
    if (leak := flag(data, "water_leak")) is not None:
        yield Leak(wet=leak)
    for key in ("occupancy", "presence"):
        if (occupied := flag(data, key)) is not None:
            yield Motion(occupied=occupied)
    yield from _body(data)


def _body(data: Mapping[str, Any]) -> Iterator[Reading]:
    """How the device itself is."""
    for key, code in FAULTS.items():
        if (active := flag(data, key)) is not None:
            yield Fault(code=code, active=active)
    if (level := words(data, "battery_state")) in LEVELS and flag(data, "battery_low") is None:
        yield Fault(code="low_battery", active=level == "low")
    if data.get("self_test") in ("check_success", "check_failure"):  # Tuya TS0601 [S33]
        yield Fault(code="self_test", active=data["self_test"] == "check_failure")
    if (battery := _percent(data, "battery")) is not None:
        yield State(battery=battery)


def _percent(data: Mapping[str, Any], key: str) -> float | None:
    value = number(data, key)
    return value if value is not None and 0 <= value <= 100 else None  # noqa: PLR2004 - per cent


def encode(address: str, reading: Reading, at: datetime) -> Wire | None:
    """Write as a bridge does that adds `last_seen`."""
    if isinstance(reading, Availability):
        state = "online" if reading.online else "offline"
        return Wire(f"{BASE}/{address}/availability", msgspec.json.encode({"state": state}), retain=True)
    data = _data(reading)
    if data is None:
        return None
    return Wire(f"{BASE}/{address}", msgspec.json.encode({**data, "linkquality": 87, "last_seen": stamp(at)}))


def encode_unstamped(address: str, reading: Reading, at: datetime) -> Wire | None:
    """Write as a bridge does in its default configuration: no time, no id."""
    wire = encode(address, reading, at)
    if wire is None or isinstance(reading, Availability):
        return wire
    data = json_object(wire.payload)
    del data["last_seen"]
    return Wire(wire.topic, msgspec.json.encode(data))


def _data(reading: Reading) -> dict[str, Any] | None:  # noqa: PLR0911 - a word for each reading
    """The properties that say a reading."""
    match reading:
        case Smoke():
            density = {} if reading.density is None else {"smoke_density": reading.density}
            return {"smoke": reading.alarm, "test": reading.test, **density}
        case Gas():
            return {"gas": reading.alarm, "test": reading.test}
        case Sos(action="pressed"):
            return {"action": "emergency"}
        case Contact():
            return {"contact": reading.state == "closed"}
        case Leak():
            return {"water_leak": reading.wet}
        case Motion():
            return {"occupancy": reading.occupied}
        case State():
            return {} if reading.battery is None else {"battery": reading.battery}
        case Fault():
            key = next((k for k, code in FAULTS.items() if code == reading.code), None)
            return None if key is None else {key: reading.active}
    return None


def json_list(payload: bytes) -> list[dict[str, Any]]:
    """Read the bridge's list."""
    return msgspec.json.decode(payload, type=list[dict[str, Any]])


def propose(topic: str, payload: bytes) -> tuple[Proposal, ...]:
    """What `bridge/devices` lists, as far as we know what it is: friendly name, make, model, family."""
    if topic != f"{BASE}/bridge/devices":
        return ()
    return tuple(p for device in json_list(payload) if (p := _proposal(device)))


def _proposal(device: Mapping[str, Any]) -> Proposal | None:
    name = words(device, "friendly_name")
    definition = device.get("definition")
    if name is None or "/" in name or not isinstance(definition, dict):
        return None
    exposed, actions = set(_names(definition.get("exposes"))), set(_values(definition.get("exposes")))
    family = next((family for key, family in _EXPOSED if key in exposed), None)
    if family is None and actions & {"emergency", "sos", "panic"}:
        family = "sos_button"
    if family is None:
        return None
    return Proposal(
        dialect=BASE,
        address=name,
        profile=family,
        make=words(definition, "vendor") or "",
        model=words(definition, "model") or "",
        note=words(device, "ieee_address") or "",
    )


def _names(exposes: object) -> Iterator[str]:
    """The names of exposed properties; composite ones list theirs under `features`."""
    for e in exposes if isinstance(exposes, list) else ():
        if isinstance(e, dict):
            if isinstance(name := e.get("name"), str):
                yield name
            yield from (f["name"] for f in e.get("features") or () if isinstance(f, dict) and "name" in f)


def _values(exposes: object) -> Iterator[str]:
    """The values that the property `action` can have."""
    for e in exposes if isinstance(exposes, list) else ():
        if isinstance(e, dict) and e.get("name") == "action" and isinstance(e.get("values"), list):
            yield from (v for v in e["values"] if isinstance(v, str) and is_name(v))


ADAPTER = Adapter(
    dialect=BASE,
    title="zigbee2mqtt",
    source="domain.md (e): zigbee2mqtt [S33][S45]",
    filters=(
        f"{BASE}/+",
        f"{BASE}/+/availability",
        f"{BASE}/{BRIDGE}/state",
        f"{BASE}/{BRIDGE}/devices",
    ),
    pattern=re.compile(
        rf"{BASE}/(?:bridge/(?:state|devices)|(?P<name>(?!bridge(?:/|$))[^/\x00-\x1f\x7f]{{1,64}})(?:/availability)?)"
    ),
    families=("smoke_sensor", "gas_detector", "sos_button", "door_contact", "leak_sensor", "motion_sensor"),
    decode=decode,
    encode=encode,
    propose=propose,
)
