"""What the benchmarks send: a county's usual mixture, from devices that exist."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle, islice

from devices.model import Device, Place, PlaceKind, Registry
from devices.profile import Message
from devices.profiles import PROFILES
from devices.profiles.access_gate import GatePass
from devices.profiles.camera import CameraObject
from devices.profiles.door_contact import Contact
from devices.profiles.smoke_sensor import Smoke
from devices.reading import Reading, State

FAMILIES = ("access_gate", "access_gate", "camera", "camera", "camera", "door_contact", "smoke_sensor")
SAYS: dict[str, tuple[Reading, ...]] = {
    "access_gate": (
        GatePass(direction="in", method="face", result="granted", person_ref="p-1", score=0.97),
        GatePass(direction="out", method="card", result="granted"),
    ),
    "camera": (
        CameraObject(track="t1", label="person", phase="enter", score=0.9, zone="gate"),
        CameraObject(track="t1", label="person", phase="leave", score=0.9, zone="gate"),
    ),
    "door_contact": (Contact(state="open"), Contact(state="closed")),
    "smoke_sensor": (State(battery=88, rssi=-71),),
}


def county(devices: int, estates: int, now: datetime) -> Registry:
    """A registry of so many devices over so many estates."""
    places = [
        Place(
            code=f"e{n}", kind=PlaceKind.ESTATE, name_zh=f"{n} 号苑", name_en=f"Estate {n}", path=(f"e{n}",)
        )
        for n in range(estates)
    ]
    kinds = cycle(FAMILIES)
    made = [
        Device(
            id=f"d{n}",
            estate=f"e{n % estates}",
            place=f"e{n % estates}",
            profile=next(kinds),
            name_zh="设备",
            name_en="device",
            registered_at=now,
        )
        for n in range(devices)
    ]
    return Registry.of(places=places, devices=made)


def telemetry(registry: Registry, prefix: str, count: int, now: datetime) -> Iterator[tuple[str, bytes]]:
    """Topics and payloads of `count` messages that raise nothing, ids beginning with `prefix`."""
    devices = cycle(registry.devices.values())
    for n, device in enumerate(islice(devices, count)):
        readings = SAYS[device.profile]
        reading = readings[n // len(registry.devices) % len(readings)]
        message = Message(id=f"{prefix}{n}", at=now + timedelta(milliseconds=n % 1000), reading=reading)
        channel = "state" if isinstance(reading, State) else "event"
        yield f"shequ/v1/{device.estate}/{device.id}/{channel}", PROFILES[device.profile].encode(message)


def last_of(registry: Registry, prefix: str, count: int) -> dict[str, str]:
    """Name the event of the last of so many messages of `telemetry`."""
    devices = list(registry.devices)
    return {"device": devices[(count - 1) % len(devices)], "id": f"{prefix}{count - 1}"}


def smoke_alarm(id_: str, now: datetime) -> bytes:
    """One smoke alarm."""
    return PROFILES["smoke_sensor"].encode(Message(id=id_, at=now, reading=Smoke(alarm=True)))
