"""A camera's settings from the registry: what the console's form accepts is what the node takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from devices.errors import SettingError
from devices.registry.configuration import config_message
from devices.registry.models import model_of
from devices.registry.watching import DIRECTIONS, WATCHES
from ingest.camera import wish
from ingest.camera.finding import Finding
from ingest.camera.settings import Camera, Keep, Zone
from ingest.camera.source import Newest
from ingest.camera.watch import Seen, Watch
from simulators.scenes.catalogue import walkers

FILE = Camera(device="cam-1", estate="E1", password="p", url="scene", frame_rate=8.0, lost_after=3.0)
FORM = model_of("camera", None, None).schema
SCHEMA = Draft202012Validator(FORM)
SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]

share = st.floats(0, 1, allow_nan=False)
point = st.tuples(share, share).map(list)
zone = st.fixed_dictionaries(
    {"points": st.just(SQUARE)},
    optional={
        "watch": st.lists(st.sampled_from([w for w in WATCHES if w != "left"]), unique=True),
        "loiter_after": st.floats(1, 86_400),
        "left_after": st.floats(1, 86_400),
        "crowd": st.integers(2, 500),
    },
)
line = st.fixed_dictionaries(
    {"a": st.just([0.1, 0.2]), "b": st.just([0.8, 0.2])},
    optional={"direction": st.sampled_from(DIRECTIONS)},
)
hours = st.sampled_from(["22:00-06:00", "00:00-24:00", "09:30-11:45"])
wishes = st.fixed_dictionaries(
    {},
    optional={
        "zones": st.lists(zone, max_size=4).map(lambda z: [{**v, "name": f"z{n}"} for n, v in enumerate(z)]),
        "lines": st.lists(line, max_size=4).map(lambda z: [{**v, "name": f"l{n}"} for n, v in enumerate(z)]),
        "masks": st.lists(st.lists(point, min_size=3, max_size=6), max_size=3),
        "ignore": st.lists(st.lists(point, min_size=3, max_size=6), max_size=3),
        "armed": st.lists(hours, max_size=3),
        "frame_rate": st.floats(1, 30),
        "sensitivity": share,
        "min_size": st.floats(0, 0.5),
        "falling": st.booleans(),
        "blur_people": st.booleans(),
        "clips": st.booleans(),
        "keep_days": st.floats(1, 180),
        "clip_before_s": st.floats(0, 60),
        "clip_after_s": st.floats(0, 120),
        "heartbeat_s": st.integers(10, 86_400),
    },
)


@given(wishes)
def test_whatever_the_schema_accepts_the_node_takes(data: dict[str, Any]) -> None:
    SCHEMA.validate(data)
    camera = wish.wished(FILE, data)
    assert camera.device == "cam-1"
    assert camera.frame_rate == data.get("frame_rate", 8.0)  # the file's, where the registry is silent
    assert camera.keep.days == data.get("keep_days", 30.0)
    assert [z.name for z in camera.zones] == [z["name"] for z in data.get("zones", [])]


def test_the_schema_names_all_the_node_knows_and_nothing_else() -> None:
    named = set(FORM["properties"])
    assert named == {*wish._SAME, *wish._KEEP, *wish._LINK}


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ({"zones": [{"name": "z", "points": [[0, 0], [1, 1], [0.5, 0.5]]}]}, r"zones\[0\].*no area"),
        ({"frame_rate": 99}, r"\$\.frame_rate"),
        ({"night_mode": "on"}, "does not know night_mode"),
        ({"lines": [{"name": "l", "a": [0, 0], "b": [0, 0]}]}, "same point"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_by_name(data: dict[str, Any], names: str) -> None:
    with pytest.raises(SettingError, match=names):
        wish.wished(FILE, data)


def test_the_answer_names_version_and_hash_and_the_reason_on_one_line() -> None:
    asked = wish.read(config_message(7, {"sensitivity": 0.4}))
    assert asked.answer().config_status == "applied"
    failed = asked.answer("line\nbreak\x00")
    assert (failed.config_version, failed.config_hash, failed.config_status) == (7, asked.hash, "failed")
    assert failed.config_reason == "line break "
    msgspec.json.decode(msgspec.json.encode(failed), type=type(failed))


def test_a_node_that_starts_without_the_broker_keeps_its_masks(tmp_path: Path) -> None:
    complaints: list[str] = []
    assert wish.remembered(tmp_path, FILE, complaints.append) == FILE
    wish.remember(tmp_path, wish.read(config_message(3, {"masks": [SQUARE]})))
    assert len(wish.remembered(tmp_path, FILE, complaints.append).masks) == 1
    assert complaints == []
    (tmp_path / "config.json").write_bytes(b"{")
    assert wish.remembered(tmp_path, FILE, complaints.append) == FILE
    assert len(complaints) == 1


def test_other_settings_end_what_had_begun_under_the_old_ones() -> None:
    """A zone that is drawn anew leaves nobody inside for ever: rules wait for a leave."""
    scene = walkers(3)
    told: list[Seen] = []
    yard = Zone(name="yard", points=tuple(scene.zones[0]["points"]))
    camera = msgspec.structs.replace(FILE, zones=(yard,), keep=Keep(clips=False))
    watch = Watch(camera, Newest(), told.append, lambda: 0.0)
    for t, frame in scene.frames():
        if frame is not None:
            watch.look(frame, t)
        if any(isinstance(o, Finding) and o.phase == "enter" for s in told for o in s.outcomes):
            break
    (entered,) = (o for s in told for o in s.outcomes if isinstance(o, Finding))
    told.clear()
    watch.become(FILE)
    watch.look(np.zeros((90, 160, 3), np.uint8), 99.0)
    (left,) = (o for s in told for o in s.outcomes if isinstance(o, Finding))
    assert (left.phase, left.zone, left.track) == ("leave", "yard", entered.track)
