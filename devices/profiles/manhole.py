"""Manhole cover sensor (井盖)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta

from devices.profile import Profile
from devices.reading import Reading


class Manhole(Reading, frozen=True, kw_only=True):
    """How the cover lies; `tilt` in degrees from level."""

    type = "manhole"
    state: Literal["closed", "tilted", "open", "missing"]
    tilt: Annotated[float, Meta(ge=0, le=180)] | None = None


PROFILE = Profile(
    family="manhole",
    name_zh="井盖传感器",
    name_en="Manhole sensor",
    readings=(Manhole,),
    heartbeat=timedelta(hours=12),
    offline_after=timedelta(hours=36),
)
