"""Motion sensor (红外, 毫米波雷达) in a room."""

from __future__ import annotations

from datetime import timedelta

from devices.profile import Profile
from devices.reading import Reading


class Motion(Reading, frozen=True, kw_only=True):
    """Somebody moves, or no longer."""

    type = "motion"
    occupied: bool


PROFILE = Profile(
    family="motion_sensor",
    name_zh="活动传感器",
    name_en="Motion sensor",
    readings=(Motion,),
    heartbeat=timedelta(hours=4),
    offline_after=timedelta(hours=12),
)
