"""Everything a fault may hurt, and what it may look at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from devices.model import Device
from simulators.chaos.pace import Pace
from simulators.chaos.wire import Wire
from simulators.stack.process import Server, Service
from simulators.timeline import Ledger, Sending

Detail = dict[str, Any]


@dataclass(kw_only=True)
class Site:
    """A running platform on a private stack, in a drill.

    `publish` sends prepared messages as fast as the broker takes them and returns once all are
    acknowledged. `wires` are named by both ends; a fault that needs one says so in its table.
    """

    servers: Mapping[str, Server]
    database: Service
    broker: Service
    wires: Mapping[str, Wire]
    disk: Path | None  # where the database's bounded disk is mounted
    clock: Path | None  # says by how much this machine's clock is wrong; None: it cannot be set
    pace: Pace
    speakers: tuple[Device, ...]  # who may speak without changing what must be raised
    ledger: Ledger
    rng: Random
    publish: Callable[[Iterable[Sending]], Awaitable[None]]
    gossip: Callable[[int], Awaitable[None]]  # write so many rows for the live feed
    console: tuple[str, int]
    token: str

    def among(self, names: Sequence[str]) -> list[Wire]:
        """The wires of these names."""
        return [self.wires[name] for name in names]
