"""The wire: one MQTT connection for each device, and a player that walks virtual time.

Virtual time is carried by marker messages. The player publishes everything of one step,
waits for the broker's acknowledgements and only then says what time it is
(`shequ-platform/marker`), so a stalled machine makes a drill slower, never wrong.
"""

from __future__ import annotations

import asyncio
import logging
import math
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Self

import aiomqtt
import msgspec

from devices.errors import BrokerError
from devices.model import Device
from simulators.community import Community
from simulators.load import Load
from simulators.timeline import Expected, Kind, Ledger, Sending, in_steps, seeded

MARKER = "shequ-platform/marker"
_OPENING = 32  # connections being opened at the same time
_ACK = 15.0  # s to wait for an acknowledgement before connecting anew
_GRACE = 2.0  # s for a cancelled connection to be made, so that it can be ended
_BACKOFF = (0.2, 5.0)  # s
_SLIP = 1.0  # s behind schedule that are caught up; more only makes the drill longer
_LOG = logging.getLogger("shequ.simulators")

OnPublish = Callable[[Sending, float, float], None]
"""Called with a sending and the monotonic times of its publication and acknowledgement."""
Hold = Callable[[datetime], Awaitable[None]]
"""Awaited after each marker: a driver may hold virtual time until the platform has caught up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Broker:
    """Where to connect, and as whom: passwords by device id, and the gateway's login."""

    host: str
    port: int
    credentials: Mapping[str, str]
    gateway: tuple[str, str] | None = None


class Link:
    """One connection that comes back by itself; a device's carries a last will."""

    def __init__(
        self, broker: Broker, login: tuple[str, str], opening: asyncio.Semaphore, device: Device | None = None
    ) -> None:
        self._broker, self._login, self._opening = broker, login, opening
        self._topic = f"shequ/v1/{device.estate}/{device.id}/availability" if device else None
        self._name = device.id if device else f"sim-{login[0]}"  # a device's account fixes its client id
        self._client: aiomqtt.Client | None = None
        self._lock = asyncio.Lock()
        self.dead = False

    async def open(self) -> None:
        """Connect, and greet as `online`."""
        will = aiomqtt.Will(self._topic, b"offline", 1, retain=True) if self._topic else None
        client = aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._login[0],
            password=self._login[1],
            identifier=self._name,
            will=will,
            timeout=math.inf,  # ours are asyncio.timeout: wait_for may swallow a cancellation
            logger=_LOG,
        )
        async with self._opening:
            await _enter(client, self._login[0])
        self._client = client
        if self._topic:
            async with asyncio.timeout(_ACK):
                await client.publish(self._topic, b"online", qos=1, retain=True)

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, patience: float | None = None
    ) -> tuple[float, float]:
        """Publish until the broker has acknowledged; returns when it began and when it was over.

        Raises BrokerError once `patience` seconds have passed in vain (never, without it).
        """
        began = monotonic()
        async with self._lock:
            failures = 0
            while True:
                try:
                    if self._client is None:
                        await self.open()
                    if self._client is not None:
                        async with asyncio.timeout(_ACK):
                            await self._client.publish(topic, payload, qos=1, retain=retain)
                        return began, monotonic()
                except (aiomqtt.MqttError, OSError) as exc:  # a TimeoutError is an OSError
                    await self._discard()
                    if patience is not None and monotonic() - began >= patience:
                        raise BrokerError(f"broker did not take {topic}: {exc}") from exc
                    failures += 1
                    await asyncio.sleep(_backoff(failures, self._login[0]))

    async def cut(self, *, back: bool) -> None:
        """Break the connection without a farewell, so that the last will speaks."""
        async with self._lock:
            if self._client is not None:
                inner = self._client._client  # noqa: SLF001 - aiomqtt offers no ungraceful end
                wire = inner.socket()
                if isinstance(wire, socket.socket):
                    with suppress(OSError):
                        wire.shutdown(socket.SHUT_RDWR)
                gone = self._client._disconnected  # noqa: SLF001
                await asyncio.wait([gone], timeout=_ACK)
                await self._discard()
            self.dead = not back
            if back:
                with suppress(aiomqtt.MqttError, OSError):  # publish() tries again
                    await self.open()

    async def close(self) -> None:
        """Disconnect with a farewell: no last will."""
        async with self._lock:
            await self._discard()

    async def _discard(self) -> None:
        """Give up the present connection, in whatever state it is."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(aiomqtt.MqttError, OSError):
                async with asyncio.timeout(_GRACE):
                    await client.__aexit__(None, None, None)
            gone = client._disconnected  # noqa: SLF001 - its exception must be looked at once
            if gone.done() and not gone.cancelled():
                gone.exception()


async def _enter(client: aiomqtt.Client, name: str) -> None:
    """Connect; a connection that is cancelled half-way is finished, then given up in order.

    aiomqtt cannot abandon one: its socket would stay with the loop and complain there.
    """
    entering = asyncio.create_task(client.__aenter__(), name=f"connect {name}")
    try:
        async with asyncio.timeout(_ACK):
            await asyncio.shield(entering)
    except (asyncio.CancelledError, TimeoutError):
        await asyncio.wait({entering}, timeout=_GRACE)
        if not entering.done():
            entering.cancel()
        elif entering.exception() is None:
            await client.__aexit__(None, None, None)
        raise


def _backoff(failures: int, name: str) -> float:
    """Exponential with full jitter."""
    first, most = _BACKOFF
    return seeded(name, failures).uniform(0, min(most, first * 2**failures)) + first / 2


class Fleet:
    """All devices' connections and the gateway's; opened and closed as one."""

    def __init__(self, devices: Iterable[Device], broker: Broker) -> None:
        opening = asyncio.Semaphore(_OPENING)
        self._links = {
            d.id: Link(broker, (d.id, broker.credentials[d.id]), opening, d)
            for d in devices
            if d.id in broker.credentials
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
) -> Ledger:
    """Play a timeline step by step; `rate` adds harmless load, in messages per real second."""
    ledger = ledger or Ledger(expected_alerts=expected)
    load = Load(community, rate)
    async with Fleet(community.devices, broker) as fleet:
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
