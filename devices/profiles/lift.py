"""Lift controller (电梯)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta

from devices.profile import Profile
from devices.reading import Reading


class Lift(Reading, frozen=True, kw_only=True):
    """How the lift is; `trapped` means that people cannot leave it."""

    type = "lift"
    life_safety = True
    state: Literal["normal", "trapped", "fault", "maintenance"]
    floor: Annotated[int, Meta(ge=-20, le=200)] | None = None


PROFILE = Profile(
    family="lift",
    name_zh="电梯",
    name_en="Lift",
    readings=(Lift,),
    heartbeat=timedelta(minutes=5),
    offline_after=timedelta(minutes=15),
    safety=True,
)
