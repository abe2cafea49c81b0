"""Readers of the live feed that do not read: the console must neither grow nor wait for them."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import Final

from simulators.chaos.sample import resident_bytes
from simulators.chaos.site import Detail, Site

NEWS: Final = 20_000  # rows of the feed that they do not read
PER_READER: Final = 4 * 2**20  # bytes the console may keep for one: 1000 rows and buffers
SLACK: Final = 48 * 2**20  # bytes of ordinary growth while so much news is read once


async def slow_consumer(site: Site, count: float) -> Detail:
    """Open streams, read nothing, and let much news pass by."""
    server = site.servers["serve"]
    before = resident_bytes(server.pid)
    request = (
        f"GET /api/live?cursor=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {site.token}\r\n\r\n"
    )
    with ExitStack() as stack:
        for _ in range(int(count)):
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(site.console)
            reader.sendall(request.encode())
        await site.gossip(NEWS)
        after = resident_bytes(server.pid)
    grown = after - before
    return {
        "readers": int(count),
        "rows": NEWS,
        "console_grew_bytes": grown,
        "bounded": grown <= SLACK + count * PER_READER,
    }
