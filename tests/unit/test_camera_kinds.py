"""What followed objects are called: by shape without a model, by the owner's mapping with one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rules
from benchmarks.cameras import camera_of
from devices.errors import SettingError
from devices.profiles.camera import NAMES, SHAPES
from ingest.camera.analyser import Analyser
from ingest.camera.finding import Finding
from ingest.camera.kinds import LEAST, by_shape, vocabulary
from simulators.scenes.actors import Actor, Car
from simulators.scenes.catalogue import LANE, across
from simulators.scenes.scene import Scene
from simulators.timeline import seeded


def told(scene: Scene) -> set[str]:
    analyser = Analyser(camera_of(scene))
    return {
        outcome.label
        for t, picture in scene.frames()
        if picture is not None
        for outcome in analyser.see(picture, t)
        if isinstance(outcome, Finding)
    }


@pytest.mark.parametrize(
    ("actor", "label"),
    [
        (across(seeded("kinds"), 4.0), "upright"),
        (Car(spot=(0.26, 0.8), arrive=4, park=9, leave=30, seed=1), "wide"),
    ],
)
def test_without_a_model_a_walker_is_upright_and_a_car_is_wide(actor: Actor, label: str) -> None:
    points = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)] if label == "upright" else LANE
    zone = {"name": "z", "points": points, "watch": ["intrusion"]}
    assert told(Scene(name="kind", seed=3, duration=14, actors=(actor,), zones=(zone,))) == {label}


@given(st.lists(st.floats(0.05, 20), max_size=30))
def test_a_shape_is_told_only_after_enough_sights_and_is_always_one_we_know(ratios: list[float]) -> None:
    label = by_shape(ratios)
    assert label in SHAPES
    if len(ratios) < LEAST:
        assert label == "moving"


def test_two_who_touch_now_and_then_stay_upright() -> None:
    assert by_shape([2.8, 2.7, 0.8, 2.9, 0.8, 2.6]) == "upright"


def test_an_owners_labels_become_ours_or_are_left_out_by_name() -> None:
    names = {"pedestrian": "person", "电动车": "ebike", "bench": "ignore"}
    labels = ("pedestrian", "电动车", "bench", "Falling Object")
    assert vocabulary(labels, names) == ("person", "ebike", None, "falling_object")


@pytest.mark.parametrize(
    ("labels", "names", "problem"),
    [
        (("pedestrian",), {}, "pedestrian: say in model.names"),
        (("person",), {"walker": "person"}, "has no label walker"),
        (("pedestrian",), {"pedestrian": "persn"}, "persn: known names are"),
        (("bench",), {"bench": "ignore"}, "no class of the model would be told"),
        ((), {}, "no class of the model would be told"),
    ],
)
def test_a_mapping_that_would_never_tell_is_refused(
    labels: tuple[str, ...], names: dict[str, str], problem: str
) -> None:
    with pytest.raises(SettingError, match=problem):
        vocabulary(labels, names)


def test_every_label_the_shipped_rules_ask_for_is_one_a_camera_can_say() -> None:
    known = NAMES | set(SHAPES) | {"e-bike"}  # as other makes write it
    text = "\n".join(
        file.read_text(encoding="utf-8") for file in Path(rules.__file__).parent.glob("catalogue/*.yaml")
    )
    asked = set(re.findall(r"data\.label [!=]= '([^']+)'", text))
    for several in re.findall(r"data\.label in \[([^\]]+)\]", text):
        asked |= set(re.findall(r"'([^']+)'", several))
    assert {"person", "upright", "crowd"} <= asked <= known
