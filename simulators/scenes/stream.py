"""Serves rendered scenes as real HTTP MJPEG streams (multipart/x-mixed-replace), as a cheap camera does.

`/NAME` answers the stream of the scene of that name; every viewer sees the scene from its beginning,
over and over, in real time. A second in which the scene's stream is lost sends nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from time import monotonic

import cv2
from cv2.typing import MatLike

from simulators.scenes.scene import Scene

BOUNDARY = b"shequ-frame"
QUALITY = 85  # of JPEG, 0 to 100
PATIENCE = 10.0  # seconds for a viewer's request, and for taking a picture
_LOG = logging.getLogger("shequ.simulators")


@asynccontextmanager
async def serve(
    scenes: Mapping[str, Scene],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    speed: float = 1.0,
    repeat: bool = True,
) -> AsyncIterator[int]:
    """Serve the scenes while the context is open; yields the port. `speed` 2 plays twice as fast."""

    async def viewer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _answer(scenes, reader, writer, speed=speed, repeat=repeat)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            _LOG.debug("a viewer left", extra={"action": "scene.left"})
        finally:
            writer.close()

    viewers: set[asyncio.Task[None]] = set()

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


async def _answer(
    scenes: Mapping[str, Scene],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    *,
    speed: float,
    repeat: bool,
) -> None:
    async with asyncio.timeout(PATIENCE):
        head = await reader.readuntil(b"\r\n\r\n")
    words = head.split(b" ", 2)
    scene = scenes.get(words[1].decode("latin-1").strip("/")) if len(words) > 1 else None
    if scene is None:
        writer.write(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        return
    kind = b"multipart/x-mixed-replace; boundary=" + BOUNDARY
    writer.write(b"HTTP/1.0 200 OK\r\nCache-Control: no-store\r\nContent-Type: " + kind + b"\r\n\r\n")
    while True:
        await _play(scene, writer, speed)
        if not repeat:
            return


async def _play(scene: Scene, writer: asyncio.StreamWriter, speed: float) -> None:
    """Send a scene once, in real time."""
    began = monotonic()
    frames = scene.frames()
    while (step := await asyncio.to_thread(_next, frames)) is not None:
        t, jpeg = step
        await asyncio.sleep(max(0.0, began + t / speed - monotonic()))
        if jpeg is None:
            continue
        head = b"--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % (BOUNDARY, len(jpeg))
        writer.write(head + jpeg + b"\r\n")
        async with asyncio.timeout(PATIENCE):
            await writer.drain()


def _next(frames: Iterator[tuple[float, MatLike | None]]) -> tuple[float, bytes | None] | None:
    """Return the next frame as JPEG; None at the scene's end."""
    step = next(frames, None)
    if step is None:
        return None
    t, picture = step
    return t, None if picture is None else encoded(picture)


def encoded(picture: MatLike) -> bytes:
    """Return a picture as JPEG."""
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
