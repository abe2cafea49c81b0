"""Binary sensors by name: the device classes that Home Assistant and ESPHome share.

`on` means open, detected, wet, occupied, tampered or low (Home Assistant's device classes).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from devices.errors import DecodeError
from devices.errors import Fault as Blame
from devices.profiles.door_contact import Contact
from devices.profiles.gas_detector import Gas
from devices.profiles.leak_sensor import Leak
from devices.profiles.motion_sensor import Motion
from devices.profiles.smoke_sensor import Smoke
from devices.profiles.sos_button import Sos
from devices.reading import Fault, Reading, State

_Make = Callable[[bool], Reading]


def _contact(on: bool) -> Reading:  # noqa: FBT001 - one of a table of makers
    return Contact(state="open" if on else "closed")


def _sos(on: bool) -> Reading:  # noqa: FBT001
    """A button at rest says nothing: nobody took the call back."""
    return Sos(action="pressed") if on else State()


KINDS: Mapping[str, _Make] = MappingProxyType(
    {
        "contact": _contact,
        "door": _contact,
        "window": _contact,
        "opening": _contact,
        "smoke": lambda on: Smoke(alarm=on),
        "gas": lambda on: Gas(alarm=on),
        "moisture": lambda on: Leak(wet=on),
        "leak": lambda on: Leak(wet=on),
        "motion": lambda on: Motion(occupied=on),
        "occupancy": lambda on: Motion(occupied=on),
        "presence": lambda on: Motion(occupied=on),
        "sos": _sos,
        "tamper": lambda on: Fault(code="tamper", active=on),
        "problem": lambda on: Fault(code="trouble", active=on),
        "battery": lambda on: Fault(code="low_battery", active=on),
    }
)
FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "door": "door_contact",
        "window": "door_contact",
        "opening": "door_contact",
        "garage_door": "door_contact",
        "smoke": "smoke_sensor",
        "gas": "gas_detector",
        "moisture": "leak_sensor",
        "motion": "motion_sensor",
        "occupancy": "motion_sensor",
        "presence": "motion_sensor",
    }
)
"""Home Assistant's device class -> the family to propose."""
ASIDE = ("tamper", "problem", "battery")
"""Kinds that speak of another sensor's body: their name is that sensor's with this suffix."""


def kind_of(name: str) -> str | None:
    """What a sensor's name says it is: the last word of it that is known."""
    return next((word for word in reversed(re.split(r"[_\-. ]", name.lower())) if word in KINDS), None)


def read_binary(kind: str, word: str, *, on: str, off: str) -> Reading:
    """Read a binary state."""
    if word not in (on, off):
        raise DecodeError(Blame.BAD_SHAPE, f"state is {on!r} or {off!r}, not {word[:40]!r}")
    return KINDS[kind](word == on)


def read_level(name: str, word: str) -> Reading:
    """A sensor's number: a battery's charge, or only a sign of life."""
    if not name.lower().endswith("battery"):
        return State()
    try:
        level = float(word)
    except ValueError:
        return State()  # "unknown", "unavailable"
    return State(battery=level if math.isfinite(level) and 0 <= level <= 100 else None)  # noqa: PLR2004


def written(reading: Reading) -> tuple[str, bool] | None:  # noqa: PLR0911 - a word for each reading
    """The kind and state that say a reading; None where there is none."""
    match reading:
        case Contact():
            return "contact", reading.state == "open"
        case Smoke(test=False):
            return "smoke", reading.alarm
        case Gas(test=False):
            return "gas", reading.alarm
        case Leak():
            return "leak", reading.wet
        case Motion():
            return "motion", reading.occupied
        case Sos(action="pressed"):
            return "sos", True
        case Fault(code="tamper" | "trouble" | "low_battery"):
            kinds = {"tamper": "tamper", "trouble": "problem", "low_battery": "battery"}
            return kinds[reading.code], reading.active
    return None
