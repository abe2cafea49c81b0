"""Perimeter detector (周界: 红外对射, 电子围栏, GB28181 5/6)."""

from __future__ import annotations

from datetime import timedelta

from devices.profile import Profile
from devices.reading import Code, Reading


class Intrusion(Reading, frozen=True, kw_only=True):
    """Something crosses a protected line, or no longer."""

    type = "intrusion"
    active: bool
    zone: Code | None = None


PROFILE = Profile(
    family="perimeter",
    name_zh="周界探测器",
    name_en="Perimeter detector",
    readings=(Intrusion,),
    heartbeat=timedelta(minutes=5),
    offline_after=timedelta(minutes=15),
)
