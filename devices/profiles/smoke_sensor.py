"""Smoke sensor (烟感)."""

from __future__ import annotations

from datetime import timedelta

from devices.profile import Profile
from devices.reading import Percent, Reading


class Smoke(Reading, frozen=True, kw_only=True):
    """Smoke is there or gone; `test` marks a press of the test button, `density` is in %/m obscuration."""

    type = "smoke"
    life_safety = True
    alarm: bool
    density: Percent | None = None
    test: bool = False


PROFILE = Profile(
    family="smoke_sensor",
    name_zh="烟感",
    name_en="Smoke sensor",
    readings=(Smoke,),
    heartbeat=timedelta(hours=8),
    offline_after=timedelta(hours=24),
    safety=True,
)
