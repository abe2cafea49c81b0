"""`python -m ingest.streams`, `shequ streams`: follow the devices' HTTP streams until signalled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import aiomqtt
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from devices.errors import SettingError
from ingest.__main__ import run_until_signalled
from ingest.logs import set_up_logs
from ingest.settings import BrokerUrl, load
from ingest.streams.client import follow_all
from ingest.streams.settings import StreamSettings
from ingest.streams.source import read_streams
from ingest.transport import broker_context

log = logging.getLogger(__name__)

_ACK = 15.0  # seconds


class Publisher:
    """A connection to the broker that comes back by itself."""

    def __init__(self, url: BrokerUrl) -> None:
        self._url = url
        self._client: aiomqtt.Client | None = None
        self._lock = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: BrokerUrl) -> AsyncIterator[Self]:
        """Publish while the block runs."""
        publisher = cls(url)
        try:
            yield publisher
        finally:
            await publisher._close()

    async def __call__(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 1, however long the broker stays away."""
        attempts = AsyncRetrying(
            retry=retry_if_exception_type((aiomqtt.MqttError, OSError)),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            before_sleep=lambda _: log.warning("broker away", extra={"action": "stream_broker_retry"}),
        )
        async with self._lock:
            async for attempt in attempts:
                with attempt:
                    await self._publish(topic, payload)

    async def _publish(self, topic: str, payload: bytes) -> None:
        try:
            if self._client is None:
                client = aiomqtt.Client(
                    self._url.host,
                    self._url.port,
                    username=self._url.username,
                    password=self._url.password,
                    tls_context=broker_context(self._url),
                )
                await client.__aenter__()
                self._client = client
            await self._client.publish(topic, payload, qos=1, timeout=_ACK)
        except (aiomqtt.MqttError, OSError):
            await self._close()
            raise

    async def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            try:
                await client.__aexit__(None, None, None)
            except (aiomqtt.MqttError, OSError):
                log.debug("the broker was gone already", extra={"action": "stream_broker_gone"})


async def run(settings: StreamSettings) -> None:
    """Follow every stream of the file until cancelled."""
    if settings.streams is None:
        raise SettingError("SHEQU_STREAMS", "name the TOML file of the streams to follow")
    streams = read_streams(settings.streams)
    async with Publisher.open(BrokerUrl(settings.broker_url.get_secret_value())) as publish:
        log.info("following %d streams", len(streams), extra={"action": "streams_started"})
        await follow_all(streams, publish)


def main() -> None:
    """Entry point."""
    set_up_logs()
    run_until_signalled(run(load(StreamSettings)))


if __name__ == "__main__":
    main()
