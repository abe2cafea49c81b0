"""One MQTT connection of a simulated device or a bridge, which comes back by itself."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

import aiomqtt

from devices.errors import BrokerError
from devices.model import Device
from simulators.timeline import seeded

_ACK = 15.0  # s to wait for an acknowledgement before connecting anew
_GRACE = 2.0  # s for a cancelled connection to be made, so that it can be ended
_BACKOFF = (0.2, 5.0)  # s
_LOG = logging.getLogger("shequ.simulators")


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
        self,
        broker: Broker,
        login: tuple[str, str],
        opening: asyncio.Semaphore,
        device: Device | None = None,
        bridge: str = "",
    ) -> None:
        self._broker, self._login, self._opening = broker, login, opening
        self._topic = f"shequ/v1/{device.estate}/{device.id}/availability" if device else None
        self._name = (
            device.id if device else f"sim-{login[0]}{bridge}"
        )  # a device's account fixes its client id
        self._client: aiomqtt.Client | None = None
        self._lock = asyncio.Lock()
        self.dead = False
        self.resent = 0  # messages that the broker may have had already when they were sent again

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
                        await _publish(self._client, topic, payload, retain=retain)
                        return began, monotonic()
                except (aiomqtt.MqttError, OSError) as exc:  # a TimeoutError is an OSError
                    await self._discard()
                    if patience is not None and monotonic() - began >= patience:
                        raise BrokerError(f"broker did not take {topic}: {exc}") from exc
                    failures += 1
                    self.resent += 1
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


async def _publish(client: aiomqtt.Client, topic: str, payload: bytes, *, retain: bool) -> None:
    """Wait for the acknowledgement, but not on a connection that has ended: aiomqtt would not notice."""
    gone = client._disconnected  # noqa: SLF001
    async with asyncio.timeout(_ACK) as patience:

        def give_up(_: asyncio.Future[None]) -> None:
            with suppress(RuntimeError):  # called a moment after the wait was over
                patience.reschedule(0.0)

        gone.add_done_callback(give_up)
        try:
            await client.publish(topic, payload, qos=1, retain=retain)
        finally:
            gone.remove_done_callback(give_up)


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
