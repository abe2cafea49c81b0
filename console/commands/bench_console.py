"""How soon what is committed stands on every desk: live streams of signed-in operators, one `shequ serve`.

Latency runs from just before the commit is asked for to the moment when a stream's reader has the whole
message, both by this machine's monotonic clock, so the commit itself is part of it. Readers, writer, server
and database share the machine.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.rows import DictRow, dict_row

from benchmarks.messages import county
from console.accounts import SQL as ACCOUNTS
from console.auth import digest
from console.commands.feed_watch import READY_WITHIN, first_login
from console.commands.local import Local, free_port, open_local, running, throw_away
from console.commands.stack import stack_settings
from console.feed import publish
from console.reconcile import percentiles
from ingest.clock import system_clock
from ingest.store.registry import save_registry
from ingest.store.sql import load

CONSOLES: Final = (50, 200)
RATE: Final = 20.0  # events a second: a county's alerts on a bad day
SECONDS: Final = 20.0
ALERTS: Final = 500
_Q: Final = load("console.store", "commands.sql")
_NUMBER: Final = re.compile(rb"\nid: (\d+)\n")
_HOUR: Final = 3600.0


@dataclass(eq=False)
class Stream(asyncio.Protocol):
    """One desk: asks for the feed, and notes when each number was there in full."""

    token: str
    heard: dict[int, float] = field(default_factory=dict)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    _last: int = 0
    _tail: bytes = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        request = f"GET /api/live HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.token}\r\n\r\n"
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(request.encode())

    def data_received(self, data: bytes) -> None:
        """Look for numbers, also those that a packet's edge cuts."""
        now = time.monotonic()
        text = self._tail + data
        for found in _NUMBER.finditer(text):
            number = int(found[1])
            if number > self._last:
                self._last, self.heard[number] = number, now
        self._tail = text[-32:]
        if b"hello" in text:
            self.open.set()


def console_speed(consoles: tuple[int, ...] = CONSOLES) -> dict[str, Any]:
    """Measure and answer what `shequ bench console` writes."""
    return asyncio.run(_console_speed(consoles))


async def _console_speed(consoles: tuple[int, ...]) -> dict[str, Any]:
    runs: dict[str, Any] = {}
    with throw_away() as data:
        async with (
            open_local(stack_settings(data=data, port=0), _say) as local,
            await psycopg.AsyncConnection.connect(
                local.stack.database_url, autocommit=True, row_factory=dict_row
            ) as connection,
        ):
            await _settle(connection)
            operator = await first_login(local.stack.database_url, "bench", "operator")
            for count in consoles:
                tokens = [await _session(connection, operator.name) for _ in range(count)]
                runs[str(count)] = await _run(local, connection, tokens)
                _say(f"{count} consoles: {runs[str(count)]}")
    return {
        "events_per_s": RATE,
        "seconds": SECONDS,
        "machine": f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end",
        "consoles": runs,
    }


async def _settle(connection: psycopg.AsyncConnection[DictRow]) -> None:
    registry = county(200, 10, system_clock())
    await save_registry(connection, places=registry.places.values(), devices=registry.devices.values())
    await connection.execute(_Q["bench_alerts"], {"count": ALERTS})


async def _session(connection: psycopg.AsyncConnection[DictRow], name: str) -> str:
    token = secrets.token_urlsafe(32)
    row = {"token_hash": digest(token), "name": name, "seconds": _HOUR, "source": "bench"}
    await connection.execute(ACCOUNTS["open_session"], row)
    return token


async def _run(
    local: Local, connection: psycopg.AsyncConnection[DictRow], tokens: list[str]
) -> dict[str, Any]:
    port = free_port()
    async with AsyncExitStack() as stack:
        serve = await stack.enter_async_context(
            running(local.child("serve", extra={"SHEQU_PORT": str(port)}))
        )
        await answers(port)
        pid = serve.process.pid if serve.process else 0
        empty = _memory(pid)
        loop = asyncio.get_running_loop()
        streams = [Stream(token) for token in tokens]
        for stream in streams:
            transport, _ = await loop.create_connection(partial(_itself, stream), "127.0.0.1", port)
            stack.callback(transport.close)
        async with asyncio.timeout(60):
            for stream in streams:
                await stream.open.wait()
        began, spent = time.monotonic(), _processor(pid)
        committed = await _write(connection)
        await asyncio.sleep(2)  # whatever is still under way
        wall = time.monotonic() - began
        share, full = (_processor(pid) - spent) / wall, _memory(pid)
    late = [(s.heard[n] - at) * 1000 for s in streams for n, at in committed.items() if n in s.heard]
    return {
        "latency_ms": percentiles(late, {"p50": 0.5, "p99": 0.99, "max": 1.0}),
        "worst_stream_p99_ms": max(_p99(stream, committed) for stream in streams),
        "missed": len(streams) * len(committed) - len(late),
        "server_share_of_a_core": round(share, 3),
        "server_share_per_stream": round(share / len(streams), 5),
        "server_memory_mb": round(full / 1e6, 1),
        "memory_per_stream_kb": round((full - empty) / len(streams) / 1e3, 1),
    }


def _itself(stream: Stream) -> Stream:
    return stream


def _p99(stream: Stream, committed: dict[int, float]) -> float:
    late = [(stream.heard[n] - at) * 1000 for n, at in committed.items() if n in stream.heard]
    return percentiles(late, {"p99": 0.99})["p99"] or float("inf")


async def _write(connection: psycopg.AsyncConnection[DictRow]) -> dict[int, float]:
    """Change alerts at a steady rate as any writer does; answers when each number was to be committed."""
    loop = asyncio.get_running_loop()
    committed: dict[int, float] = {}
    began = loop.time()
    for turn in range(int(RATE * SECONDS)):
        await asyncio.sleep(max(0.0, began + turn / RATE - loop.time()))
        async with connection.transaction():
            alert = 1 + turn % ALERTS
            await connection.execute(_Q["bench_hit"], {"id": alert})
            await publish(connection, alerts=[alert])
            row = await (await connection.execute(_Q["bench_number"])).fetchone()
            committed[row["seq"] if row else 0] = time.monotonic()
    return committed


async def answers(port: int) -> None:
    """Wait until the server listens."""
    async with asyncio.timeout(READY_WITHIN):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


def _processor(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> int:
    """Bytes that a process has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")
