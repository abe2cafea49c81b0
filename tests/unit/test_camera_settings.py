"""The node's settings: every mistake names the file and the key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from devices.errors import SettingError
from ingest.camera.settings import Camera, armed, load

GOOD = """
folder = "/var/lib/shequ/snapshots"
[broker]
host = "broker.example"
tls = true
[[cameras]]
device = "cam-1"
estate = "E1"
password = "secret"
url = "rtsp://camera.example/stream"
armed = ["22:00-06:00"]
zones = [{ name = "lane", points = [[0.1, 0.9], [0.4, 0.5], [0.4, 0.9]], watch = ["blocking"] }]
lines = [{ name = "door", a = [0.5, 0.1], b = [0.5, 0.9], direction = "in" }]
"""


def test_a_good_file_is_read_with_its_defaults(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text(GOOD, encoding="utf-8")
    (camera,) = load(file).cameras
    assert (camera.frame_rate, camera.zones[0].left_after, camera.lines[0].direction) == (5.0, 60.0, "in")
    assert camera.blur_people
    assert camera.keep.days == 30


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("[0.1, 0.9]", "[0.1, 1.9]", r"cameras\[0\]\.zones\[0\]\.points"),
        ('watch = ["blocking"]', 'watch = ["staring"]', r"zones\[0\]\.watch"),
        ('device = "cam-1"', 'device = "cam/1"', r"cameras\[0\]\.device"),
        ('armed = ["22:00-06:00"]', 'armed = ["late"]', r"cameras\[0\]\.armed"),
        ('armed = ["22:00-06:00"]', "colour = 1", "colour"),
        ("b = [0.5, 0.9]", "b = [0.5, 0.1]", r"cameras\[0\]\.lines\[0\]: a and b are the same point"),
        ("[0.4, 0.5]", "[0.4, 0.9]", r"cameras\[0\]\.zones\[0\]\.points: the polygon has no area"),
        ('name = "door"', 'name = "lane"', "'lane' is named twice"),
        ('host = "broker.example"', "", r"missing required field `host` - at `\$\.broker`"),
        ('armed = ["22:00-06:00"]', 'model = { file = "m", labels = ["human"] }', r"model\.labels: human"),
        ("[broker]", "[broker", "line 3"),
    ],
)
def test_a_mistake_names_the_file_and_the_key(tmp_path: Path, old: str, new: str, names: str) -> None:
    file = tmp_path / "node.toml"
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(SettingError, match=names) as error:
        load(file)
    assert error.value.name == str(file)


def test_armed_hours_span_midnight_in_local_time() -> None:
    document = {"device": "c", "estate": "e", "password": "", "url": "u", "armed": ["22:00-06:00"]}
    camera = msgspec.convert(document, Camera)
    assert armed(camera, 8, datetime(2026, 1, 1, 15, 0, tzinfo=UTC))  # 23:00 in China
    assert armed(camera, 8, datetime(2026, 1, 1, 21, 59, tzinfo=UTC))  # 05:59
    assert not armed(camera, 8, datetime(2026, 1, 1, 22, 0, tzinfo=UTC))  # 06:00
    assert not armed(camera, 8, datetime(2026, 1, 1, 4, 0, tzinfo=UTC))  # noon
