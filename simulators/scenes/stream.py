"""Serves rendered scenes as real HTTP MJPEG streams (multipart/x-mixed-replace), as a cheap camera does.

`/NAME` answers the stream of the scene of that name; every viewer sees the scene from its beginning,
over and over, in real time. A second in which the scene's stream is lost sends nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import cv2
from cv2.typing import MatLike

from simulators.scenes.pace import listening, played
from simulators.scenes.scene import Scene

BOUNDARY = b"shequ-frame"
QUALITY = 85  # of JPEG, 0 to 100
PATIENCE = 10.0  # seconds for a viewer's request, and for taking a picture


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

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _answer(scenes, reader, writer, speed=speed, repeat=repeat)

    async with listening(answer, host, port) as taken:
        yield taken


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
    async for _, jpeg in played(scene, lambda picture, _: encoded(picture), speed=speed, repeat=repeat):
        head = b"--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % (BOUNDARY, len(jpeg))
        writer.write(head + jpeg + b"\r\n")
        async with asyncio.timeout(PATIENCE):
            await writer.drain()


def encoded(picture: MatLike) -> bytes:
    """Return a picture as JPEG."""
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
