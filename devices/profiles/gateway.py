"""Gateway of a building (网关): carries its devices, knows whether mains power is there."""

from __future__ import annotations

from datetime import timedelta

from devices.profile import Profile
from devices.reading import Reading


class Power(Reading, frozen=True, kw_only=True):
    """Whether the building has mains power (the gateway has a battery)."""

    type = "power"
    mains: bool


PROFILE = Profile(
    family="gateway",
    name_zh="网关",
    name_en="Gateway",
    readings=(Power,),
    heartbeat=timedelta(minutes=1),
    offline_after=timedelta(minutes=5),
)
