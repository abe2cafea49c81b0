"""What leaves the house shows nobody: whatever moves in a clip is covered from its first frame on."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ingest.camera.export import Cover, background, masked_clip, masked_picture, moving
from ingest.camera.shape import Box, Frame

HEIGHT, WIDTH, SIZE = 180, 320, (20, 50)  # a person is a noisy block


def frame(n: int) -> Frame:
    shown = np.full((HEIGHT, WIDTH, 3), 80, np.uint8)
    shown[::20] = 140
    person = np.random.default_rng(n).integers(150, 255, (SIZE[1], SIZE[0], 3)).astype(np.uint8)
    left = 10 + 12 * n
    shown[80 : 80 + SIZE[1], left : left + SIZE[0]] = person
    return shown


@pytest.fixture
def clip(tmp_path: Path) -> bytes:
    file = tmp_path / "clip.webm"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"VP80"), 5.0, (WIDTH, HEIGHT))
    for n in range(20):
        writer.write(frame(n))
    writer.release()
    return file.read_bytes()


def read(content: bytes, tmp_path: Path) -> list[Frame]:
    file = tmp_path / "read.webm"
    file.write_bytes(content)
    reader = cv2.VideoCapture(str(file))
    frames: list[Frame] = []
    while True:
        there, shown = reader.read()
        if not there:
            return frames
        frames.append(shown)


def grain(shown: Frame, n: int, rows: slice) -> float:
    """How much detail is left where somebody is."""
    left = 10 + 12 * n
    part = shown[rows, left + 2 : left + SIZE[0] - 2].astype(np.float32)
    return float(np.abs(np.diff(part, axis=0)).mean())


def test_what_moves_is_found_without_a_warm_up(clip: bytes) -> None:
    behind = background(clip)
    for n in (0, 10, 19):
        [box] = moving(frame(n), behind)
        assert abs(box.x * WIDTH - (10 + 12 * n)) < 12
        assert box.w * WIDTH >= SIZE[0]


def test_bodies_are_covered_in_every_frame_and_heads_by_default(clip: bytes, tmp_path: Path) -> None:
    whole = read(masked_clip(clip, Cover(bodies=True)), tmp_path)
    heads = read(masked_clip(clip, Cover()), tmp_path)
    before = read(clip, tmp_path)
    assert len(whole) == len(heads) == len(before) == 20
    body, head = slice(82, 128), slice(82, 92)
    for n in range(20):
        assert grain(whole[n], n, body) < 0.45 * grain(before[n], n, body), n
        assert grain(heads[n], n, head) < 0.6 * grain(before[n], n, head), n


def test_a_picture_is_covered_by_what_its_clip_tells_and_by_what_was_drawn(clip: bytes) -> None:
    jpeg = cv2.imencode(".jpg", frame(7))[1].tobytes()
    alone = cv2.imdecode(np.frombuffer(masked_picture(jpeg, None, Cover(bodies=True)), np.uint8), 1)
    told = cv2.imdecode(np.frombuffer(masked_picture(jpeg, clip, Cover(bodies=True)), np.uint8), 1)
    region = Box((10 + 12 * 7) / WIDTH, 80 / HEIGHT, SIZE[0] / WIDTH, SIZE[1] / HEIGHT)
    drawn = cv2.imdecode(np.frombuffer(masked_picture(jpeg, None, Cover(drawn=(region,))), np.uint8), 1)
    assert alone is not None
    assert told is not None
    assert drawn is not None
    body = slice(82, 128)
    assert grain(told, 7, body) < 0.5 * grain(alone, 7, body)
    assert grain(drawn, 7, body) < 0.5 * grain(alone, 7, body)
