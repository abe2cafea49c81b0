"""Simulated devices that speak over HTTP: one server on this machine, one endless answer for each device.

HTTP acknowledges nothing, so `say` watches the broker until the stream client has published what was
said; where a connection breaks in between it says it again, as devices do that keep a history. Whatever
is said bears a time, so that saying it twice changes nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import Self

import aiomqtt

from simulators.link import Broker

PREFIX = "shequ-platform/stream"
_PATIENCE = 5.0  # s for what was said to come out at the broker
_PICTURE = b"\xff\xd8\xff\xe0 not a picture, but as long as nobody looks \xff\xd9"
_TYPES = {b"{": 'application/json; charset="UTF-8"', b"<": 'application/xml; charset="UTF-8"'}
_BOUNDARY = {"hikvision": "MIME_boundary", "dahua": "myboundary"}


class StreamHouse:
    """The HTTP server; `address(dialect, name)` is a device's."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._stack = AsyncExitStack()
        self._speakers: dict[str, asyncio.StreamWriter] = {}
        self._came = asyncio.Condition()
        self._waiting: dict[tuple[str, bytes], asyncio.Event] = {}
        self._handlers: set[asyncio.Task[None]] = set()
        self._port = 0
        self.parts = 0

    def address(self, dialect: str, name: str) -> str:
        """Where a device answers."""
        return f"http://127.0.0.1:{self._port}/{dialect}/{name}"

    async def __aenter__(self) -> Self:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        self._stack.push_async_callback(self._close, server)
        assert self._broker.gateway is not None, "the echo needs the gateway's login"  # noqa: S101
        client = aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.gateway[0],
            password=self._broker.gateway[1],
        )
        await self._stack.enter_async_context(client)
        await client.subscribe(f"{PREFIX}/+/+", qos=1)
        listener = asyncio.create_task(self._listen(client), name="streams.echo")
        self._stack.callback(listener.cancel)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _close(self, server: asyncio.Server) -> None:
        server.close()
        for writer in list(self._speakers.values()):
            writer.transport.abort()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            heard = self._waiting.get((str(message.topic), bytes(message.payload)))
            if heard is not None:
                heard.set()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Greet a client and keep its connection until it goes."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs this in a task
        self._handlers.add(task)
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()
            dialect, _, name = request.strip("/").partition("/")
            head = (
                f'HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary="{_BOUNDARY[dialect]}"\r\n\r\n'
            )
            writer.write(head.encode())
            topic = f"{PREFIX}/{dialect}/{name}"
            self._speakers[topic] = writer
            async with self._came:
                self._came.notify_all()
            await reader.read()  # until the client closes
        except (OSError, asyncio.IncompleteReadError, KeyError):
            pass
        finally:
            self._handlers.discard(task)
            for topic in [topic for topic, w in self._speakers.items() if w is writer]:
                del self._speakers[topic]
            writer.transport.abort()

    async def say(self, topic: str, payload: bytes) -> None:
        """Say something on a device's stream, until the broker has it."""
        heard = self._waiting[topic, payload] = asyncio.Event()
        try:
            while not heard.is_set():
                async with self._came:
                    await self._came.wait_for(lambda: topic in self._speakers)
                with suppress(OSError, TimeoutError):
                    self._write(topic, payload)
                    async with asyncio.timeout(_PATIENCE):
                        await heard.wait()
        finally:
            del self._waiting[topic, payload]

    def _write(self, topic: str, payload: bytes) -> None:
        """One part; now and then a picture comes along, which stays where it is."""
        writer, dialect = self._speakers[topic], topic.split("/")[2]
        self.parts += 1
        parts = [(_TYPES.get(payload[:1], "text/plain"), payload)]
        if self.parts % 5 == 0:
            parts.append(("image/jpeg", _PICTURE))
        for type_, body in parts:
            head = f"--{_BOUNDARY[dialect]}\r\nContent-Type: {type_}\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body + b"\r\n")

    def cut(self, topic: str) -> None:
        """Break a device's connection; its client comes back."""
        writer = self._speakers.pop(topic, None)
        if writer is not None:
            writer.transport.abort()
