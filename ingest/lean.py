"""paho without what ingest never reads: MQTT 5 properties cost it half of its time per message.

For every PUBLISH paho builds a `Properties` object of twenty-seven dictionary entries and a message object
with two locks, and asks a tree of filters who wants it. Ingest wants all, and reads no property. So this
client reads the socket by the chunk, not by the byte, and hands over the parts of each PUBLISH that lies
whole in it. All else (connecting, keep-alive, subscriptions, TLS, every other packet) is paho's own. See
docs/adr/070-lean-client.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.exception import MalformedPacket

CHUNK: Final = 64 * 1024  # bytes read in one turn of the event loop: some 300 messages, two milliseconds
PUBACK: Final = b"\x40\x02"  # and two bytes of packet identifier: success (MQTT 5, 3.4)


class Publish(NamedTuple):
    """What a PUBLISH packet says; `mid` is 0 with QoS 0. A topic that is no UTF-8 keeps its readable part."""

    topic: str
    payload: bytes
    mid: int
    again: bool
    retained: bool


def read_publish(header: int, packet: bytes | bytearray) -> Publish:
    """Read an MQTT 5 PUBLISH from its first byte and what follows its length (MQTT 5, 3.3).

    Raises MalformedPacket where its parts run out of it.
    """
    try:
        at = 2 + (packet[0] << 8 | packet[1])
        topic = packet[2:at].decode(errors="replace")
        mid = 0
        if header & 0b0110:
            mid = packet[at] << 8 | packet[at + 1]
            at += 2
        skipped = shift = 0
        while True:
            byte = packet[at]
            at += 1
            skipped |= (byte & 127) << shift
            if byte < 128:  # noqa: PLR2004 - the last byte of a length has no top bit
                break
            shift += 7
    except IndexError:
        raise MalformedPacket("a PUBLISH ends before its payload") from None
    at += skipped
    if at > len(packet):
        raise MalformedPacket("a PUBLISH ends inside its properties")
    return Publish(topic, bytes(packet[at:]), mid, bool(header & 0b1000), bool(header & 1))


def find_body(data: bytes, at: int) -> tuple[int, int] | None:
    """Find where the body of the packet at `at` begins and ends; None where it is not whole yet."""
    size = 0
    for n, byte in enumerate(data[at + 1 : at + 5]):
        size |= (byte & 127) << 7 * n
        if byte < 128:  # noqa: PLR2004 - the last byte of a length has no top bit
            begins = at + 2 + n
            return (begins, begins + size) if begins + size <= len(data) else None
    return None


class LeanClient(mqtt.Client):
    """paho's client, for a subscriber that takes everything with QoS 0 or 1 and acknowledges by hand."""

    def __init__(self, on_publish_heard: Callable[[Publish], None], **options: Any) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, manual_ack=True, **options)
        self._hand_over = on_publish_heard
        self._came = b""  # from the socket
        self._at = 0  # up to here it has been taken in
        self._may_read = False  # the socket, in this turn
        self.on_socket_open = self._begin

    def read(self) -> None:
        """Take in what has come, at most CHUNK bytes of it: then it is others' turn."""
        self._may_read = True
        while self._may_read or self._at < len(self._came):
            if not self._take_publish() and self.loop_read() is not mqtt.MQTT_ERR_SUCCESS:
                return

    def acknowledge(self, mids: Iterable[int]) -> None:
        """Acknowledge these messages, in this order, in one write."""
        answers = [PUBACK + mid.to_bytes(2, "big") for mid in mids]
        if answers:
            self._packet_queue(mqtt.PUBACK, b"".join(answers), 0, 1)

    def _take_publish(self) -> bool:
        """Hand over the next packet if it is a PUBLISH, sound and whole; paho takes every other."""
        data, at = self._came, self._at
        if at == len(data) or data[at] >> 4 != mqtt.PUBLISH >> 4 or self._in_packet["command"]:
            return False
        body = find_body(data, at)
        if body is None:
            return False
        begins, ends = body
        try:
            heard = read_publish(data[at], data[begins:ends])
        except MalformedPacket:
            return False  # paho complains, and closes the connection
        self._at = ends
        self._hand_over(heard)
        return True

    def _begin(self, *_: Any) -> None:
        """Another connection: what was left of the one before is no beginning of anything."""
        self._came, self._at = b"", 0

    def _sock_recv(self, bufsize: int) -> bytes:
        """Stand in for paho's method of this name: from what came, and from the socket once in a turn."""
        if self._at == len(self._came):
            if not self._may_read:
                raise BlockingIOError
            self._may_read = False
            self._came, self._at = super()._sock_recv(CHUNK), 0
        part = self._came[self._at : self._at + bufsize]
        self._at += len(part)
        return part

    def _handle_publish(self) -> MQTTErrorCode:
        """Stand in for paho's method of this name: a test compares the two, another that it is asked."""
        self._hand_over(read_publish(self._in_packet["command"], self._in_packet["packet"]))
        return MQTTErrorCode.MQTT_ERR_SUCCESS
