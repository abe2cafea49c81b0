"""Water leak sensor (水浸)."""

from __future__ import annotations

from datetime import timedelta

from devices.profile import Profile
from devices.reading import Reading


class Leak(Reading, frozen=True, kw_only=True):
    """Water stands where none should."""

    type = "leak"
    wet: bool


PROFILE = Profile(
    family="leak_sensor",
    name_zh="水浸传感器",
    name_en="Leak sensor",
    readings=(Leak,),
    heartbeat=timedelta(hours=8),
    offline_after=timedelta(hours=24),
)
