"""What a device can say: the base of all readings, and the ones that every family speaks.

A reading is the `data` of one MQTT message (docs/reference/mqtt.md). Readings are
frozen msgspec structs: decoding checks types, bounds and lengths in one pass, and
the JSON Schema of the contract is generated from the same declarations.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

# Text without control characters: PostgreSQL stores no NUL, and a log line stays one line.
# Python's $ also stands before a last line feed, hence the look-ahead; JSON Schema reads both alike.
Text = Annotated[str, Meta(max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]
Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
Percent = Annotated[float, Meta(ge=0, le=100)]
Share = Annotated[float, Meta(ge=0, le=1)]  # a confidence, 0 to 1
Latitude = Annotated[float, Meta(ge=-90, le=90)]  # degrees, WGS-84
Longitude = Annotated[float, Meta(ge=-180, le=180)]  # degrees, WGS-84


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing a device said, without who, when and where."""

    type: ClassVar[str]
    life_safety: ClassVar[bool] = False  # never discarded, and pages even when late (design law 4)

    def fields(self) -> dict[str, Any]:
        """Return the reading's fields by name, absent ones left out."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}


class Fault(Reading, frozen=True, kw_only=True):
    """A device reports a trouble of its own, or its end."""

    type = "fault"
    code: Code  # tamper, trouble, low_battery, ...
    active: bool


class State(Reading, frozen=True, kw_only=True):
    """A device's heartbeat: how it is, not what it saw."""

    type = "state"
    battery: Percent | None = None  # per cent of a full charge
    rssi: Annotated[float, Meta(ge=-200, le=50)] | None = None  # dBm
    firmware: Code | None = None
    self_test: Literal["passed", "failed"] | None = None  # the result of the last one
    config_version: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = (
        None  # of the configuration it speaks of
    )
    config_hash: Code | None = None
    config_status: Literal["applied", "failed"] | None = None
    config_reason: Text | None = None  # why it failed


class Availability(Reading, frozen=True, kw_only=True):
    """The broker's word on a device's link: the last will, or the device's own greeting."""

    type = "availability"
    online: bool


class Skew(Reading, frozen=True, kw_only=True):
    """The platform's own remark: a message bore an impossible time (design law 4)."""

    type = "clock.skew"
    seconds: Annotated[float, Meta(ge=-1e9, le=1e9)]  # device time minus arrival


class Finding(Reading, frozen=True, kw_only=True):
    """The platform's own remark: what an alert of this device turned out to be."""

    type = "finding"
    code: Code
    outcome: Code
