"""The whole path of a camera as a drill: stream, node, MQTT, rule, alert, picture in the console."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.cameras import play
from console.commands.drill_cameras import drill_cameras, report, watched
from devices.model import Device
from ingest.clock import system_clock
from simulators.community import build


@pytest.mark.timeout(420)  # real streams in real time, on whatever machine this is
async def test_two_cameras_one_blocked_lane_one_alert_and_its_picture() -> None:
    result = await drill_cameras(2, 7)
    assert result["passed"], result
    assert (result["cameras"], result["rtsp"], result["configured_from_registry"]) == (2, 1, 2)
    assert (result["events"], result["alerts_expected"], result["codes"]) == (1, 1, ["FIRE-005"])
    assert (result["pictures_shown"], result["register_rows"]) == (1, 1)


def cameras() -> tuple[Device, ...]:
    return build(7, 2, now=system_clock()).family("camera")[:2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"alerts": Counter()},
        {"enters": {}},
        {"pictures": 0},
        {"rows": 0},
        {"quiet": True},
    ],
)
def test_the_drill_fails_where_anything_is_missing_or_too_much(wrong: dict[str, Any]) -> None:
    lane, quiet = (device.id for device in cameras())
    good: dict[str, Any] = {
        "enters": {lane: 1}, "alerts": Counter({(lane, "FIRE-005"): 1}), "pictures": 1, "rows": 1,
        "delays": [5.1],
    }  # fmt: skip
    assert report(watched(cameras()), 2, good)["passed"]
    assert not report(watched(cameras()), 1, good)["passed"]
    bad = {**good, "enters": {lane: 1, quiet: 1}} if wrong.pop("quiet", None) else {**good, **wrong}
    assert not report(watched(cameras()), 2, bad)["passed"]


def test_without_a_model_every_story_of_the_drill_is_seen_as_it_was_told() -> None:
    community = build(7, 2, now=system_clock())
    cast = watched(community.family("camera")[:8], community.family("access_gate"))
    assert [one.story.code for one in cast] == [
        "FIRE-005", None, "SEC-004", None, "SEC-003", None, "SEC-008", None,
    ]  # fmt: skip
    for one in cast:
        if one.story.code not in ("SEC-003", "SEC-004", "SEC-008"):
            continue
        played = play(replace(one.scene, duration=50.0))
        assert not any("false" in text for text in played.wrong)
        assert sum(score.found for score in played.scores.values()) == (2 if one.gate else 1)
