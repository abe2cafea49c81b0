"""One-key-help button (一键求助), worn, on a wall or on a pole."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from devices.profile import Profile
from devices.reading import Latitude, Longitude, Reading


class Sos(Reading, frozen=True, kw_only=True):
    """Somebody pressed for help, took it back, or was answered.

    A position is supplementary: it never replaces the installed place.
    """

    type = "sos"
    life_safety = True
    action: Literal["pressed", "cancelled", "answered"]
    voice: bool | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None


PROFILE = Profile(
    family="sos_button",
    name_zh="一键求助",
    name_en="One-key help button",
    readings=(Sos,),
    heartbeat=timedelta(hours=8),
    offline_after=timedelta(hours=24),
    safety=True,
)
