"""Wearable (手环, 定位卡): falls, positions, calls for help."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta

from devices.profile import Profile
from devices.profiles.sos_button import Sos
from devices.reading import Latitude, Longitude, Reading


class Fall(Reading, frozen=True, kw_only=True):
    """The wearer fell; `cancelled` within 15 s says that nothing happened (domain.md, CARE-006)."""

    type = "fall"
    life_safety = True
    phase: Literal["detected", "cancelled"]


class Position(Reading, frozen=True, kw_only=True):
    """Where the wearer is, WGS-84; `accuracy` in metres."""

    type = "position"
    lat: Latitude
    lon: Longitude
    accuracy: Annotated[float, Meta(ge=0, le=100_000)] | None = None


PROFILE = Profile(
    family="wearable",
    name_zh="穿戴设备",
    name_en="Wearable",
    readings=(Fall, Position, Sos),
    heartbeat=timedelta(minutes=30),
    offline_after=timedelta(hours=3),
    safety=True,
)
