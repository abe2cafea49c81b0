"""Whom a rule judges: from an event to a name, and from a name to the facts."""

from __future__ import annotations

from devices.event import Event
from devices.model import PlaceKind, Registry
from devices.profiles import PROFILES
from rules.condition import By, Subject


def name_of(event: Event, by: By, registry: Registry) -> str | None:
    """Whom the event is about, as far as the registry knows them."""
    if by is By.DEVICE:
        return event.device
    if by is By.PERSON:
        person = getattr(event.reading, "person_ref", None)
        cared = registry.cared.get(person) if person is not None else None
        return cared.person if cared is not None and cared.estate == event.estate else None
    device = registry.devices.get(event.device)
    return device.place if device is not None else None


def named(registry: Registry, by: By, name: str) -> Subject | None:
    """The facts about a device, a person or a place; None if nobody of that name is registered."""
    if by is By.DEVICE:
        device = registry.devices.get(name)
        if device is None:
            return None
        profile = PROFILES[device.profile]
        return Subject(
            name=name,
            estate=device.estate,
            place=device.place,
            device=name,
            offline_after=device.offline_after or profile.offline_after,
            safety=profile.safety,
            since=device.registered_at,
        )
    if by is By.PERSON:
        cared = registry.cared.get(name)
        if cared is None:
            return None
        return Subject(
            name=name, estate=cared.estate, place=cared.place, since=cared.since, away_until=cared.away_until
        )
    estate = registry.within(name, PlaceKind.ESTATE)
    return Subject(name=name, estate=estate, place=name) if estate is not None else None


def population(registry: Registry, by: By) -> tuple[str, ...]:
    """Everybody whose silence could mean something, in a fixed order."""
    if by is By.DEVICE:
        return tuple(sorted(registry.devices))
    return tuple(sorted(registry.cared)) if by is By.PERSON else ()
