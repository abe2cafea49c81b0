"""Canaries: one virtual help button per estate, whose call proves that a real one would be heard.

A canary is no device: it is in no registry, list or map, and nobody but the platform may speak on its
topic. It says what a help button says, in the same words, and is read by the same decoder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from devices.errors import TopicError
from devices.model import Device, Place, PlaceKind, Registry
from devices.profile import Message
from devices.profiles.sos_button import PROFILE, Sos

TOPIC: Final = "shequ-platform/canary"
FILTER: Final = f"{TOPIC}/+"
CODE: Final = "SOS-001"
"""The alert that its call must raise."""

_TOPIC: Final = re.compile(rf"{TOPIC}/([A-Za-z0-9_-]{{1,64}})")
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


def estate_of(topic: str) -> str:
    """The estate that a canary's topic names; raises TopicError for any other topic."""
    match = _TOPIC.fullmatch(topic)
    if match is None:
        raise TopicError(topic)
    return match[1]


def canary(estate: str) -> Device:
    """The virtual button of an estate; it hangs nowhere in particular."""
    return Device(
        id=estate,
        estate=estate,
        place=estate,
        profile=PROFILE.family,
        name_zh="自检",
        name_en="Canary",
        registered_at=_LONG_AGO,
    )


def flock(places: Iterable[Place]) -> Registry:
    """A registry of nothing but the canaries of these places, apart from the one of real devices."""
    kept = tuple(places)
    return Registry.of(places=kept, devices=[canary(p.code) for p in kept if p.kind is PlaceKind.ESTATE])


def call(id_: str, at: datetime) -> tuple[bytes, bytes]:
    """What a canary publishes: it is pressed, and answered at once, so that its next call is a new one."""
    pressed = Message(id=id_, at=at, reading=Sos(action="pressed"))
    answered = Message(id=f"{id_}-answered", at=at, reading=Sos(action="answered"))
    return PROFILE.encode(pressed), PROFILE.encode(answered)
