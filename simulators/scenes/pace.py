"""What every server of scenes does alike: wait for viewers, play to each in real time from the beginning."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import TypeVar

from cv2.typing import MatLike

from simulators.scenes.scene import Scene

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
T = TypeVar("T")
_LOG = logging.getLogger("shequ.simulators")


async def played(
    scene: Scene, make: Callable[[MatLike, float], T], *, speed: float, repeat: bool
) -> AsyncIterator[tuple[float, T]]:
    """Yield what `make` makes of each picture, when it is due, with its second since the first beginning.

    A second in which the scene's stream is lost yields nothing. `speed` 2 plays twice as fast.
    """
    base = 0.0
    while True:
        began, frames = monotonic(), scene.frames()
        while (step := await asyncio.to_thread(_next, frames, make, base)) is not None:
            t, made = step
            await asyncio.sleep(max(0.0, began + t / speed - monotonic()))
            if made is not None:
                yield base + t, made
        if not repeat:
            return
        base += scene.duration


def _next(
    frames: Iterator[tuple[float, MatLike | None]], make: Callable[[MatLike, float], T], base: float
) -> tuple[float, T | None] | None:
    step = next(frames, None)
    if step is None:
        return None
    t, picture = step
    return t, None if picture is None else make(picture, base + t)


@asynccontextmanager
async def listening(answer: Answer, host: str, port: int) -> AsyncIterator[int]:
    """Answer each connection in a task of its own while the context is open; yields the port."""
    viewers: set[asyncio.Task[None]] = set()

    async def viewer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except* (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            _LOG.debug("a viewer left", extra={"action": "scene.left"})
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(viewer(reader, writer), name="scene viewer")
        viewers.add(task)
        task.add_done_callback(viewers.discard)

    server = await asyncio.start_server(accept, host, port)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in viewers:
            task.cancel()
        await asyncio.gather(*viewers, return_exceptions=True)
