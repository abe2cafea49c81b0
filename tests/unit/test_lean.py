"""The lean client reads a PUBLISH as paho does, and is asked by paho at all."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.exception import MalformedPacket
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.lean import CHUNK, LeanClient, Publish, find_body, read_publish


def _properties(expiry: int | None, pairs: list[tuple[str, str]]) -> bytes:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's own gap
    if expiry is not None:
        properties.MessageExpiryInterval = expiry
    if pairs:
        properties.UserProperty = pairs
    return bytes(properties.pack())  # type: ignore[no-untyped-call]


def _packet(topic: bytes, mid: int, properties: bytes, payload: bytes, qos: int) -> bytes:
    number = mid.to_bytes(2, "big") if qos else b""
    return len(topic).to_bytes(2, "big") + topic + number + properties + payload


def _as_paho_reads(header: int, packet: bytes) -> Publish:
    """Ask paho itself, by the method that the lean client stands in for."""
    heard: list[mqtt.MQTTMessage] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, manual_ack=True)
    client.on_message = lambda _client, _data, message: heard.append(message)
    client._in_packet |= {"command": header, "packet": bytearray(packet)}
    assert client._handle_publish() is mqtt.MQTT_ERR_SUCCESS
    (message,) = heard
    return Publish(message.topic, bytes(message.payload), message.mid, message.dup, message.retain)


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@given(
    topic=_TEXT.filter(bool),
    payload=st.binary(max_size=300),
    mid=st.integers(1, 65535),
    qos=st.sampled_from((0, 1)),
    bits=st.tuples(st.booleans(), st.booleans()),
    expiry=st.none() | st.integers(0, 2**32 - 1),
    pairs=st.lists(st.tuples(_TEXT, _TEXT), max_size=6),
)
@example("t", b"", 1, 1, (True, True), 5, [("k" * 40, "v" * 40)] * 6)  # a length of two bytes
def test_it_reads_what_paho_reads(
    topic: str,
    payload: bytes,
    mid: int,
    qos: int,
    bits: tuple[bool, bool],
    expiry: int | None,
    pairs: list[tuple[str, str]],
) -> None:
    again, retained = bits
    header = 0x30 | again << 3 | qos << 1 | retained
    packet = _packet(topic.encode(), mid, _properties(expiry, pairs), payload, qos)
    assert read_publish(header, packet) == _as_paho_reads(header, packet)


@pytest.mark.parametrize(
    "packet",
    [b"", b"\0", b"\0\1", b"\0\1t", b"\0\1t\0", b"\0\1t\0\1", b"\0\1t\0\1\x80", b"\0\1t\0\1\5abc"],
)
def test_what_ends_too_soon_is_malformed(packet: bytes) -> None:
    with pytest.raises(MalformedPacket):
        read_publish(0x32, packet)


def test_a_topic_that_is_no_text_keeps_what_can_be_read() -> None:
    assert read_publish(0x30, b"\0\3a\xffb\0x").topic == "a\N{REPLACEMENT CHARACTER}b"


def test_paho_asks_it_for_every_publish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paho's next release may name its method otherwise: then this fails, and nothing else would."""
    heard: list[Publish] = []
    client = LeanClient(heard.append, client_id="lean")
    packet = _packet(b"t", 7, b"\0", b"x", 1)
    incoming: list[Any] = [bytes([0x32]), bytes([len(packet)]), packet]
    monkeypatch.setattr(client, "_sock_recv", lambda _most: incoming.pop(0))
    assert client._packet_read() is mqtt.MQTT_ERR_SUCCESS
    assert heard == [Publish("t", b"x", 7, again=False, retained=False)]


# ------------------------------------------------------------------ from a socket, by the chunk
class Line:
    """A lean client at one end of a socket pair; the broker is the other end."""

    def __init__(self) -> None:
        self.heard: list[Publish] = []
        self.closed: list[Any] = []
        self.client = LeanClient(self.heard.append, client_id="lean")
        self.client.on_disconnect = lambda *_: self.closed.append(True)
        self.client.on_socket_register_write = lambda *_: None  # as ingest: the event loop writes
        self.broker = self.connect()

    def connect(self) -> socket.socket:
        """Give the client another connection."""
        broker, ours = socket.socketpair()
        for end in (broker, ours):
            end.setblocking(False)  # noqa: FBT003 - the socket's own signature
        self.client._sock = ours
        self.client._call_socket_open(ours)
        return broker

    def close(self) -> None:
        """Close both ends."""
        self.broker.close()
        self.client._sock_close()


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


def _framed(header: int, body: bytes) -> bytes:
    size, length = len(body), bytearray()
    while True:
        size, digit = divmod(size, 128)
        length.append(digit | (0x80 if size else 0))
        if not size:
            return bytes([header]) + length + body


def _sent(n: int, size: int) -> bytes:
    return _framed(0x32, _packet(f"t{n}".encode(), n + 1, b"\0", b"x" * size, 1))


PINGRESP = b"\xd0\0"


@given(sizes=st.lists(st.integers(0, 400), max_size=12), cuts=st.lists(st.integers(1, 300), max_size=40))
def test_however_the_stream_is_cut_every_message_is_heard_once_and_in_order(
    sizes: list[int], cuts: list[int]
) -> None:
    """Other packets lie between them, and paho takes those."""
    stream = b"".join(_sent(n, size) + PINGRESP for n, size in enumerate(sizes))
    line = Line()
    for cut in (*cuts, len(stream) + 1):
        piece, stream = stream[:cut], stream[cut:]
        if piece:
            line.broker.send(piece)
            line.client.read()
    line.close()
    assert not line.closed
    assert [(h.topic, len(h.payload), h.mid) for h in line.heard] == [
        (f"t{n}", size, n + 1) for n, size in enumerate(sizes)
    ]


def test_one_turn_reads_one_chunk(line: Line) -> None:
    """However much waits, the event loop goes on to others after it; the rest is for the next turn."""
    size = CHUNK // 4
    for n in range(6):
        line.broker.send(_sent(n, size))
    line.client.read()
    assert len(line.heard) == 3  # with their headers four are more than a chunk
    line.client.read()
    assert [h.mid for h in line.heard] == [1, 2, 3, 4, 5, 6]


def test_acknowledgements_go_in_order_and_in_one_write(line: Line) -> None:
    line.client.acknowledge(iter((1, 300, 65535)))
    assert len(line.client._out_packet) == 1
    line.client.loop_write()
    assert line.broker.recv(100) == b"\x40\2\0\1" + b"\x40\2\1\x2c" + b"\x40\2\xff\xff"
    line.client.acknowledge(())
    assert not line.client.want_write()


def test_a_malformed_publish_ends_the_connection_and_not_the_messages_before_it(line: Line) -> None:
    line.broker.send(_sent(0, 1) + _framed(0x32, b"\0\5a") + _sent(1, 1))
    line.client.read()
    assert [h.mid for h in line.heard] == [1]
    assert line.closed


def test_the_end_of_the_connection_is_noticed(line: Line) -> None:
    line.broker.close()
    line.client.read()
    assert line.closed


def test_what_is_left_of_a_lost_connection_spoils_nothing_of_the_next(line: Line) -> None:
    line.broker.send(_sent(0, 1) + _framed(0x32, b"\0\5a") + _sent(1, 1)[:5])
    line.client.read()
    line.broker.close()
    line.broker = line.connect()
    line.broker.send(_sent(7, 1))
    line.client.read()
    assert [h.mid for h in line.heard] == [1, 8]


@pytest.mark.parametrize("data", [b"\x32", b"\x32\x80", b"\x32\x02a", b"\x32\x80\x80\x80\x80\1"])
def test_what_is_not_whole_has_no_body(data: bytes) -> None:
    assert find_body(data, 0) is None
