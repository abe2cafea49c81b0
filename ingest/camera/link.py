"""One camera's MQTT connection: its own login, client id and last will; nothing is lost while it is away.

Messages wait in a bounded queue; when it is full, updates are given up before anything else. One
that was not acknowledged is sent again after the connection is back, under the same id.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime

import aiomqtt
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from devices.profile import Message
from devices.profiles.camera import PROFILE, CameraObject
from devices.reading import Reading, State
from ingest.camera.settings import Broker, Camera
from ingest.transport import broker_context

WAITING = 2_000  # messages, at most
PATIENCE = 15.0  # seconds to wait for the broker
FIRMWARE = "shequ-camera-1"
log = logging.getLogger(__name__)


class Outbox:
    """Messages that wait for the broker, in order, bounded."""

    def __init__(self, limit: int = WAITING) -> None:
        self._limit = limit
        self._waiting: deque[tuple[str, Message]] = deque()
        self._news = asyncio.Event()
        self.dropped = 0

    def add(self, channel: str, message: Message) -> None:
        """Queue a message for `event` or `state`."""
        if len(self._waiting) >= self._limit:
            self.dropped += 1
            spare = next((n for n, (_, m) in enumerate(self._waiting) if _is_update(m)), 0)
            del self._waiting[spare]
        self._waiting.append((channel, message))
        self._news.set()

    async def next(self) -> tuple[str, Message]:
        """Wait for the oldest message; it stays until `done`."""
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        return self._waiting[0]

    def done(self, message: Message) -> None:
        """Forget a message that the broker has."""
        if self._waiting and self._waiting[0][1] is message:
            self._waiting.popleft()


def _is_update(message: Message) -> bool:
    return isinstance(message.reading, State) or (
        isinstance(message.reading, CameraObject) and message.reading.phase == "update"
    )


class Link:
    """Publishes what one camera has to say, for as long as `run` runs."""

    def __init__(
        self,
        camera: Camera,
        broker: Broker,
        clock: Callable[[], datetime],
        hear: Callable[[bytes], None] = lambda _: None,
    ) -> None:
        """`hear` takes every configuration the registry publishes."""
        self.heartbeat, self._hear = camera.heartbeat, hear
        self._camera, self._broker, self._clock = camera, broker, clock
        self._root = f"shequ/v1/{camera.estate}/{camera.device}"
        self._outbox = Outbox()
        self._boot = format(int(clock().timestamp() * 1000), "x")
        self._sent = 0

    def say(self, reading: Reading, at: datetime) -> None:
        """Queue a reading; `at` is the moment it is about."""
        self._sent += 1
        channel = "state" if isinstance(reading, State) else "event"
        self._outbox.add(channel, Message(id=f"{self._boot}-{self._sent}", at=at, reading=reading))

    async def run(self) -> None:
        """Stay connected and publish, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat(), name=f"heartbeat {self._camera.device}")
            group.create_task(self._stay(), name=f"publish {self._camera.device}")

    async def _beat(self) -> None:
        while True:
            self.say(State(firmware=FIRMWARE), self._clock())
            await asyncio.sleep(self.heartbeat)

    async def _stay(self) -> None:
        while True:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type((aiomqtt.MqttError, OSError)),
                wait=wait_random_exponential(multiplier=0.5, max=30),
            ):
                with attempt:
                    await self._session()

    async def _session(self) -> None:
        """Connect, greet and publish until the connection breaks; returns if it had worked."""
        client = aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._camera.device,
            password=self._camera.password,
            identifier=self._camera.device,  # the account fixes it (ingest/broker_admin.py)
            will=aiomqtt.Will(f"{self._root}/availability", b"offline", 1, retain=True),
            timeout=PATIENCE,
            tls_context=broker_context(self._broker),
        )
        async with client:
            await client.publish(f"{self._root}/availability", b"online", qos=1, retain=True)
            log.info("camera %s: connected", self._camera.device, extra={"action": "camera.connected"})
            try:
                await client.subscribe(f"{self._root}/config", qos=1)
                await self._talk(client)
            except asyncio.CancelledError:
                async with asyncio.timeout(1.0):  # an orderly end has no last will: say it ourselves
                    await client.publish(f"{self._root}/availability", b"offline", qos=1, retain=True)
                raise
            except (aiomqtt.MqttError, OSError) as exc:
                log.warning(
                    "camera %s: connection lost: %s", self._camera.device, exc, extra={"action": "camera.cut"}
                )

    async def _talk(self, client: aiomqtt.Client) -> None:
        """Publish and listen until either breaks."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._publish(client), name=f"say {self._camera.device}")
                group.create_task(self._listen(client), name=f"hear {self._camera.device}")
        except* (aiomqtt.MqttError, OSError) as broken:
            raise _first(broken) from None

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            if isinstance(message.payload, bytes) and message.payload:
                self._hear(message.payload)

    async def _publish(self, client: aiomqtt.Client) -> None:
        while True:
            channel, message = await self._outbox.next()
            payload = PROFILE.encode(message)
            await client.publish(f"{self._root}/{channel}", payload, qos=1, retain=channel == "state")
            self._outbox.done(message)


def _first(broken: ExceptionGroup[aiomqtt.MqttError | OSError]) -> aiomqtt.MqttError | OSError:
    first = broken.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first
