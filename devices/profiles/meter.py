"""Smart meter (水表, 气表, 电表)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta

from devices.profile import Profile
from devices.reading import Reading

Amount = Annotated[float, Meta(ge=0, le=1e9)]


class Meter(Reading, frozen=True, kw_only=True):
    """What the meter stands at: m³ of water or gas, kWh of power; `used` since its last report."""

    type = "meter"
    medium: Literal["water", "gas", "power"]
    total: Amount
    used: Amount | None = None


PROFILE = Profile(
    family="meter",
    name_zh="智能表",
    name_en="Smart meter",
    readings=(Meter,),
    heartbeat=timedelta(minutes=30),
    offline_after=timedelta(hours=6),
)
