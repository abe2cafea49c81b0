"""Load: harmless telemetry on top of a drill, so many messages per real second."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import cycle
from random import Random
from time import monotonic

from devices.model import Device
from devices.profiles.access_gate import GatePass
from devices.profiles.camera import CameraObject
from devices.reading import Reading, State
from simulators.community import Community
from simulators.timeline import LOAD, Sending, say, seeded


class Load:
    """Extra telemetry that means nothing: all healthy devices in turn, `rate` a real second."""

    def __init__(self, community: Community, rate: float) -> None:
        self._rate, self._told, self._began = rate, 0, 0.0
        self._devices = cycle([d for d in community.devices if d.dialect is None])
        self._dead: set[str] = set()
        self._rng: Random = seeded(community.seed, LOAD)

    def begin(self) -> None:
        """Start the count."""
        self._began = monotonic()

    def due(self, at: datetime, dying: set[str]) -> list[Sending]:
        """What must be sent by now to keep up the rate; never more than a second's worth."""
        self._dead |= dying
        owed = int((monotonic() - self._began) * self._rate) - self._told
        skipped = max(0, owed - int(self._rate) - 1)
        found = []
        for n in range(self._told + skipped, self._told + owed):
            device = next(d for d in self._devices if d.id not in self._dead)
            told = say(device, at, self._reading(device, n), f"load-{n}", source=LOAD)
            found.append(replace(told, retain=False))
        self._told += max(0, owed)
        return found

    def _reading(self, device: Device, n: int) -> Reading:
        if device.profile == "camera":
            return CameraObject(track=f"load-{n}", label="person", phase="update", score=0.7)
        if device.profile == "access_gate":
            return GatePass(direction="in", method="remote", result="granted")
        return State(rssi=-float(self._rng.randrange(50, 90)))
