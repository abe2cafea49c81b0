"""Pictures and clips, kept and forgotten alike in a folder and in S3-compatible storage over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from moto.server import ThreadedMotoServer

from ingest.camera.archive import Archive
from ingest.camera.privacy import Privacy
from ingest.camera.ring import Shot
from ingest.camera.shape import Frame
from ingest.camera.store import ArchiveError, Bucket, PictureStore, clip_of, hold_of, open_store

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)


def picture(width: int = 320, height: int = 180) -> Frame:
    return np.random.default_rng(1).integers(0, 255, (height, width, 3)).astype(np.uint8)


def jpeg() -> bytes:
    return cv2.imencode(".jpg", picture())[1].tobytes()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A local S3 server; yields its address."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PictureStore:
    """Either kind."""
    if request.param == "folder":
        return open_store(tmp_path)
    endpoint: str = request.getfixturevalue("s3")
    bucket = Bucket(endpoint=endpoint, key="key", secret="secret")
    name = f"pictures-{tmp_path.name[-20:].lower().replace('_', '-').strip('-')}"
    httpx.put(f"{endpoint}/{name}", timeout=60).raise_for_status()  # makes the bucket
    return open_store(f"s3://{name}/estates", bucket)


@pytest.fixture
def archive(store: PictureStore) -> Archive:
    return Archive(store, "E1", "cam-1", Privacy(), width=200)


def test_a_picture_lies_under_its_estate_and_is_no_wider_than_asked(archive: Archive) -> None:
    name = archive.name("intrusion-t1", NOW)
    archive.picture(name, picture(), [])
    assert name == "E1/cam-1/20260520/120000-000-intrusion-t1.jpg"
    content = archive.store.get(name)
    assert content is not None
    read = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert read is not None
    assert read.shape[1] == 200
    assert (archive.store.has(name), archive.store.has(clip_of(name))) == (True, False)
    assert archive.store.get(clip_of(name)) is None


def test_a_clip_plays_and_leaves_no_half_file(archive: Archive, tmp_path: Path) -> None:
    name = archive.name("left-s1", NOW)
    clip = archive.clip(name, [Shot(n / 5, jpeg(), ()) for n in range(10)], 5.0)
    assert clip == clip_of(name)
    copy = tmp_path / "copy.webm"
    copy.write_bytes(archive.store.get(clip) or b"")
    capture, frames = cv2.VideoCapture(str(copy)), 0
    while capture.read()[0]:
        frames += 1
    capture.release()
    assert frames == 10
    assert list(archive.store.names("E1/cam-1/")) == [clip]
    assert archive.clip(name, [], 5.0) is None


def test_retention_deletes_what_is_old_and_spares_what_is_on_hold(archive: Archive) -> None:
    store, names = archive.store, {}
    for days in (40, 35, 31, 5):
        when = NOW - timedelta(days=days)
        names[days] = (archive.name("a", when), archive.name("b", when))
        for name in names[days]:
            archive.picture(name, picture(), [])
            store.put(clip_of(name), b"clip")
    archive.view(picture(), [])
    store.put(hold_of(names[35][0]), b"{}")
    store.put(f"{archive.home}/{names[31][0].split('/')[2]}/HOLD", b"")
    assert archive.expire(NOW, timedelta(days=30)) == 6
    there = {days: [store.has(n) for n in both] for days, both in names.items()}
    assert there == {40: [False, False], 35: [True, False], 31: [True, True], 5: [True, True]}
    assert [store.has(clip_of(n)) for n in names[35]] == [True, False]
    assert store.has("E1/cam-1/view.jpg")
    store.put(f"{archive.home}/HOLD", b"")
    assert archive.expire(NOW + timedelta(days=365), timedelta(days=1)) == 0
    store.delete(hold_of(names[35][0]))
    store.delete(hold_of(names[35][0]))  # again: nothing to do


def test_storage_that_is_away_says_so(tmp_path: Path) -> None:
    away = open_store("s3://nowhere", Bucket(endpoint="http://127.0.0.1:9", key="k", secret="s"))
    archive = Archive(away, "E1", "cam-1", Privacy())
    with pytest.raises(ArchiveError, match=r"E1/cam-1/x\.jpg"):
        archive.picture("E1/cam-1/x.jpg", picture(), [])
    with pytest.raises(ArchiveError):
        open_store(tmp_path).put("../outside.jpg", b"no")
