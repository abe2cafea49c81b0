"""Access gate (门禁, 道闸): who or what passed, and how its door stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from devices.profile import Profile
from devices.reading import Code, Reading, Share


class GatePass(Reading, frozen=True, kw_only=True):
    """A person or a vehicle asked to pass.

    `person_ref` is an opaque reference, never a name or a face (domain.md f.17).
    """

    type = "gate.pass"
    direction: Literal["in", "out"]
    method: Literal["face", "card", "code", "remote", "plate"]
    result: Literal["granted", "denied"]
    person_ref: Code | None = None
    plate: Code | None = None
    room: Code | None = None  # the home that the credential belongs to
    score: Share | None = None


class GateDoor(Reading, frozen=True, kw_only=True):
    """The gate's leaf or barrier moved."""

    type = "gate.door"
    state: Literal["open", "closed", "forced"]


PROFILE = Profile(
    family="access_gate",
    name_zh="门禁",
    name_en="Access gate",
    readings=(GatePass, GateDoor),
    heartbeat=timedelta(minutes=1),
    offline_after=timedelta(minutes=3),
)
