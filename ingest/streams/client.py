"""Follow HTTP event streams for ever, and publish their parts with QoS 1.

One task per stream. A part is published, and acknowledged by the broker, before the next is
read: a broker that is away holds the stream back instead of losing from it. What a device says
while its connection is down is the device's to keep (Hikvision uploads it later as history).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from ingest.streams.multipart import Cutter, StreamError, boundary_of
from ingest.streams.source import Stream

log = logging.getLogger(__name__)

Publish = Callable[[str, bytes], Awaitable[None]]
"""Returns once the broker has acknowledged."""
CONNECT = 10.0  # seconds
PAUSE_MOST = 30.0  # seconds between two attempts


async def follow_all(streams: Iterable[Stream], publish: Publish) -> None:
    """Follow every stream until cancelled."""
    async with asyncio.TaskGroup() as group:
        for stream in streams:
            group.create_task(follow(stream, publish), name=f"stream.{stream.name}")


async def follow(stream: Stream, publish: Publish) -> None:
    """Follow one stream until cancelled: reconnect with growing, random pauses, short again after success."""
    while True:
        attempts = AsyncRetrying(
            retry=retry_if_exception_type((httpx.HTTPError, StreamError, TimeoutError)),
            wait=wait_random_exponential(multiplier=0.2, max=PAUSE_MOST),
            before_sleep=_say_retry(stream),
        )
        async for attempt in attempts:
            with attempt:
                parts = await _read(stream, publish)
        log.warning(
            "stream of %s ended after %d parts",
            stream.name,
            parts,
            extra={"action": "stream_ended", "device": stream.name},
        )
        await asyncio.sleep(0.1)


async def _read(stream: Stream, publish: Publish) -> int:
    """Read one connection to its end; answers how many parts it had, raises if it had none.

    Devices authenticate by digest. The time-out for reading is the longest silence that
    the make's heartbeats allow.
    """
    auth = httpx.DigestAuth(stream.username, stream.password) if stream.username else None
    timeout = httpx.Timeout(CONNECT, read=stream.kind.silence)
    parts = 0
    try:
        async with (
            httpx.AsyncClient(auth=auth, timeout=timeout, trust_env=False) as client,
            client.stream("GET", stream.address) as response,
        ):
            response.raise_for_status()
            cutter = Cutter(boundary_of(response.headers.get("content-type", "")))
            log.info("stream of %s open", stream.name, extra={"action": "stream_open", "device": stream.name})
            async for data in response.aiter_raw():
                for part in cutter.feed(data):
                    if stream.kind.wanted(part):
                        await publish(stream.topic, part.body)
                        parts += 1
    except (httpx.HTTPError, StreamError) as exc:
        if not parts:
            raise
        log.debug("stream of %s broke: %s", stream.name, exc, extra={"action": "stream_broke"})
    if not parts:
        raise StreamError("the stream ended before its first part")
    return parts


def _say_retry(stream: Stream) -> Callable[[RetryCallState], None]:
    """One line per failed attempt; an address or a password that is wrong shows here."""

    def say(state: RetryCallState) -> None:
        log.warning(
            "stream of %s: %s",
            stream.name,
            state.outcome and repr(state.outcome.exception()),
            extra={"action": "stream_retry", "device": stream.name},
        )

    return say
