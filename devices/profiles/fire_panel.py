"""Fire alarm panel or transmitter (消防主机, GB/T 26875.3): the state of its parts."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from devices.profile import Profile
from devices.reading import Code, Reading


class FirePart(Reading, frozen=True, kw_only=True):
    """One part of the installation: `part` names its type, `state` the bit that is set.

    Part types of GB/T 26875.3: 23 manual button, 24 hydrant button, 10-13 gas, 30-37 heat,
    40-44 smoke, 91 pump, 102 fire door; everything else is `other`.
    """

    type = "fire.part"
    life_safety = True
    part: Literal["manual", "hydrant", "gas", "heat", "smoke", "pump", "door", "panel", "other"]
    state: Literal["normal", "test", "fire", "fault", "shielded", "supervise", "power_fault"]
    address: Code | None = None


PROFILE = Profile(
    family="fire_panel",
    name_zh="消防主机",
    name_en="Fire panel",
    readings=(FirePart,),
    heartbeat=timedelta(hours=2),
    offline_after=timedelta(hours=6),
    safety=True,
)
