"""Service desk (市民通, 12345, 网格员): what people report themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from devices.profile import Profile
from devices.reading import Code, Reading


class Request(Reading, frozen=True, kw_only=True):
    """A request, complaint or report, and how it stands; `room` is a home or the request's own number."""

    type = "request"
    category: Code
    room: Code
    state: Literal["open", "done"] = "open"
    urgent: bool = False


PROFILE = Profile(
    family="service_desk",
    name_zh="服务台",
    name_en="Service desk",
    readings=(Request,),
    heartbeat=timedelta(hours=1),
    offline_after=timedelta(hours=4),
)
