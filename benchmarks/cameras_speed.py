"""What analysing costs beside decoding, on one core: an H.264 video file read by OpenCV.

Both are measured in alternating runs over the same file: bare (`grab` and `retrieve` of every analysed
picture, `grab` of the others, as the node's reader does) and product (the same, plus analytics and the
ring's JPEG). Times are of the thread's processor, so that neighbours on the machine do not count.
"""

from __future__ import annotations

import gc
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from ingest.camera.analyser import Analyser
from ingest.camera.archive import fitted
from ingest.camera.ring import Ring, Shot
from ingest.camera.settings import Camera
from ingest.camera.watch import RING_QUALITY
from simulators.scenes.catalogue import DOOR, EVERYTHING, walkers

SIZES = {"1080p": (1920, 1080), "720p": (1280, 720)}
STREAM_RATE = 25  # pictures per second of the stream
RATE = 5  # of them analysed
SECONDS = 12  # of video
BITS = {1080: 4_000_000, 720: 2_000_000}  # per second, usual settings of estate cameras
RUNS = 3


def speed() -> dict[str, Any]:
    """Measure each size; the stream has 25 pictures a second, 5 of them are analysed."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory(prefix="shequ-cameras-") as folder:
        return {name: _size(Path(folder) / f"{name}.mp4", size) for name, size in SIZES.items()}


def _size(file: Path, size: tuple[int, int]) -> dict[str, Any]:
    codec = _write(file, size)
    bare: list[float] = []
    product: list[float] = []
    delays: list[float] = []
    for _ in range(RUNS):
        bare.append(_watch(file, None, []))
        product.append(_watch(file, _camera(), delays))
    decode, both = statistics.median(bare), statistics.median(product)
    return {
        "codec": codec,
        "decode_cpu_ms_per_stream_s": round(1000 * decode / SECONDS, 1),
        "product_cpu_ms_per_stream_s": round(1000 * both / SECONDS, 1),
        "analytics_cpu_ms_per_stream_s": round(1000 * (both - decode) / SECONDS, 1),
        "share_spent_on_decode": round(decode / both, 3),
        "cameras_per_core": round(SECONDS / both, 1),
        "cameras_per_core_bare_decode": round(SECONDS / decode, 1),
        "frame_to_event_ms": _percentiles(delays),
        "memory_mb_per_camera": _alone(file),
    }


def _write(file: Path, size: tuple[int, int]) -> str:
    """Render walkers, enlarge, add fresh sensor noise to every picture, encode; returns the codec.

    H.264 needs PyAV (extra `dev`); without it MPEG-4 part 2 stands in, which decodes about twice as fast.
    """
    try:
        import av  # noqa: PLC0415 - only for the benchmark, and only where it is installed
    except ImportError:
        writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"mp4v"), STREAM_RATE, size)
        for picture in _pictures(size):
            writer.write(picture)
        writer.release()
        return "MPEG-4 part 2 (PyAV is not installed)"
    with av.open(str(file), "w") as out:
        options = {"preset": "veryfast", "profile": "high", "g": "50", "bf": "0"}
        stream = out.add_stream("libx264", rate=STREAM_RATE, options=options)
        stream.width, stream.height = size
        stream.pix_fmt, stream.bit_rate = "yuv420p", BITS[size[1]]
        for picture in _pictures(size):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        out.mux(stream.encode(None))
    return f"H.264 High, {BITS[size[1]] / 1e6:g} Mbit/s"


def _pictures(size: tuple[int, int]) -> Iterator[NDArray[np.uint8]]:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 3, (size[1] + 64, size[0] + 64, 3)).astype(np.int16)
    scene = replace(walkers(1), rate=STREAM_RATE)
    for n, (_, picture) in enumerate(scene.frames()):
        if n >= SECONDS * STREAM_RATE:
            return
        if picture is not None:
            large = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
            y, x = rng.integers(0, 64, 2)
            grain = noise[y : y + size[1], x : x + size[0]]
            yield np.clip(large + grain, 0, 255).astype(np.uint8)


def _camera() -> Camera:
    document = {
        "device": "bench", "estate": "bench", "password": "", "url": "file",
        "zones": EVERYTHING, "lines": [DOOR],
    }  # fmt: skip
    return msgspec.convert(document, Camera)


def _watch(file: Path, camera: Camera | None, delays: list[float]) -> float:
    """Read the file once; returns processor seconds, and the wall seconds from picture to findings."""
    analyser = Analyser(camera) if camera else None
    ring = Ring(35, 24_000_000)
    capture = cv2.VideoCapture(str(file), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    began, n = time.process_time(), 0
    while capture.grab():
        n += 1
        if n % (STREAM_RATE // RATE):
            continue
        done, frame = capture.retrieve()
        if done and analyser and camera:
            taken = time.perf_counter()
            analyser.see(frame, n / STREAM_RATE)
            delays.append(time.perf_counter() - taken)
            small = fitted(frame, camera.keep.clip_width)
            jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, RING_QUALITY])[1].tobytes()
            ring.add(Shot(n / STREAM_RATE, jpeg, analyser.boxes))
    spent = time.process_time() - began
    capture.release()
    return spent


def _alone(file: Path) -> float:
    """Measure memory in a fresh process, where nothing can be reused."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_memory, file).result()


def _memory(file: Path) -> float:
    """Return what the process grows by four more cameras at work with full rings, per camera, in MB."""
    cv2.setNumThreads(1)
    Analyser(_camera()).see(np.zeros((1080, 1920, 3), np.uint8), 0.0)  # what all cameras share
    gc.collect()
    before, count, held = _resident(), 4, []
    for _ in range(count):
        analyser, ring = Analyser(_camera()), Ring(35, 24_000_000)
        capture = cv2.VideoCapture(str(file), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        for n in range(35 * RATE):
            done, frame = capture.read()
            if not done:
                break
            if n < RATE * 4:
                analyser.see(frame, n / RATE)
            jpeg = cv2.imencode(
                ".jpg", fitted(frame, _camera().keep.clip_width), [cv2.IMWRITE_JPEG_QUALITY, RING_QUALITY]
            )[1]
            ring.add(Shot(n / RATE, jpeg.tobytes(), ()))
        held.append((analyser, ring, capture))
    gc.collect()
    grown = _resident() - before
    held.clear()
    return round(grown / count, 1)


def _resident() -> float:
    """Return the process's resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def _percentiles(delays: list[float]) -> dict[str, float]:
    ordered = sorted(delays)
    return {
        "p50": round(1000 * ordered[len(ordered) // 2], 2),
        "p99": round(1000 * ordered[int(len(ordered) * 0.99)], 2),
    }
