"""Home Assistant: its discovery in both directions, and the states that it streams out.

* Reading discovery: `homeassistant/<component>/[<node>/]<object>/config` describes a sensor
  of whoever announces itself to Home Assistant; those of a class we know become proposals.
* Announcing: `announcements(device)` writes such a config for each native device, so that
  Home Assistant shows ours.
* States: with `mqtt_statestream: {base_topic: homeassistant}` Home Assistant publishes
  `homeassistant/<domain>/<object>/state` with `on`, `off` or a number, for everything it knows.
  What a sensor is, the last known word of its object id says (`kitchen_smoke`).

Field names and device classes: Home Assistant's MQTT discovery and statestream documentation
(memory, not in domain.md). A state carries neither id nor time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

import msgspec

from devices.adapter import Adapter, Proposal, Said, Wire, is_name, json_object, pick, words
from devices.binary import ASIDE, FAMILIES, KINDS, kind_of, read_binary, read_level, written
from devices.model import Device
from devices.profiles import PROFILES
from devices.reading import Availability, Reading, State

BASE = "homeassistant"
_AWAY = ("unavailable", "unknown")  # Home Assistant's words for a sensor it cannot reach


def decode(topic: str, _address: str, payload: bytes) -> tuple[Said, ...]:
    """Read a state; a config is read by `propose`, and says nothing by itself."""
    if topic.endswith("/config"):
        if payload:  # an empty one takes the sensor back
            json_object(payload)
        return ()
    word = payload.decode()
    _, domain, name, _ = topic.split("/")
    if word in _AWAY:
        return (Said(address=_owner(name), reading=Availability(online=False)),)
    if domain == "sensor":
        return (Said(address=_owner(name), reading=read_level(name, word)),)
    kind = kind_of(name)
    reading: Reading = State() if kind is None else read_binary(kind, word, on="on", off="off")
    return (Said(address=_owner(name), reading=reading),)


def _owner(name: str) -> str:
    """The sensor that `kitchen_smoke_battery` speaks of."""
    stem, _, kind = name.rpartition("_")
    return stem if stem and kind in ASIDE else name


def encode(address: str, reading: Reading, _at: datetime) -> Wire | None:
    """Write as the statestream does; the address must end in the sensor's kind, as it must there."""
    match reading:
        case Availability(online=False):
            return Wire(f"{BASE}/binary_sensor/{address}/state", b"unavailable")
        case State() if reading.battery is not None:
            return Wire(f"{BASE}/sensor/{address}_battery/state", repr(reading.battery).encode())
    found = written(reading)
    if found is None:
        return None
    kind, active = found
    name = f"{address}_{kind}" if kind in ASIDE else address
    same = kind_of(name)
    if same is None or KINDS[same](active) != KINDS[kind](active) or _owner(name) != address:
        return None
    return Wire(f"{BASE}/binary_sensor/{name}/state", b"on" if active else b"off")


def propose(topic: str, payload: bytes) -> tuple[Proposal, ...]:
    """The sensor that a discovery config describes, where its class is one we know."""
    if not topic.endswith("/config") or not payload:
        return ()
    config = json_object(payload)
    family = FAMILIES.get(str(config.get("device_class") or config.get("dev_cla")))
    name = words(config, "object_id") or words(config, "unique_id") or words(config, "uniq_id")
    if family is None or name is None:
        return ()
    about = config.get("device") or config.get("dev")
    return (
        Proposal(
            dialect=BASE,
            address=name,
            profile=family,
            make=_text(about, "manufacturer", "mf"),
            model=_text(about, "model", "mdl"),
            note=words(config, "state_topic") or words(config, "stat_t") or "",
        ),
    )


def _text(about: object, *keys: str) -> str:
    found = (pick(about, key) for key in keys)
    return next((text for text in found if isinstance(text, str) and is_name(text)), "")


_SHOWN: Mapping[str, tuple[tuple[str, str, str], ...]] = MappingProxyType(
    {  # family -> (event type, device class, Jinja that is true when it is on)
        "smoke_sensor": (("smoke", "smoke", "value_json.data.alarm"),),
        "gas_detector": (("gas", "gas", "value_json.data.alarm"),),
        "leak_sensor": (("leak", "moisture", "value_json.data.wet"),),
        "door_contact": (("contact", "door", "value_json.data.state == 'open'"),),
        "motion_sensor": (("motion", "occupancy", "value_json.data.occupied"),),
        "access_gate": (("gate.door", "door", "value_json.data.state != 'closed'"),),
        "sos_button": (("sos", "safety", "value_json.data.action == 'pressed'"),),
    }
)


def announcements(device: Device) -> Iterator[Wire]:
    """Retained configs that make Home Assistant show a native device: its alarm, and its battery."""
    base = f"shequ/v1/{device.estate}/{device.id}"
    about = {
        "identifiers": [f"shequ-{device.id}"],
        "name": device.name_en,
        "manufacturer": "Shequ",
        "model": PROFILES[device.profile].name_en,
        "suggested_area": device.place,
    }
    common = {"availability_topic": f"{base}/availability", "device": about}
    for type_, class_, true in _SHOWN.get(device.profile, ()):
        name = f"shequ_{device.id}_{type_.replace('.', '_')}"
        template = (
            f"{{% if value_json.type == '{type_}' %}}{{{{ 'ON' if {true} else 'OFF' }}}}"
            "{% else %}{{ this.state | upper }}{% endif %}"
        )
        yield _config("binary_sensor", name, f"{base}/event", template, {"device_class": class_, **common})
    battery = "{{ value_json.data.battery | default(this.state) }}"
    extra = {"device_class": "battery", "unit_of_measurement": "%", "entity_category": "diagnostic", **common}
    yield _config("sensor", f"shequ_{device.id}_battery", f"{base}/state", battery, extra)


def _config(component: str, name: str, topic: str, template: str, more: Mapping[str, object]) -> Wire:
    body = {"unique_id": name, "object_id": name, "state_topic": topic, "value_template": template, **more}
    return Wire(f"{BASE}/{component}/{name}/config", msgspec.json.encode(body), retain=True)


_NAME = r"[^/\x00-\x1f\x7f]{1,64}"
ADAPTER = Adapter(
    dialect=BASE,
    title="Home Assistant",
    source="Home Assistant, MQTT discovery and statestream documentation (memory)",
    filters=(
        f"{BASE}/+/+/config",
        f"{BASE}/+/+/+/config",
        f"{BASE}/binary_sensor/+/state",
        f"{BASE}/sensor/+/state",
    ),
    pattern=re.compile(
        rf"{BASE}/(?:{_NAME}/(?:{_NAME}/)?{_NAME}/config|(?:binary_sensor|sensor)/(?P<name>{_NAME})/state)"
    ),
    families=("door_contact", "smoke_sensor", "leak_sensor", "gas_detector", "motion_sensor", "sos_button"),
    decode=decode,
    encode=encode,
    propose=propose,
)
