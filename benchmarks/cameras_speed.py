"""What analysing costs beside decoding, on one core: an H.264-like video file read by OpenCV.

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
from pathlib import Path
from typing import Any

import cv2
import msgspec

from ingest.camera.analyser import Analyser
from ingest.camera.archive import fitted
from ingest.camera.ring import Ring, Shot
from ingest.camera.settings import Camera
from ingest.camera.watch import RING_QUALITY
from simulators.scenes.catalogue import DOOR, EVERYTHING, walkers
from simulators.scenes.weather import Weather

SIZES = {"1080p": (1920, 1080), "720p": (1280, 720)}
STREAM_RATE = 25  # pictures per second of the stream
RATE = 5  # of them analysed
SECONDS = 12  # of video
RUNS = 3


def speed() -> dict[str, Any]:
    """Measure each size; the stream has 25 pictures a second, 5 of them are analysed."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory(prefix="shequ-cameras-") as folder:
        return {name: _size(Path(folder) / f"{name}.mp4", size) for name, size in SIZES.items()}


def _size(file: Path, size: tuple[int, int]) -> dict[str, Any]:
    _write(file, size)
    bare, product, delays = [], [], []
    for _ in range(RUNS):
        bare.append(_watch(file, None, []))
        product.append(_watch(file, _camera(), delays))
    decode, both = statistics.median(bare), statistics.median(product)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "codec": "MPEG-4 part 2 (this OpenCV cannot encode H.264)",
        "decode_cpu_ms_per_stream_s": round(1000 * decode / SECONDS, 1),
        "product_cpu_ms_per_stream_s": round(1000 * both / SECONDS, 1),
        "analytics_cpu_ms_per_stream_s": round(1000 * (both - decode) / SECONDS, 1),
        "share_spent_on_decode": round(decode / both, 3),
        "cameras_per_core": round(SECONDS / both, 1),
        "cameras_per_core_bare_decode": round(SECONDS / decode, 1),
        "frame_to_event_ms": _percentiles(delays),
        "memory_mb_per_camera": _memory(file, before),
    }


def _write(file: Path, size: tuple[int, int]) -> None:
    """Render walkers, enlarge, and encode; every rendered picture appears five times with fresh noise."""
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"mp4v"), STREAM_RATE, size)
    frames = walkers(1, Weather(noise=2)).frames()
    for n, (_, picture) in enumerate(frames):
        if n >= SECONDS * RATE:
            break
        if picture is not None:
            large = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
            for _ in range(STREAM_RATE // RATE):
                writer.write(large)
    writer.release()


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
            small = fitted(frame, camera.keep.width)
            jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, RING_QUALITY])[1].tobytes()
            ring.add(Shot(n / STREAM_RATE, jpeg, analyser.boxes))
    spent = time.process_time() - began
    capture.release()
    return spent


def _memory(file: Path, before_kb: int) -> float:
    """Return the growth of the process by four more cameras at work, per camera, in MB."""
    count, held = 4, []
    for _ in range(count):
        analyser, ring = Analyser(_camera()), Ring(35, 24_000_000)
        capture = cv2.VideoCapture(str(file), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        for n in range(175):  # 35 s of analysed pictures fill the ring
            done, frame = capture.read()
            if not done:
                break
            if n < RATE * 4:
                analyser.see(frame, n / RATE)
            jpeg = cv2.imencode(".jpg", fitted(frame, 960), [cv2.IMWRITE_JPEG_QUALITY, RING_QUALITY])[1]
            ring.add(Shot(n / RATE, jpeg.tobytes(), ()))
        held.append((analyser, ring, capture))
    gc.collect()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    held.clear()
    return round(grown / 1024 / count, 1)


def _percentiles(delays: list[float]) -> dict[str, float]:
    ordered = sorted(delays)
    return {
        "p50": round(1000 * ordered[len(ordered) // 2], 2),
        "p99": round(1000 * ordered[int(len(ordered) * 0.99)], 2),
    }
