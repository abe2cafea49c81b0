"""A device's own good credentials, and everything that its topics must not do with them.

The packets are written by hand: a client library would refuse to send most of them.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiomqtt
import pytest

from ingest.broker_admin import BrokerAdmin
from simulators.stack import Broker, Login

_serial = itertools.count(1)
PATIENCE_S: Final = 30
MARKER: Final = "shequ-platform/marker"
SAYS: Final = b"{}"  # the device, whatever the topic: an ingest of another test may send markers of its own


ENDS: Final = (
    b"", b"/", b"/+", b"/#", b"\x00/event", b"/event\x00", b"/ev\xed\xa0\x80nt", b"/\xff\xfe",
    b"/" + b"e" * 60_000, b"//event", b"/event/", b"/event/deeper", b"/../other/event", b"/command",
    b"/config",
)  # fmt: skip
FOREIGN: Final = (
    b"", b"#", b"+/+/+/+/+", b"shequ/v1/#", b"$SYS/broker/uptime", b"$CONTROL/dynamic-security/v1",
    b"homeassistant/x/config", b"zigbee2mqtt/x",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wire:
    """An MQTT 3.1.1 session of which every byte is ours."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def publish(self, topic: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        """Send a PUBLISH; says whether the broker is still there after it."""
        number = struct.pack(">H", 1) if qos else b""
        flags = 0x30 | qos << 1 | int(retain)
        await self._send(flags, _text(topic) + number + SAYS)
        await self._send(0xC0, b"")  # PINGREQ: a broker that hung up does not answer
        return await self._until(0xD0)

    async def will(self, login: Login, topic: bytes) -> bool:
        """Connect with a last will under this topic; says whether that was taken."""
        fields = _text(login.username.encode()) + _text(topic) + _text(SAYS)
        await self._send(0x10, _text(b"MQTT") + b"\x04\xce\x00\x3c" + fields + _names(login))
        return await self._until(0x20, b"\x00")

    async def connect(self, login: Login) -> bool:
        """Connect; says whether that was taken."""
        await self._send(
            0x10, _text(b"MQTT") + b"\x04\xc2\x00\x3c" + _text(login.username.encode()) + _names(login)
        )
        return await self._until(0x20, b"\x00")

    async def _send(self, kind: int, body: bytes) -> None:
        self.writer.write(bytes([kind]) + _length(len(body)) + body)
        await self.writer.drain()

    async def _until(self, kind: int, end: bytes = b"") -> bool:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    head = await self.reader.readexactly(2)
                    body = await self.reader.readexactly(head[1])
                    if head[0] == kind:
                        return body.endswith(end)
        except (asyncio.IncompleteReadError, ConnectionError):
            return False


def _text(content: bytes) -> bytes:
    return struct.pack(">H", len(content)) + content


def _names(login: Login) -> bytes:
    return _text(login.username.encode()) + _text(login.password.encode())


def _length(count: int) -> bytes:
    out = bytearray()
    while True:
        count, low = divmod(count, 128)
        out.append(low | (0x80 if count else 0))
        if not count:
            return bytes(out)


@asynccontextmanager
async def wire(broker: Broker) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection(broker.address.host, broker.address.port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


def tricks(estate: str, device: str) -> list[bytes]:
    """Topics that look like the device's own, and everything else it might try."""
    own = f"shequ/v1/{estate}/{device}".encode()
    made = [b"$share/g/%b/event", b"$%b/event", b"/%b/event", *(b"%%b%b" % end for end in ENDS)]
    others = [
        f"shequ/v1/{estate}/other/event", f"shequ/v1/other/{device}/event", MARKER,
        f"shequ/v2/{estate}/{device}/event",
        f"shequ/v1/{estate}/{device}x/event", f"shequ/v1/+/{device}/event",
    ]  # fmt: skip
    return [*FOREIGN, own.upper() + b"/event", *(form % own for form in made), *map(str.encode, others)]


@pytest.fixture
async def device(broker: Broker) -> Login:
    name = f"trick-{os.getpid()}-{next(_serial)}"
    async with BrokerAdmin.connect(broker.address, broker.admin) as admin:
        return Login(name, await admin.add_device(name, name))


@asynccontextmanager
async def ear(broker: Broker, device: Login) -> AsyncIterator[aiomqtt.Client]:
    """The platform's account, listening to all it may."""
    async with aiomqtt.Client(
        broker.address.host, broker.address.port, username=broker.ingest.username,
        password=broker.ingest.password, identifier=f"ear-{device.username}",
    ) as client:  # fmt: skip
        for topic in ("#", "shequ/v1/#", "shequ-platform/#"):
            await client.subscribe(topic, qos=1)
        yield client


async def heard(client: aiomqtt.Client, device: Login) -> list[str]:
    """What arrived, without others' markers, up to a marker that comes behind everything sent before it."""
    await client.publish(MARKER, device.username.encode(), qos=1)
    arrived: list[str] = []
    async with asyncio.timeout(PATIENCE_S):
        async for message in client.messages:
            if message.topic.value == MARKER and message.payload == device.username.encode():
                return arrived
            if message.topic.value != MARKER or message.payload == SAYS:
                arrived.append(message.topic.value)
    raise AssertionError("the marker never came")


async def test_no_topic_takes_a_device_beyond_its_own(broker: Broker, device: Login) -> None:
    own = f"shequ/v1/{device.username}/{device.username}/event"
    async with ear(broker, device) as client:
        for topic in tricks(device.username, device.username):
            for retain in (False, True):
                async with wire(broker) as line:
                    assert await line.connect(device)
                    await line.publish(topic, retain=retain)
        async with wire(broker) as line:
            assert await line.connect(device), "the broker is still there, and so is the account"
            assert await line.publish(own.encode())
        told = [topic for topic in await heard(client, device) if device.username in topic or topic == MARKER]
    assert told == [own]


async def test_a_last_will_says_nothing_elsewhere(broker: Broker, device: Login) -> None:
    async with ear(broker, device) as client:
        own = f"shequ/v1/{device.username}/{device.username}/availability"
        for topic in (
            f"shequ/v1/{device.username}/other/availability",
            MARKER,
            "shequ/v1/other/x/event",
            own,
        ):
            async with wire(broker) as line:
                await line.will(device, topic.encode())  # hanging up without a word sets it off
        async with asyncio.timeout(PATIENCE_S):  # a line that broke is noticed in the broker's own time
            while (first := await anext(client.messages)).topic.value != own:
                assert device.username not in first.topic.value
                assert not first.topic.value.startswith("shequ/v1/other/")
                assert (first.topic.value, first.payload) != (MARKER, SAYS)
        told = [
            topic for topic in await heard(client, device) if device.username in topic or "other" in topic
        ]
        assert told == []
