"""Whom a rule judges: from an event to a name, and from a name to the facts."""

from __future__ import annotations

from devices.event import Event
from devices.model import Device, PlaceKind, Registry
from devices.profiles import PROFILES
from devices.registry.lifecycle import Lifecycle
from rules.condition import By, Subject

_INSTALLED = (Lifecycle.ACTIVE, Lifecycle.MAINTENANCE)  # of a device not yet there, silence means nothing


def name_of(event: Event, by: By, registry: Registry) -> str | None:  # noqa: PLR0911 - one per kind
    """Whom the event is about, as far as the registry knows them."""
    if by is By.DEVICE:
        return event.device
    if by is By.PERSON:
        person = getattr(event.reading, "person_ref", None)
        cared = registry.cared.get(person) if person is not None else None
        return cared.person if cared is not None and cared.estate == event.estate else None
    if by is By.TRACK:
        return f"{event.device}:{getattr(event.reading, 'track', '')}"
    if by is By.ROOM:
        room = getattr(event.reading, "room", None)
        return None if room is None else f"{event.estate}:{room}"
    device = registry.devices.get(event.device)
    if device is None or by is By.PLACE:
        return device.place if device is not None else None
    if by is By.BUILDING:
        return building_of(registry, device.place)
    return device.estate


def building_of(registry: Registry, place: str) -> str:
    """The building around a place, or where there is none, the place."""
    return registry.within(place, PlaceKind.BUILDING) or place


def named(registry: Registry, by: By, name: str) -> Subject | None:
    """The facts about a device, a person or a place; None if nobody of that name is registered."""
    if by is By.DEVICE or by is By.TRACK:
        device = registry.devices.get(name.partition(":")[0])
        return None if device is None else _of_device(device, name)
    if by is By.PERSON:
        cared = registry.cared.get(name)
        if cared is None:
            return None
        return Subject(
            name=name, estate=cared.estate, place=cared.place, since=cared.since, away_until=cared.away_until
        )
    if by is By.ROOM:
        estate, _, room = name.partition(":")
        if estate not in registry.places:
            return None
        known = registry.estate_of(room) == estate
        return Subject(name=name, estate=estate, place=room if known else estate)
    around = registry.within(name, PlaceKind.ESTATE)
    return Subject(name=name, estate=around, place=name) if around is not None else None


def _of_device(device: Device, name: str) -> Subject:
    profile = PROFILES[device.profile]
    return Subject(
        name=name,
        estate=device.estate,
        place=device.place,
        device=device.id,
        offline_after=device.offline_after or profile.offline_after,
        safety=profile.safety,
        profile=device.profile,
        since=device.registered_at,
    )


def population(registry: Registry, by: By) -> tuple[str, ...]:
    """Everybody whose silence could mean something, in a fixed order."""
    if by is By.DEVICE:
        return tuple(
            sorted(name for name, device in registry.devices.items() if device.lifecycle in _INSTALLED)
        )
    return tuple(sorted(registry.cared)) if by is By.PERSON else ()


def cared_homes(registry: Registry) -> frozenset[str]:
    """The homes of the people who are looked after."""
    return frozenset(c.place for c in registry.cared.values())


def at_home(registry: Registry, homes: frozenset[str], device: str) -> bool:
    """Whether a device hangs in one of these homes."""
    known = registry.devices.get(device)
    node = registry.places.get(known.place) if known is not None else None
    return node is not None and not homes.isdisjoint(node.path)
