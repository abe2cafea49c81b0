"""The event: one fact that a registered device reported."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from devices.reading import Reading


class Flag(StrEnum):
    """What is unusual about how an event arrived."""

    RETAINED = "retained"  # a memory, the broker's or the device's own, not news: never pages
    LATE = "late"  # device time more than 10 min behind arrival
    AHEAD = "ahead"  # device time more than 5 min ahead of arrival: judged at arrival
    CLOCK = "clock"  # device clock absurd: stored and judged at arrival, life-safety only


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact: device `device` of estate `estate` said `reading`.

    `at` is the device's own time (time zone aware), `received_at` the platform's
    time of arrival. `happened_at` is what rules go by. Identity is `(device, id)`.
    """

    id: str
    device: str
    estate: str
    at: datetime
    received_at: datetime
    reading: Reading
    flags: tuple[Flag, ...] = ()

    @property
    def type(self) -> str:
        """The event type of the MQTT contract, such as `smoke` or `gate.pass`."""
        return self.reading.type

    @property
    def happened_at(self) -> datetime:
        """When the event happened as far as rules are concerned: device time, never after arrival."""
        return min(self.at, self.received_at)

    @property
    def retained(self) -> bool:
        """Whether this is a replay of the broker's memory rather than news."""
        return Flag.RETAINED in self.flags
