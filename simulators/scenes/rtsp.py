"""Serves rendered scenes over RTSP (RFC 2326) as H.264 in RTP, interleaved on the same TCP connection.

What an estate's ordinary camera does, as far as a reader needs it: OPTIONS, DESCRIBE, SETUP over TCP, PLAY,
GET_PARAMETER, TEARDOWN; RTP by RFC 6184 (single NAL units and FU-A). `rtsp://host:port/NAME` plays the
scene of that name from its beginning, over and over, in real time. No login, no UDP, no RTCP.
"""

from __future__ import annotations

import asyncio
import re
import struct
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import av
import numpy as np
from cv2.typing import MatLike

from simulators.scenes.pace import listening, played
from simulators.scenes.scene import Scene

CLOCK: Final = 90_000  # RTP ticks per second of video
PAYLOAD: Final = 96  # RTP payload type, dynamic
LARGEST: Final = 1_400  # bytes of a NAL unit in one RTP packet
KEY_EVERY: Final = 10  # pictures
PATIENCE: Final = 30.0  # seconds for a request, and for taking a packet
_FU_A: Final = 28
_START = re.compile(rb"\x00\x00\x00?\x01")


@dataclass(kw_only=True)
class Encoder:
    """Pictures in, NAL units of H.264 out, one picture late at most."""

    rate: float
    _codec: av.VideoCodecContext | None = None

    def encode(self, picture: MatLike, ticks: int) -> list[bytes]:
        """Return the NAL units of one picture."""
        height, width = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
        if self._codec is None:
            codec = av.CodecContext.create("libx264", "w")
            codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
            codec.time_base, codec.framerate = Fraction(1, CLOCK), Fraction(self.rate).limit_denominator(1000)
            codec.options = {
                "preset": "ultrafast",
                "tune": "zerolatency",
                "x264-params": f"keyint={KEY_EVERY}:repeat-headers=1:annexb=1",
            }
            self._codec = codec
        pixels = np.ascontiguousarray(picture[:height, :width], np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
        frame.pts, frame.time_base = ticks, Fraction(1, CLOCK)
        return [nal for packet in self._codec.encode(frame) for nal in nal_units(bytes(packet))]


def nal_units(stream: bytes) -> list[bytes]:
    """Split an Annex B byte stream at its start codes."""
    return [unit for unit in _START.split(stream) if unit]


@dataclass(kw_only=True)
class Packets:
    """Numbers and wraps NAL units as RTP packets."""

    source: int
    _number: int = field(default=0)

    def of(self, units: list[bytes], ticks: int) -> Iterator[bytes]:
        """Return one picture's packets; the last one bears the marker."""
        pieces = [piece for unit in units for piece in fragments(unit)]
        for n, piece in enumerate(pieces):
            marker = 0x80 if n == len(pieces) - 1 else 0
            head = struct.pack(
                ">BBHII", 0x80, marker | PAYLOAD, self._number, ticks & 0xFFFFFFFF, self.source
            )
            self._number = (self._number + 1) & 0xFFFF
            yield head + piece


def fragments(unit: bytes) -> list[bytes]:
    """Return a NAL unit as it is, or cut into fragmentation units (FU-A)."""
    if len(unit) <= LARGEST:
        return [unit]
    indicator, kind, rest = unit[0] & 0xE0 | _FU_A, unit[0] & 0x1F, unit[1:]
    cuts = [rest[n : n + LARGEST] for n in range(0, len(rest), LARGEST)]
    ends = {0: 0x80, len(cuts) - 1: 0x40}
    return [bytes([indicator, ends.get(n, 0) | kind]) + cut for n, cut in enumerate(cuts)]


@dataclass(kw_only=True)
class Viewer:
    """One client's connection."""

    scenes: Mapping[str, Scene]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    speed: float
    repeat: bool

    async def serve(self) -> None:
        """Answer requests until the client leaves."""
        async with asyncio.TaskGroup() as group:
            playing: asyncio.Task[None] | None = None
            while (request := await self._request()) is not None:
                method, url, headers = request
                scene = self.scenes.get(url.rstrip("/").removesuffix("/track1").rsplit("/", 1)[-1])
                await self._answer(method, scene, url, headers)
                if method == "TEARDOWN":
                    break
                if method == "PLAY" and scene is not None and playing is None:
                    playing = group.create_task(self._play(scene), name=f"rtsp {scene.name}")
            if playing:
                playing.cancel()

    async def _request(self) -> tuple[str, str, dict[str, str]] | None:
        """Read the next request; RTCP that comes between requests is passed over."""
        while (first := await self.reader.read(1)) == b"$":
            _, size = struct.unpack(">BH", await self.reader.readexactly(3))
            await self.reader.readexactly(size)
        if not first:
            return None
        async with asyncio.timeout(PATIENCE):
            head = first + await self.reader.readuntil(b"\r\n\r\n")
        line, *rest = head.decode("latin-1").strip().split("\r\n")
        method, url, *_ = [*line.split(" "), "", ""]
        pairs = (row.split(":", 1) for row in rest if ":" in row)
        return method, url, {name.strip().lower(): value.strip() for name, value in pairs}

    async def _answer(self, method: str, scene: Scene | None, url: str, headers: dict[str, str]) -> None:
        status, more, body = "200 OK", "", ""
        if method == "OPTIONS":
            more = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN\r\n"
        elif scene is None:
            status = "404 Not Found"
        elif method == "DESCRIBE":
            body = (
                "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=scene\r\nt=0 0\r\n"
                f"m=video 0 RTP/AVP {PAYLOAD}\r\nc=IN IP4 0.0.0.0\r\na=control:track1\r\n"
                f"a=rtpmap:{PAYLOAD} H264/{CLOCK}\r\na=fmtp:{PAYLOAD} packetization-mode=1\r\n"
                f"a=framerate:{scene.rate}\r\n"
            )
            more = f"Content-Base: {url.rstrip('/')}/\r\nContent-Type: application/sdp\r\n"
        elif method == "SETUP" and "TCP" not in headers.get("transport", ""):
            status = "461 Unsupported Transport"
        elif method == "SETUP":
            more = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        sequence = headers.get("cseq", "0")
        head = f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\nSession: 1;timeout=60\r\n{more}"
        self.writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode("latin-1"))
        await self.writer.drain()

    async def _play(self, scene: Scene) -> None:
        """Send the scene in real time, and hang up at its end unless it repeats."""
        encoder, packets = Encoder(rate=scene.rate), Packets(source=scene.seed & 0xFFFFFFFF)

        def encoded(picture: MatLike, t: float) -> tuple[int, list[bytes]]:
            ticks = int(t / self.speed * CLOCK)
            return ticks, encoder.encode(picture, ticks)

        async for _, (ticks, units) in played(scene, encoded, speed=self.speed, repeat=self.repeat):
            for packet in packets.of(units, ticks):
                self.writer.write(b"$\x00" + struct.pack(">H", len(packet)) + packet)
            async with asyncio.timeout(PATIENCE):
                await self.writer.drain()
        self.writer.close()


@asynccontextmanager
async def serve_rtsp(
    scenes: Mapping[str, Scene],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    speed: float = 1.0,
    repeat: bool = True,
) -> AsyncIterator[int]:
    """Serve the scenes while the context is open; yields the port. `speed` 2 plays twice as fast."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Viewer(scenes=scenes, reader=reader, writer=writer, speed=speed, repeat=repeat).serve()

    async with listening(answer, host, port) as taken:
        yield taken
