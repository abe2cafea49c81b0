"""Pictures are cheap, few and readable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2

from devices.profiles.camera import CameraObject
from simulators.camera import HEIGHT, WIDTH, Photographer, daylight, render, with_picture
from simulators.community import build
from simulators.timeline import say

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)
CAMERA = build(7, 1, now=NOON).family("camera")[0]


def test_nights_are_darker_than_days() -> None:
    night = NOON + timedelta(hours=11)
    assert daylight(night) < daylight(NOON)
    assert render(CAMERA, night).mean() < render(CAMERA, NOON).mean()


def test_a_figure_shows() -> None:
    assert (render(CAMERA, NOON, ["person"]) != render(CAMERA, NOON)).any()


def test_the_same_moment_gives_the_same_picture() -> None:
    assert (render(CAMERA, NOON, ["car"]) == render(CAMERA, NOON, ["car"])).all()


def test_pictures_are_capped_in_rate_and_number(tmp_path: Path) -> None:
    photographer = Photographer(tmp_path, apart=timedelta(seconds=5), keep=3)
    taken = [photographer.take(CAMERA, NOON + timedelta(seconds=2 * i), ["person"]) for i in range(16)]
    made = [name for name in taken if name]
    assert len(made) == 6
    left = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*"))
    assert left == sorted([CAMERA.id, *made[-3:]])


def test_an_event_carries_the_reference(tmp_path: Path) -> None:
    seen = CameraObject(track="t", label="person", phase="enter", score=0.9)
    told = with_picture(say(CAMERA, NOON, seen, "1"), CAMERA, Photographer(tmp_path).take)
    assert told.message is not None
    reading = told.message.reading
    assert isinstance(reading, CameraObject)
    assert reading.snapshot is not None
    picture = cv2.imread(str(tmp_path / reading.snapshot))
    assert picture is not None
    assert picture.shape == (HEIGHT, WIDTH, 3)
    told.wire()
