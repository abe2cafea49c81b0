"""A line between two parts that can be cut and slowed: a small proxy for TCP and Unix sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

Address = tuple[str, int] | Path
CHUNK = 64 * 1024
AHEAD = 16  # chunks of one direction that may be under way: the rest waits in the sender's socket


class Wire:
    """One proxied line: silent while it is cut, late by `delay` seconds, broken by `drop`."""

    def __init__(self, target: Address) -> None:
        self._target = target
        self._whole = asyncio.Event()
        self._whole.set()
        self._calls: set[asyncio.Task[None]] = set()
        self.delay = 0.0

    @property
    def calls(self) -> int:
        """How many connections there are now."""
        return len(self._calls)

    def cut(self) -> None:
        """Let nothing pass; nobody is told, as when a cable is pulled."""
        self._whole.clear()

    def mend(self) -> None:
        """Let everything pass again, what was held back first."""
        self._whole.set()

    def drop(self) -> None:
        """Break every connection without a farewell."""
        for call in self._calls:
            call.cancel()

    @asynccontextmanager
    async def listening(self, at: Address) -> AsyncIterator[None]:
        """Take calls at an address while the block runs."""
        if isinstance(at, Path):
            at.parent.mkdir(parents=True, exist_ok=True)
            server = await asyncio.start_unix_server(self._answer, path=at)
        else:
            server = await asyncio.start_server(self._answer, *at)
        try:
            yield
        finally:
            server.close()
            self.drop()
            await asyncio.gather(*self._calls, return_exceptions=True)

    def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.create_task(self._call(reader, writer), name="wire.call")
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            await self._whole.wait()
            there, back = await self._dial()
            writers.append(back)
            directions = {
                asyncio.create_task(self._carry(source, sink), name="wire.carry")
                for source, sink in ((reader, back), (there, writer))
            }
            try:
                await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for direction in directions:
                    direction.cancel()
                await asyncio.gather(*directions, return_exceptions=True)
        except OSError:
            return  # nobody answers behind: the caller's connection ends too
        finally:
            for each in writers:
                each.transport.abort()

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._target, Path):
            return await asyncio.open_unix_connection(self._target)
        return await asyncio.open_connection(*self._target)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Carry one direction to its end; what is under way keeps its order and its delay."""
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(AHEAD)

        async def arrive() -> None:
            while True:
                due, data = await under_way.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                await self._whole.wait()
                sink.write(data)
                if not data:
                    sink.write_eof()
                    return
                await sink.drain()

        arriving = asyncio.create_task(arrive(), name="wire.arrive")
        try:
            with suppress(ConnectionError):
                data = b"-"
                while data:
                    data = await source.read(CHUNK)
                    await under_way.put((loop.time() + self.delay, data))
                await arriving
        finally:
            arriving.cancel()
            await asyncio.gather(arriving, return_exceptions=True)
