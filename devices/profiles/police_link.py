"""Link to the police's video-image database (GA/T 1400 视图库): what it lets us know."""

from __future__ import annotations

from datetime import timedelta

from devices.profile import Profile
from devices.reading import Code, Reading, Share


class WatchPerson(Reading, frozen=True, kw_only=True):
    """A DispositionNotification about a person: forwarded only, the list is not ours."""

    type = "watch.person"
    notification: Code
    score: Share | None = None


class WatchVehicle(Reading, frozen=True, kw_only=True):
    """A listed plate was read."""

    type = "watch.vehicle"
    plate: Code
    notification: Code | None = None


PROFILE = Profile(
    family="police_link",
    name_zh="视图库接口",
    name_en="Video-image database link",
    readings=(WatchPerson, WatchVehicle),
    heartbeat=timedelta(minutes=2),
    offline_after=timedelta(minutes=10),
)
