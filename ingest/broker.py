"""The ingest session with the broker; with `ingest.lean` the only file of the hot path that imports paho.

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
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from devices.canary import FILTER
from devices.errors import BrokerError
from ingest.clock import Clock
from ingest.lanes import Lanes
from ingest.lean import LeanClient, Publish
from ingest.message import RawMessage
from ingest.settings import BrokerUrl
from ingest.transport import broker_context

log = logging.getLogger(__name__)

MARKER = "shequ-platform/marker"
TOPICS = ("shequ/v1/+/+/event", "shequ/v1/+/+/state", "shequ/v1/+/+/availability", MARKER, FILTER)
KEEPALIVE = 20  # seconds
FOREVER = 0xFFFFFFFF  # seconds: MQTT 5's session that does not expire
HEARD_ONCE = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How to hold the session; `window` is MQTT 5's receive maximum."""

    url: BrokerUrl
    client_id: str
    window: int
    foreign: tuple[str, ...] = ()  # other dialects' topics: the native ones do without them
    kept: int = FOREVER  # seconds the broker holds the session of a client that is away


class Session:
    """A persistent subscription whose messages wait for `ack`."""

    def __init__(
        self,
        settings: SessionSettings,
        clock: Clock,
        on_marker: Callable[[bytes], None],
        arrival: asyncio.Event,
    ) -> None:
        self._settings = settings
        self._on_marker = on_marker
        self._clock = clock
        self.waiting = Lanes()
        self._arrival = arrival
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

    def ack(self, messages: Iterable[RawMessage]) -> None:
        """Acknowledge, in order of arrival; deliveries of a lost connection are passed over."""
        self._client.acknowledge(self.waiting.answer(m for m in messages if m.session == self._generation))

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
        properties.SessionExpiryInterval = self._settings.kept
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

    def _make_client(self) -> LeanClient:
        client = LeanClient(self._on_message, client_id=self._settings.client_id)
        client.username_pw_set(self._settings.url.username, self._settings.url.password)
        if context := broker_context(self._settings.url):
            client.tls_set_context(context)
        client.max_inflight_messages_set(self._settings.window)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
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
        self._loop.add_reader(socket, self._read)
        self._follow_writes()
        self._misc = self._loop.call_later(1, self._tick)

    def _read(self) -> None:
        """Read what came; of what is left of a TLS record the socket tells nothing."""
        self._client.read()
        while isinstance(socket := self._client.socket(), ssl.SSLSocket) and socket.pending():
            self._client.read()

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
        self.waiting.renew(self._generation)
        self._generation += 1
        self._subscribe(client, resumed=flags.session_present)
        log.info("broker connected", extra={"action": "broker_connected", "resumed": flags.session_present})
        self._greeting.set_result(None)

    def _subscribe(self, client: mqtt.Client, *, resumed: bool) -> None:  # noqa: ARG002 - for who must know
        client.subscribe([(topic, HEARD_ONCE) for topic in (*TOPICS, *self._settings.foreign)])

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

    def _on_message(self, heard: Publish) -> None:
        if heard.topic == MARKER:
            self._on_marker(heard.payload)
        self._put(
            RawMessage(
                topic=heard.topic,
                payload=heard.payload,
                received_at=self._clock(),
                retained=heard.retained,
                again=heard.again,
                session=self._generation,
                mid=heard.mid,
            )
        )
        self._arrival.set()

    def _put(self, message: RawMessage) -> None:
        self.waiting.put(message)


SessionT = TypeVar("SessionT", bound=Session)


@asynccontextmanager
async def holding(session: SessionT) -> AsyncIterator[SessionT]:
    """Hold a session while the block runs."""
    async with asyncio.TaskGroup() as group:
        keeper = group.create_task(session.run(), name="ingest.broker")
        try:
            yield session
        finally:
            keeper.cancel()
            session.close()
