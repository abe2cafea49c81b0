"""The wire: one MQTT connection for each device, and a player that walks virtual time.

Virtual time is carried by marker messages. The player publishes everything of one step,
waits for the broker's acknowledgements and only then says what time it is
(`shequ-platform/marker`), so a stalled machine makes a drill slower, never wrong.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol, Self

import aiomqtt
import msgspec

from devices.adapter import Wire
from devices.adapters import ADAPTERS
from devices.errors import BrokerError
from devices.model import Device
from simulators.community import Community
from simulators.link import Broker, Link
from simulators.load import Load
from simulators.timeline import Expected, Kind, Ledger, Sending, in_steps

MARKER = "shequ-platform/marker"
_OPENING = 32  # connections being opened at the same time
_SLIP = 1.0  # s behind schedule that are caught up; more only makes the drill longer
_LOG = logging.getLogger("shequ.simulators")

OnPublish = Callable[[Sending, float, float], None]
"""Called with a sending and the monotonic times of its publication and acknowledgement."""
Hold = Callable[[datetime], Awaitable[None]]
"""Awaited after each marker: a driver may hold virtual time until the platform has caught up."""


class Streams(Protocol):
    """Devices that speak over HTTP (simulators/streams.py)."""

    async def say(self, topic: str, payload: bytes) -> None:
        """Say something until the broker has it."""

    def cut(self, topic: str) -> None:
        """Break a connection."""


class Fleet:
    """All devices' connections and the gateway's; opened and closed as one."""

    def __init__(self, devices: Iterable[Device], broker: Broker, streams: Streams | None = None) -> None:
        opening = asyncio.Semaphore(_OPENING)
        devices = list(devices)
        self._links = {
            d.id: Link(broker, (d.id, broker.credentials[d.id]), opening, d)
            for d in devices
            if d.id in broker.credentials and d.dialect is None
        }
        self._streams = streams
        self._foreign = {d.id: d for d in devices if d.dialect is not None}
        self._gone: set[str] = set()  # foreign devices that fell silent
        spoken = {d.dialect for d in self._foreign.values() if broker.gateway}
        self._bridges = {
            dialect: Link(broker, broker.gateway, opening, bridge=f"-{dialect}")
            for dialect in spoken
            if dialect and broker.gateway
        }
        self.gateway = Link(broker, broker.gateway, opening) if broker.gateway else None
        self._stack = AsyncExitStack()

    def __getitem__(self, device: str) -> Link:
        return self._links[device]

    def __contains__(self, device: str) -> bool:
        return device in self._links

    async def __aenter__(self) -> Self:
        if self.gateway:
            self._stack.push_async_callback(self.gateway.close)
        for bridge in self._bridges.values():
            self._stack.push_async_callback(bridge.close)
        self._stack.push_async_callback(self._each, "close")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def connect(self) -> None:
        """Open every device's connection, some at a time; raises BrokerError."""
        try:
            await self._each("open")
        except* (aiomqtt.MqttError, OSError) as group:
            raise BrokerError(f"cannot connect the simulated devices: {group.exceptions[0]}") from group

    async def _each(self, what: str) -> None:
        async with asyncio.TaskGroup() as group:
            for name, link in self._links.items():
                group.create_task(getattr(link, what)(), name=f"{what} {name}")

    async def perform(self, sending: Sending, ledger: Ledger, on_publish: OnPublish | None = None) -> None:
        """Do one thing on the wire and note it."""
        if sending.device in self._foreign and sending.kind is not Kind.RAW:
            await self._through_bridge(sending, ledger, on_publish)
            return
        link = self.gateway if sending.kind is Kind.RAW else self._links.get(sending.device)
        if sending.kind is Kind.LOSE:
            ledger.lost += 1
        elif link is None or link.dead:
            _LOG.debug("nobody can send this", extra={"action": "skip", "device": sending.device})
        elif sending.kind in (Kind.CUT, Kind.DIE):
            ledger.cuts += 1
            await link.cut(back=sending.kind is Kind.CUT)
        else:
            topic, payload = sending.wire()
            began, acknowledged = await link.publish(topic, payload, retain=sending.retain)
            ledger.record(sending, began, acknowledged)
            if on_publish:
                on_publish(sending, began, acknowledged)

    async def _through_bridge(self, sending: Sending, ledger: Ledger, on_publish: OnPublish | None) -> None:
        """Do one thing of a device that speaks a dialect."""
        device = self._foreign[sending.device]
        if sending.kind is Kind.LOSE:
            ledger.lost += 1
        elif sending.device in self._gone:
            _LOG.debug("nobody can send this", extra={"action": "skip", "device": sending.device})
        elif sending.kind in (Kind.CUT, Kind.DIE):
            ledger.cuts += 1
            for wire in (sending.farewell or ())[: 1 if sending.kind is Kind.DIE else 2]:
                await self._say(device, wire)
            if sending.kind is Kind.DIE:
                self._gone.add(sending.device)
            elif self._streams and ADAPTERS[device.dialect or ""].transport == "http":
                self._streams.cut(
                    f"shequ-platform/stream/{device.dialect}/{device.foreign_name or device.id}"
                )
        elif sending.foreign is not None:
            began, acknowledged = await self._say(device, sending.foreign)
            ledger.record(sending, began, acknowledged)
            if on_publish:
                on_publish(sending, began, acknowledged)

    async def _say(self, device: Device, wire: Wire) -> tuple[float, float]:
        """Send a foreign message, over its dialect's bridge or over HTTP."""
        dialect = device.dialect or ""
        if ADAPTERS[dialect].transport == "mqtt":
            return await self._bridges[dialect].publish(wire.topic, wire.payload, retain=wire.retain)
        if self._streams is None:
            raise BrokerError(f"{dialect} is spoken over HTTP: give the fleet its streams")
        began = monotonic()
        await self._streams.say(wire.topic, wire.payload)
        return began, monotonic()

    async def mark(self, at: datetime, ledger: Ledger) -> None:
        """Say what time it is, virtually."""
        if self.gateway is None:
            raise BrokerError("markers need the gateway's login")
        await self.gateway.publish(MARKER, msgspec.json.encode({"at": at}))
        ledger.markers += 1


async def play(
    community: Community,
    broker: Broker,
    timeline: Iterable[Sending],
    *,
    start: datetime,
    end: datetime,
    speed: float,
    step: timedelta = timedelta(seconds=30),
    expected: tuple[Expected, ...] = (),
    rate: float = 0.0,
    on_publish: OnPublish | None = None,
    hold: Hold | None = None,
    ledger: Ledger | None = None,
    streams: Streams | None = None,
) -> Ledger:
    """Play a timeline step by step; `rate` adds harmless load, in messages per real second."""
    ledger = ledger or Ledger(expected_alerts=expected)
    load = Load(community, rate)
    async with Fleet(community.devices, broker, streams) as fleet:
        await fleet.mark(start, ledger)
        await fleet.connect()
        load.begin()
        origin = monotonic()
        for at, batch in in_steps(list(timeline), start, end, step):
            extra = load.due(at, {s.device for s in batch if s.kind is Kind.DIE})
            await _step(fleet, [*batch, *extra], ledger, on_publish)
            await fleet.mark(at, ledger)
            if hold:
                await hold(at)
            ahead = origin + (at - start).total_seconds() / speed - monotonic()
            if ahead > 0:
                await asyncio.sleep(ahead)
            elif ahead < -_SLIP:
                origin -= ahead + _SLIP
        ledger.resent = fleet.gateway.resent if fleet.gateway else 0
    return ledger


async def _step(fleet: Fleet, batch: list[Sending], ledger: Ledger, on_publish: OnPublish | None) -> None:
    """Publish one step: every device in its own order, all devices side by side."""
    lanes: dict[str, list[Sending]] = {}
    for sending in batch:
        lanes.setdefault("" if sending.kind is Kind.RAW else sending.device, []).append(sending)

    async def lane(sendings: list[Sending]) -> None:
        for sending in sendings:
            await fleet.perform(sending, ledger, on_publish)

    async with asyncio.TaskGroup() as group:
        for name, sendings in lanes.items():
            group.create_task(lane(sendings), name=f"play {name or 'gateway'}")


async def put_retained(broker: Broker, sendings: Iterable[Sending]) -> None:
    """Leave messages with the broker as retained, before the platform subscribes."""
    if broker.gateway is None:
        raise BrokerError("retained messages need the gateway's login")
    link = Link(broker, broker.gateway, asyncio.Semaphore(1))
    try:
        for sending in sendings:
            await link.publish(*sending.wire(), retain=True)
    finally:
        await link.close()
