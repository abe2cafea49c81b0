"""Combustible gas detector (燃气, GB 26875 part types 10-13)."""

from __future__ import annotations

from datetime import timedelta

from devices.profile import Profile
from devices.reading import Percent, Reading


class Gas(Reading, frozen=True, kw_only=True):
    """Gas is there or gone; `level` is in % of the lower explosive limit (GB 26875 analog type 6)."""

    type = "gas"
    life_safety = True
    alarm: bool
    level: Percent | None = None
    test: bool = False


PROFILE = Profile(
    family="gas_detector",
    name_zh="燃气探测器",
    name_en="Gas detector",
    readings=(Gas,),
    heartbeat=timedelta(hours=8),
    offline_after=timedelta(hours=24),
    safety=True,
)
