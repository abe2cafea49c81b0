"""Streams of parts: cut right however they arrive; the file of streams says what is wrong with it."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import SettingError
from ingest.streams.multipart import Cutter, Part, StreamError, boundary_of
from ingest.streams.source import Stream, read_streams

WITH_LENGTH = (
    b'--b\r\nContent-Type: application/json; charset="UTF-8"\r\nContent-Length: 8\r\n\r\n{"a": 1}\r\n'
    b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: 6\r\n\r\n\xff--b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\nContent-Length:9\r\n\r\nHeartbeat\r\n\r\n"
)
WITHOUT = b"--b\nContent-Type: text/plain\n\nHeartbeat\n\n--b\nContent-Type: text/plain\n\nCode=X\n\n--b\n"


@settings(deadline=None)  # other work shares the machine
@given(st.lists(st.integers(0, len(WITH_LENGTH))))
def test_parts_are_the_same_however_the_bytes_arrive(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(WITH_LENGTH)]
    cutter = Cutter(b"b")
    found = [p for a, b in pairwise(places) for p in cutter.feed(WITH_LENGTH[a:b])]
    assert found == [
        Part("application/json", b'{"a": 1}'),
        Part("image/jpeg", b"\xff--b"),
        Part("text/plain", b"Heartbeat"),
    ]


def test_a_part_without_length_ends_where_the_next_begins() -> None:
    assert [p.body for p in Cutter(b"b").feed(WITHOUT)] == [b"Heartbeat", b"Code=X"]


@settings(deadline=None)  # other work shares the machine
@given(st.lists(st.one_of(st.binary(max_size=40), st.just(b"--b\r\n\r\n")), max_size=8))
def test_any_bytes_are_parts_or_a_stream_error(chunks: list[bytes]) -> None:
    cutter = Cutter(b"b")
    with suppress(StreamError):
        for chunk in chunks:
            assert all(isinstance(p, Part) for p in cutter.feed(chunk))


def test_a_part_beyond_measure_is_an_error() -> None:
    with pytest.raises(StreamError):
        list(Cutter(b"b").feed(b"--b\r\nContent-Length: 99999999\r\n\r\n"))
    with pytest.raises(StreamError):
        list(Cutter(b"b").feed(b"--b\r\n" + b"x" * 9000))


@pytest.mark.parametrize(
    ("type_", "boundary"),
    [
        ("multipart/mixed; boundary=MIME_boundary", b"MIME_boundary"),
        ('multipart/x-mixed-replace;boundary="myboundary"', b"myboundary"),
        ("multipart/mixed; boundary=--gap", b"gap"),
    ],
)
def test_a_boundary_is_read(type_: str, boundary: bytes) -> None:
    assert boundary_of(type_) == boundary


def test_an_answer_that_is_no_stream_is_an_error() -> None:
    with pytest.raises(StreamError):
        boundary_of("text/html")


def test_the_file_names_each_stream(tmp_path: Path) -> None:
    path = tmp_path / "streams.toml"
    path.write_text(
        '[[stream]]\ndialect = "hikvision"\nname = "gate-1"\nurl = "http://192.0.2.7"\npassword = "pw"\n'
    )
    (stream,) = read_streams(path)
    assert stream.address == "http://192.0.2.7/ISAPI/Event/notification/alertStream"
    assert stream.topic == "shequ-platform/stream/hikvision/gate-1"
    assert "pw" not in repr(stream)


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        '[[stream]]\ndialect = "klingon"\nname = "a"\nurl = "http://x"',
        '[[stream]]\ndialect = "dahua"\nname = "a/b"\nurl = "http://x"',
        '[[stream]]\ndialect = "dahua"\nname = "a"\nurl = "file:///etc/passwd"',
        '[[stream]]\ndialect = "dahua"\nname = "a"\nurl = "http://x"\ntypo = 1',
        '[[stream]]\ndialect = "dahua"\nname = "a"\nurl = "http://x"\n' * 2,
    ],
)
def test_a_wrong_file_is_a_setting_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "streams.toml"
    path.write_text(text)
    with pytest.raises(SettingError):
        read_streams(path)


def test_an_address_with_a_path_is_taken_as_it_is() -> None:
    stream = Stream(dialect="dahua", name="cam", url="http://192.0.2.8:81/proxy/cam")
    assert stream.address == "http://192.0.2.8:81/proxy/cam"
