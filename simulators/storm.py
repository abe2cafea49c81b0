"""A storm: one power cut, and everything that a building's devices shout about it.

The mains go, the gateway says so, and for a minute every device of the building reports faults,
lost pictures and broken links, again and again. Somewhere in it a person presses for help.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from devices.model import Device, Place, PlaceKind
from devices.profiles.camera import CameraScene
from devices.profiles.gateway import Power
from devices.profiles.sos_button import Sos
from devices.reading import Fault, Reading
from simulators.timeline import Sending, say, seeded

FAMILIES = ("camera", "camera", "camera", "access_gate", "door_contact")
SILENT_AFTER = timedelta(seconds=20)  # so that the silence of the dead counts within the storm


@dataclass(frozen=True, kw_only=True, slots=True)
class Storm:
    """What there is, and what is said when; `help` is the one call that matters."""

    places: tuple[Place, ...]
    devices: tuple[Device, ...]
    timeline: tuple[Sending, ...]
    help: Sending


def storm(
    estate: str,
    start: datetime,
    *,
    seed: int = 1,
    devices: int = 200,
    events: int = 10_000,
    lasts: timedelta = timedelta(seconds=60),
) -> Storm:
    """Plan a storm over one building: `events` messages in `lasts`, a call for help in the middle."""
    building = f"{estate}-b1"
    places = (
        Place(code=estate, kind=PlaceKind.ESTATE, name_zh="苑", name_en="Estate", path=(estate,)),
        Place(
            code=building,
            kind=PlaceKind.BUILDING,
            name_zh="1栋",
            name_en="Building 1",
            path=(estate, building),
        ),
    )
    gateway = _device(f"{building}-gw", "gateway", estate, building, start)
    button = _device(f"{building}-sos", "sos_button", estate, building, start)
    crowd = [
        _device(f"{building}-d{n}", FAMILIES[n % len(FAMILIES)], estate, building, start)
        for n in range(devices)
    ]
    cut = say(gateway, start, Power(mains=False), f"cut-{seed}")
    call = say(button, start + lasts / 2, Sos(action="pressed"), f"help-{seed}")
    noise = _noise(crowd, start, lasts, events - 2, seed)
    timeline = sorted((cut, call, *noise), key=lambda s: (s.when, s.key))
    return Storm(places=places, devices=(gateway, button, *crowd), timeline=tuple(timeline), help=call)


def _device(name: str, profile: str, estate: str, place: str, start: datetime) -> Device:
    return Device(
        id=name,
        estate=estate,
        place=place,
        profile=profile,
        name_zh=name,
        name_en=name,
        registered_at=start,
        offline_after=None if profile in ("gateway", "sos_button") else SILENT_AFTER,
    )


def _noise(
    crowd: list[Device], start: datetime, lasts: timedelta, count: int, seed: int
) -> Iterator[Sending]:
    """Faults that come and go, pictures that are lost; half the devices fall silent half-way."""
    rng = seeded("storm", seed)
    for n in range(count):
        when = start + lasts * (n + 1) / (count + 1)
        alive = crowd if n < count / 2 else crowd[: len(crowd) // 2]
        device = alive[n % len(alive)]
        yield say(device, when, _complaint(device, n // len(crowd), rng.random()), f"s{seed}-{n}")


def _complaint(device: Device, turn: int, chance: float) -> Reading:
    if device.profile == "camera" and chance < 0.5:  # noqa: PLR2004 - a share
        return CameraScene(state="lost")
    return Fault(code="trouble", active=turn % 2 == 0)
