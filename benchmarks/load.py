"""A load generator that costs next to nothing: ready-made PUBLISH packets down a plain socket.

`python -m benchmarks.load HOST PORT USER FILE RATE` publishes the packets of a file
(QoS 1, made by `write_packets`) and prints when it began and ended, in epoch seconds as
`time.time_ns` gives them. RATE 0 is as fast as the broker takes them. The password comes in
`LOAD_PASSWORD`. At most WINDOW messages wait for their acknowledgement.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import struct
import sys
import time
from collections.abc import Iterable
from pathlib import Path

WINDOW = 2000
CHUNK = 64 * 1024
PUBACK = 4  # bytes


def write_packets(file: Path, messages: Iterable[tuple[str, bytes]]) -> int:
    """Write MQTT 3.1.1 PUBLISH packets, each behind its length; answers how many."""
    count = 0
    with file.open("wb") as out:
        for topic, payload in messages:
            packet = _publish(topic.encode(), payload, count % 65535 + 1)
            out.write(struct.pack("<I", len(packet)) + packet)
            count += 1
    return count


def _publish(topic: bytes, payload: bytes, mid: int) -> bytes:
    body = struct.pack(">H", len(topic)) + topic + struct.pack(">H", mid) + payload
    return b"\x32" + _length(len(body)) + body


def _length(value: int) -> bytes:
    out = bytearray()
    while True:
        value, digit = divmod(value, 128)
        out.append(digit | (0x80 if value else 0))
        if not value:
            return bytes(out)


def _connect(host: str, port: int, user: str, password: str) -> socket.socket:
    words = b"".join(struct.pack(">H", len(w)) + w for w in (b"bench-load", user.encode(), password.encode()))
    body = b"\x00\x04MQTT\x04\xc2\x00\x00" + words
    link = socket.create_connection((host, port))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.sendall(b"\x10" + _length(len(body)) + body)
    answer = link.recv(4)
    if answer[3:4] != b"\x00":
        raise ConnectionError(f"the broker refused the load generator: {answer!r}")
    return link


def _packets(file: Path) -> list[bytes]:
    data = file.read_bytes()
    packets, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        packets.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return packets


def send(link: socket.socket, packets: list[bytes], rate: float) -> None:
    """Publish all packets, never more than WINDOW ahead of the broker's acknowledgements."""
    link.setblocking(False)  # noqa: FBT003 - the socket's own signature
    chooser = selectors.DefaultSelector()
    chooser.register(link, selectors.EVENT_READ | selectors.EVENT_WRITE)
    sent = acknowledged = 0
    waiting = memoryview(b"")
    began = time.perf_counter()
    while acknowledged < len(packets) * PUBACK:
        allowed = min(len(packets), acknowledged // PUBACK + WINDOW)
        if rate:
            allowed = min(allowed, int((time.perf_counter() - began) * rate) + 1)
        if not waiting and sent < allowed:
            upto = min(allowed, sent + 200)
            waiting = memoryview(b"".join(packets[sent:upto]))
            sent = upto
        wants = selectors.EVENT_READ | (selectors.EVENT_WRITE if waiting else 0)
        chooser.modify(link, wants)
        for _, ready in chooser.select(0.001 if rate else 1):
            if ready & selectors.EVENT_READ:
                acknowledged += len(link.recv(CHUNK))
            if ready & selectors.EVENT_WRITE and waiting:
                waiting = waiting[link.send(waiting) :]


def main() -> None:
    """Publish a file of packets."""
    host, port, user, file, rate = sys.argv[1:]
    packets = _packets(Path(file))
    link = _connect(host, int(port), user, os.environ["LOAD_PASSWORD"])
    began = time.time_ns()
    send(link, packets, float(rate))
    print(json.dumps({"began": began / 1e9, "ended": time.time_ns() / 1e9, "messages": len(packets)}))
    link.sendall(b"\xe0\x00")


if __name__ == "__main__":
    main()
