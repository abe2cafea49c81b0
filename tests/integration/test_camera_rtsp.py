"""RTSP is tried for real: a rendered scene as H.264 over RTSP, read by the node's own reader."""

from __future__ import annotations

import asyncio

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.camera.shape import Frame
from ingest.camera.source import Newest, Source
from simulators.scenes.catalogue import walkers
from simulators.scenes.rtsp import LARGEST, fragments, nal_units, serve_rtsp


@given(st.binary(min_size=1, max_size=5 * LARGEST))
def test_a_unit_that_was_cut_can_be_put_together_again(unit: bytes) -> None:
    pieces = fragments(unit)
    assert all(len(piece) <= LARGEST + 2 for piece in pieces)
    if len(pieces) == 1:
        assert pieces == [unit]
        return
    first, last = pieces[0][1], pieces[-1][1]
    assert (first & 0x80, last & 0x40) == (0x80, 0x40)
    assert not any(piece[1] & 0xC0 for piece in pieces[1:-1])
    whole = bytes([pieces[0][0] & 0xE0 | first & 0x1F]) + b"".join(piece[2:] for piece in pieces)
    assert whole == unit


def test_start_codes_of_both_lengths_divide_the_units() -> None:
    assert nal_units(b"\x00\x00\x00\x01\x67abc\x00\x00\x01\x68d") == [b"\x67abc", b"\x68d"]


async def test_the_node_reads_a_rendered_scene_over_rtsp() -> None:
    scene = walkers(3)
    truth = next(picture for _, picture in scene.frames() if picture is not None)
    newest = Newest()
    async with serve_rtsp({"walk": scene}, speed=4.0) as port:
        source = Source("cam", f"rtsp://127.0.0.1:{port}/walk", 20.0, newest)
        source.start()
        try:
            frames = await _taken(newest, 12)
            assert frames[0].shape == truth.shape
            likeness = [np.abs(frame.astype(int) - truth).mean() for frame in frames]
            assert min(likeness) < 12  # of 255: the same yard, but for noise, people and compression
        finally:
            source.stop()
            await asyncio.to_thread(source.join, 10)
    assert source.opened == 1


async def _taken(newest: Newest, count: int) -> list[Frame]:
    frames: list[Frame] = []
    async with asyncio.timeout(40):
        while len(frames) < count:
            held = await asyncio.to_thread(newest.take, 1.0)
            if held is not None:
                frames.append(held[0])
    return frames
