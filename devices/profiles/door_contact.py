"""Door contact (门磁)."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from devices.profile import Profile
from devices.reading import Reading


class Contact(Reading, frozen=True, kw_only=True):
    """A door or window opened or closed."""

    type = "contact"
    state: Literal["open", "closed"]


PROFILE = Profile(
    family="door_contact",
    name_zh="门磁",
    name_en="Door contact",
    readings=(Contact,),
    heartbeat=timedelta(hours=4),
    offline_after=timedelta(hours=12),
)
