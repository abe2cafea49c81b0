"""The families this platform knows, one file each; a new family is a new file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devices.profile import Profile
from devices.profiles import (
    access_gate,
    camera,
    door_contact,
    fire_panel,
    gas_detector,
    gateway,
    leak_sensor,
    lift,
    manhole,
    meter,
    motion_sensor,
    perimeter,
    police_link,
    service_desk,
    smoke_sensor,
    sos_button,
    wearable,
)
from devices.reading import Availability, Fault, Finding, Reading, Skew, State

_FAMILIES = (
    access_gate.PROFILE,
    camera.PROFILE,
    door_contact.PROFILE,
    smoke_sensor.PROFILE,
    sos_button.PROFILE,
    gas_detector.PROFILE,
    leak_sensor.PROFILE,
    motion_sensor.PROFILE,
    meter.PROFILE,
    manhole.PROFILE,
    lift.PROFILE,
    wearable.PROFILE,
    fire_panel.PROFILE,
    perimeter.PROFILE,
    gateway.PROFILE,
    police_link.PROFILE,
    service_desk.PROFILE,
)

PROFILES: Mapping[str, Profile] = MappingProxyType({p.family: p for p in _FAMILIES})

_SHARED: tuple[type[Reading], ...] = (Fault, State, Availability, Skew, Finding)

READINGS: Mapping[str, type[Reading]] = MappingProxyType(
    {r.type: r for r in (*(r for p in _FAMILIES for r in p.readings), *_SHARED)}
)
"""Every reading by its event type, to read stored events back."""
