"""What the analytics see in rendered scenes, and what they must not see."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from benchmarks.cameras import compare, play
from ingest.camera.shape import Box, along, inside, overlap, polygon, side
from ingest.camera.steady import shift_between
from ingest.camera.track import Tracker
from simulators.scenes.catalogue import (
    across,
    broken,
    disturbed,
    parked_car,
    runner,
    thrown,
    yard,
)
from simulators.scenes.scene import Scene, Truth
from simulators.scenes.weather import Weather
from simulators.timeline import seeded


def test_somebody_who_walks_in_is_told_once_with_zone() -> None:
    walker = across(seeded("unit"), 5.0)
    scene = Scene(name="walk", seed=3, duration=20, actors=(walker,), zones=(yard("intrusion"),))
    played = play(scene)
    assert played.wrong == []
    assert played.scores["intrusion"].found == 1
    assert played.scores["intrusion"].repeated == 0


def test_a_runner_is_told_from_a_walker() -> None:
    assert play(runner(2)).wrong == []


def test_a_car_that_stays_in_the_fire_lane_blocks_it_and_a_short_stop_does_not() -> None:
    assert play(replace(parked_car(1), rate=2.5)).wrong == []


@pytest.mark.parametrize("seed", [23, 30, 37])  # large in the view, or parking slowly
def test_a_large_car_is_seen_and_is_no_camera_that_was_turned(seed: int) -> None:
    assert play(replace(parked_car(seed), duration=50.0, rate=2.5)).wrong == []


def test_things_that_fall_down_a_facade_are_seen() -> None:
    scene = thrown(1)
    played = play(scene)
    assert played.scores["falling"].false == 0
    assert played.scores["falling"].found >= 5


@pytest.mark.parametrize("kind", ["rain", "night noise", "switching", "lamp", "shake", "trees", "headlights"])
def test_a_disturbance_alone_raises_nothing(kind: str) -> None:
    assert play(disturbed(500, kind, 15.0)).wrong == []


@pytest.mark.parametrize("state", ["dark", "covered", "blurred", "moved", "frozen", "lost"])
def test_a_camera_that_fails_says_how(state: str) -> None:
    assert play(replace(broken(7, state), rate=2.0)).wrong == []  # states need few pictures


def test_the_truth_comes_from_geometry_alone() -> None:
    walker = across(seeded("unit"), 5.0)
    scene = Scene(name="walk", seed=3, duration=20, actors=(walker,), zones=(yard("intrusion"),))
    (truth,) = scene.truths()
    assert truth.behaviour == "intrusion"
    assert 5 < truth.start < truth.end < 20


def test_a_scene_is_the_same_for_the_same_seed() -> None:
    scene = disturbed(1, "storm", 3.0)
    for (_, a), (_, b) in zip(scene.frames(), scene.frames(), strict=True):
        assert a is not None
        assert b is not None
        assert np.array_equal(a, b)


def test_the_score_counts_found_repeated_missed_and_false() -> None:
    truths = [
        Truth(behaviour="left", zone="a", start=10, end=20),
        Truth(behaviour="left", zone="a", start=100, end=110),
    ]
    said = [(11.0, "left", "a"), (12.0, "left", "a"), (50.0, "left", "a"), (11.0, "left", "b")]
    scores, wrong = compare(truths, said)
    assert (scores["left"].true, scores["left"].found, scores["left"].repeated, scores["left"].false) == (
        2,
        1,
        1,
        2,
    )
    assert len(wrong) == 3


def test_quiet_weather_names_nothing() -> None:
    assert Weather().names() == []
    assert Weather(rain=3, shake=1).names() == ["rain", "shake"]


def test_geometry_of_boxes_lines_and_polygons() -> None:
    assert overlap(Box(0, 0, 2, 2), Box(1, 0, 2, 2)) == pytest.approx(1 / 3)
    assert overlap(Box(0, 0, 1, 1), Box(5, 5, 1, 1)) == 0
    area = polygon([(0, 0), (1, 0), (1, 1), (0, 1)], 10, 10)
    assert inside(area, (5, 5))
    assert not inside(area, (11, 5))
    assert side((0, 0), (10, 0), (5, 3)) == 3
    assert along((0, 0), (10, 0), (5, 3)) == 0.5


def test_two_who_pass_each_other_keep_their_numbers() -> None:
    tracker, grey = Tracker(480), np.zeros((270, 480), np.uint8)
    for n in range(40):
        left, right = Box(20 + 10 * n, 100, 20, 50), Box(420 - 10 * n, 180, 20, 50)
        tracks = tracker.step([left, right], grey, n / 5)
    assert [t.number for t in tracks] == [1, 2]
    assert tracks[0].box.y == 100


def test_what_only_sways_never_counts() -> None:
    tracker, grey = Tracker(480), np.zeros((270, 480), np.uint8)
    for n in range(100):
        tracks = tracker.step([Box(100 + 8 * np.sin(n), 100, 50, 50)], grey, n / 5)
        assert tracks == []


def test_measuring_a_shift_leaves_the_pictures_alone() -> None:
    rng = np.random.default_rng(1)
    a = cv2.GaussianBlur(rng.normal(100, 40, (90, 160)).astype(np.float32), (7, 7), 0)
    b, kept = np.roll(a, 3, axis=1), a.copy()
    window = cv2.createHanningWindow((160, 90), cv2.CV_32F)
    (dx, _), peak = shift_between(a, b, window)
    assert dx == pytest.approx(3, abs=0.3)
    assert peak > 0.3
    assert np.array_equal(a, kept)
