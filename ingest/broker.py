"""The ingest session with the broker: the only file of the hot path that imports paho.

paho is driven by the event loop (reader and writer callbacks on its socket), because
it can leave the acknowledgement to us (`manual_ack`), which is design law 1: a message
is acknowledged after the transaction that holds it has committed. The session is
persistent (clean start off, fixed client id), so that what was not acknowledged comes
again, to this process or to the next. The broker never sends more than `window`
messages ahead: that is the whole of the backpressure towards the devices.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from devices.canary import FILTER
from devices.errors import BrokerError
from ingest.clock import Clock
from ingest.lanes import Lanes
from ingest.message import RawMessage
from ingest.settings import BrokerUrl

log = logging.getLogger(__name__)

MARKER = "shequ-platform/marker"
TOPICS = ("shequ/v1/+/+/event", "shequ/v1/+/+/state", "shequ/v1/+/+/availability", MARKER, FILTER)
KEEPALIVE = 20  # seconds
FOREVER = 0xFFFFFFFF  # seconds: MQTT 5's session that does not expire


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How to hold the session; `window` is MQTT 5's receive maximum."""

    url: BrokerUrl
    client_id: str
    window: int
    foreign: tuple[str, ...] = ()  # other dialects' topics: the native ones do without them


class Session:
    """A persistent subscription whose messages wait for `ack`."""

    def __init__(self, settings: SessionSettings, clock: Clock, on_marker: Callable[[bytes], None]) -> None:
        self._settings = settings
        self._on_marker = on_marker
        self._clock = clock
        self._waiting = Lanes()
        self._arrival = asyncio.Event()
        self._lost = asyncio.Event()
        self.hears = asyncio.Event()  # the broker keeps everything for us from now on
        self._generation = 0
        self._loop = asyncio.get_running_loop()
        self._client = self._make_client()

    # ------------------------------------------------------------------ what the pipeline calls
    @property
    def connected(self) -> bool:
        """Whether the broker is there right now."""
        return self._client.is_connected()

    async def take(self, most: int, company: float) -> list[RawMessage]:
        """Wait for a message, then up to `company` seconds for others, and take at most `most`.

        What is about life waits for no company.
        """
        while not self._waiting:
            self._arrival.clear()
            await self._arrival.wait()
        if company and len(self._waiting) < most and not self._waiting.urgent:
            await asyncio.sleep(company)
        return self._waiting.take(most)

    def ack(self, messages: Sequence[RawMessage]) -> None:
        """Acknowledge, in order of arrival; deliveries of a lost connection are passed over."""
        for mid in self._waiting.answer(m for m in messages if m.session == self._generation):
            self._client.ack(mid, 1)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message with QoS 1; without a connection nothing is sent and nothing is kept."""
        if self.connected:
            self._client.publish(topic, payload, qos=1, retain=retain)

    # ------------------------------------------------------------------ connection
    async def run(self) -> None:
        """Hold the connection until cancelled; reconnect with growing, random pauses."""
        attempts = AsyncRetrying(
            retry=retry_if_exception_type((OSError, BrokerError)),
            wait=wait_random_exponential(multiplier=0.2, max=10),
            before_sleep=lambda state: log.warning(
                "broker away: %s",
                state.outcome and state.outcome.exception(),
                extra={"action": "broker_retry"},
            ),
        )
        while True:
            async for attempt in attempts:
                with attempt:
                    await self._connect()
            await self._lost.wait()
            log.warning("broker connection lost", extra={"action": "broker_lost"})

    async def _connect(self) -> None:
        self._lost.clear()
        url = self._settings.url
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's own gap
        properties.SessionExpiryInterval = FOREVER
        properties.ReceiveMaximum = self._settings.window
        self._greeting: asyncio.Future[None] = self._loop.create_future()
        # The TCP handshake blocks: it belongs in a thread; from then on the socket is the loop's.
        await asyncio.to_thread(
            self._client.connect, url.host, url.port, KEEPALIVE, clean_start=False, properties=properties
        )
        self._watch_socket()
        async with asyncio.timeout(KEEPALIVE):
            await self._greeting

    def close(self) -> None:
        """Leave: the session stays with the broker, and what is unacknowledged comes again."""
        self._client.disconnect()
        self._client.loop_misc()

    def _make_client(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._settings.client_id,
            protocol=mqtt.MQTTv5,
            manual_ack=True,
        )
        client.username_pw_set(self._settings.url.username, self._settings.url.password)
        if self._settings.url.tls:
            client.tls_set()
        client.max_inflight_messages_set(self._settings.window)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_register_write
        client.on_socket_unregister_write = self._on_unregister_write
        return client

    # ------------------------------------------------------------------ paho on the event loop
    def _watch_socket(self) -> None:
        socket = self._client.socket()
        if socket is None:
            raise BrokerError("the connection closed at once")
        self._loop.add_reader(socket, self._client.loop_read, 1000)
        self._follow_writes()
        self._misc = self._loop.call_later(1, self._tick)

    def _tick(self) -> None:
        """Once a second: keep-alives and time-outs."""
        if self._client.loop_misc() is mqtt.MQTT_ERR_SUCCESS:
            self._misc = self._loop.call_later(1, self._tick)

    def _on_socket_close(self, _client: mqtt.Client, _data: Any, socket: Any) -> None:
        self._loop.remove_reader(socket)
        self._loop.remove_writer(socket)
        self._misc.cancel()

    def _on_register_write(self, _client: mqtt.Client, _data: Any, _socket: Any) -> None:
        self._loop.call_soon_threadsafe(self._follow_writes)

    def _on_unregister_write(self, _client: mqtt.Client, _data: Any, _socket: Any) -> None:
        self._loop.call_soon_threadsafe(self._follow_writes)

    def _follow_writes(self) -> None:
        """Watch the socket for room as long as there is something to write; it may be gone by now."""
        socket = self._client.socket()
        if socket is None or socket.fileno() < 0:
            return
        if self._client.want_write():
            self._loop.add_writer(socket, self._client.loop_write)
        else:
            self._loop.remove_writer(socket)

    def _on_connect(
        self, client: mqtt.Client, _data: Any, flags: mqtt.ConnectFlags, code: ReasonCode, _properties: Any
    ) -> None:
        if code.is_failure:
            self._greeting.set_exception(BrokerError(f"the broker refused ingest: {code}"))
            return
        self._waiting.renew(self._generation)
        self._generation += 1
        options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
        client.subscribe([(topic, options) for topic in (*TOPICS, *self._settings.foreign)])
        log.info("broker connected", extra={"action": "broker_connected", "resumed": flags.session_present})
        self._greeting.set_result(None)

    def _on_subscribe(
        self, _client: mqtt.Client, _data: Any, _mid: int, codes: Any, _properties: Any
    ) -> None:
        refused = [str(code) for code in codes[: len(TOPICS)] if code.is_failure]
        if refused:
            log.error("the broker refused a subscription: %s", refused, extra={"action": "broker_refused"})
            return
        deaf = [t for t, c in zip(self._settings.foreign, codes[len(TOPICS) :], strict=True) if c.is_failure]
        if deaf:
            log.warning(
                "the broker lets ingest hear no %s", ", ".join(deaf), extra={"action": "dialect_refused"}
            )
        self.hears.set()

    def _on_disconnect(self, *_: Any) -> None:
        if not self._greeting.done():
            self._greeting.set_exception(BrokerError("the broker closed the connection before its greeting"))
        self._lost.set()

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        topic, payload = message.topic, bytes(message.payload)  # paho decodes a topic whenever it is asked
        if topic == MARKER:
            self._on_marker(payload)
        self._waiting.put(
            RawMessage(
                topic=topic,
                payload=payload,
                received_at=self._clock(),
                retained=message.retain,
                again=message.dup,
                session=self._generation,
                mid=message.mid,
            )
        )
        self._arrival.set()


@asynccontextmanager
async def open_session(
    settings: SessionSettings, clock: Clock, on_marker: Callable[[bytes], None]
) -> AsyncIterator[Session]:
    """Hold a session while the block runs."""
    session = Session(settings, clock, on_marker)
    async with asyncio.TaskGroup() as group:
        keeper = group.create_task(session.run(), name="ingest.broker")
        try:
            yield session
        finally:
            keeper.cancel()
            session.close()
