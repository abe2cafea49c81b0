"""The live community takes turns, so that no page is filled by one source."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from devices.profiles.access_gate import GatePass
from simulators.community import build
from simulators.link import Broker
from simulators.live import UNSEEN, Live
from simulators.publish import Fleet
from simulators.scenario import load
from simulators.timeline import Sending

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    now = START

    def __call__(self) -> datetime:
        """Say what time it is."""
        return self.now


def _live(clock: Clock) -> Live:
    community = build(7, 2, now=START, unseen=UNSEEN)
    fleet = Fleet([], Broker(host="nowhere", port=1, credentials={}))
    return Live(community, fleet, seed=7, clock=clock, photographer=None, tell=lambda _: None)


def test_alarms_take_turns_through_devices_before_they_repeat() -> None:
    clock, script = Clock(), load()["help-pressed"]
    live = _live(clock)
    buttons = live._community.family("sos_button", "e1")
    pressed: Counter[str] = Counter()
    for _ in range(2 * len(buttons)):
        scene = live._cast(script, "e1")
        assert scene is not None
        pressed[scene.cast["button"]] += 1
        clock.now += timedelta(minutes=10)
    assert set(pressed.values()) == {2}


def test_scenes_that_play_at_once_share_nobody() -> None:
    live = _live(Clock())
    scenes = [live._cast(load()["door-held-open"], "e1") for _ in range(3)]
    cast = [who for scene in scenes if scene for who in scene.cast.values()]
    assert len(set(cast)) == len(cast) == 3


async def test_the_unseen_person_was_seen_almost_a_day_ago_and_never_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    live = _live(Clock())
    told: list[Sending] = []

    async def record(sending: Sending, *, patient: bool = False) -> None:
        told.append(sending)

    monkeypatch.setattr(live, "_send", record)
    await live._last_seen(START)
    (seen,) = told
    assert seen.message is not None
    assert isinstance(seen.message.reading, GatePass)
    assert seen.message.reading.person_ref == live._community.cared[0].person
    assert seen.when - seen.message.at == UNSEEN
    assert live._gone(seen)
