"""Live pictures for the console: MJPEG over HTTP(S), for whoever knows the secret, for a while.

`GET /live/<estate>/<device>?viewer=NAME&seconds=N` with `Authorization: Bearer <secret>`. Every picture is
hidden as the camera's privacy demands and bears the viewer's name and the time, before it leaves the node:
a photograph of the screen says whose screen it was.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from time import monotonic
from typing import Final
from urllib.parse import parse_qs, urlsplit

import cv2

from ingest.camera.settings import LiveSettings
from ingest.camera.shape import Frame
from ingest.transport import proving

BOUNDARY: Final = b"shequ-live"
QUALITY: Final = 70  # of JPEG, 0 to 100
PATIENCE: Final = 10.0  # seconds for a request, and for taking a picture
LONGEST: Final = 3600.0  # seconds, whatever is asked for
_VIEWER: Final = re.compile(r"[A-Za-z0-9_.@-]{1,64}")  # as the console's names are; the font knows no others
Picture = Callable[[str], bytes | None]
Wish = tuple[Picture, str, float]  # whose picture, for whom, for how many seconds
log = logging.getLogger(__name__)


def marked(frame: Frame, viewer: str, now: datetime, utc_offset: float) -> bytes:
    """Burn viewer and time into a picture, all over it, and return it as JPEG."""
    local = now.astimezone(timezone(timedelta(hours=utc_offset)))
    text = f"{viewer} {local:%Y-%m-%d %H:%M:%S}"
    height, width = frame.shape[:2]
    size = max(0.4, width / 1200)
    layer = frame.copy()
    for row in range(4):
        for column in (0, 1):
            x = int((column * 0.52 + 0.03 + 0.1 * (row % 2)) * width)
            at = (x, int((0.22 + 0.23 * row) * height))
            cv2.putText(layer, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, (0, 0, 0), 3, cv2.LINE_AA)
            cv2.putText(layer, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), 1, cv2.LINE_AA)
    shown = cv2.addWeighted(layer, 0.55, frame, 0.45, 0)
    return cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


@asynccontextmanager
async def serve_live(
    settings: LiveSettings, secret: str, pictures: Mapping[tuple[str, str], Picture]
) -> AsyncIterator[int]:
    """Serve while the context is open; yields the port.

    Raises SettingError for a certificate that is none.
    """
    viewers: set[asyncio.Task[None]] = set()
    seats = asyncio.Semaphore(settings.viewers)

    async def viewer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
            status, wish = _read(head.decode("latin-1"), secret, pictures)
            if wish is not None and not seats.locked():
                async with seats:
                    await _show(wish, writer, settings.rate)
                return
            status = "503 Service Unavailable" if wish is not None else status
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            log.debug("a live viewer left", extra={"action": "camera.live_left"})
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(viewer(reader, writer), name="live viewer")
        viewers.add(task)
        task.add_done_callback(viewers.discard)

    proof = (
        proving(settings.certificate, settings.key, "live") if settings.certificate and settings.key else None
    )
    server = await asyncio.start_server(accept, settings.host, settings.port, ssl=proof)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in viewers:
            task.cancel()
        await asyncio.gather(*viewers, return_exceptions=True)


async def _show(wish: Wish, writer: asyncio.StreamWriter, rate: float) -> None:
    picture, viewer, seconds = wish
    kind = b"multipart/x-mixed-replace; boundary=" + BOUNDARY
    writer.write(b"HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Type: " + kind)
    writer.write(b"\r\n\r\n")
    until = monotonic() + min(seconds, LONGEST)
    while (now := monotonic()) < until:
        jpeg = await asyncio.to_thread(picture, viewer)
        if jpeg is not None:
            part = b"--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % (BOUNDARY, len(jpeg))
            writer.write(part + jpeg + b"\r\n")
            async with asyncio.timeout(PATIENCE):
                await writer.drain()
        await asyncio.sleep(max(0.0, min(until, now + 1 / rate) - monotonic()))


def _read(head: str, secret: str, pictures: Mapping[tuple[str, str], Picture]) -> tuple[str, Wish | None]:
    """Return the status line, and whose picture is wanted by whom for how long, where that is allowed."""
    line, *rows = head.split("\r\n")
    method, target, *_ = [*line.split(" "), "", ""]
    headers = {name.strip().lower(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
    shown = headers.get("authorization", "").encode("latin-1")
    if not hmac.compare_digest(shown, f"Bearer {secret}".encode()):
        return "401 Unauthorized", None
    words = urlsplit(target)
    parts = words.path.strip("/").split("/")
    picture = pictures.get((parts[1], parts[2])) if parts[:1] == ["live"] and len(parts) == 3 else None  # noqa: PLR2004 - live/estate/device
    if method != "GET" or picture is None:
        return "404 Not Found", None
    query = parse_qs(words.query)
    viewer, seconds = query.get("viewer", [""])[0], float(query.get("seconds", ["0"])[0])
    if not _VIEWER.fullmatch(viewer) or not seconds > 0:
        return "400 Bad Request", None
    return "200 OK", (picture, viewer, seconds)
