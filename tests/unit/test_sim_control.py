"""The simulator's controls: for whoever knows the secret; what cannot be played is refused, and why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from simulators.community import build
from simulators.control import control
from simulators.link import Broker
from simulators.live import UNSEEN, Live
from simulators.publish import Fleet
from simulators.steering import MOST_RATE, Steering, Unplayable

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
LOGIN = {"Authorization": "Bearer a-secret"}


@pytest.fixture
async def live(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Live]:
    """A community whose scenes are cast and not played."""
    community = build(7, 2, now=START, unseen=UNSEEN)
    fleet = Fleet([], Broker(host="nowhere", port=1, credentials={}))
    live = Live(community, fleet, seed=7, clock=lambda: START, photographer=None, tell=lambda _: None)

    async def perform(_: object) -> None:
        """Play nothing."""

    monkeypatch.setattr(live, "_perform", perform)
    async with asyncio.TaskGroup() as group:
        live._group = group
        yield live


@pytest.fixture
async def client(live: Live) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the door."""
    transport = httpx.ASGITransport(control(live, "a-secret"))
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as client:
        yield client


async def test_nobody_steers_without_the_secret(client: httpx.AsyncClient) -> None:
    assert (await client.get("/")).status_code == 401
    assert (
        await client.post("/", json={"rate": 5}, headers={"Authorization": "Bearer x"})
    ).status_code == 401


async def test_a_scenario_plays_where_it_is_wished(client: httpx.AsyncClient) -> None:
    answer = await client.post("/", json={"scenario": "kitchen-fire", "estate": "e2"}, headers=LOGIN)
    (scene,) = answer.json()["playing"]
    assert scene["key"] == "kitchen-fire"
    assert all(who.startswith("e2-") for who in scene["cast"].values())


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"scenario": "earthquake"}, "scenario"),
        ({"scenario": "kitchen-fire", "estate": "e9"}, "scenario"),
        ({"rate": MOST_RATE + 1}, "rate"),
        ({"faults": ["drop", "gremlins"]}, "faults"),
    ],
)
async def test_what_cannot_be_played_is_refused_by_its_field(
    client: httpx.AsyncClient, wish: dict[str, object], field: str
) -> None:
    answer = await client.post("/", json=wish, headers=LOGIN)
    assert (answer.status_code, list(answer.json())) == (422, [field])
    stand = (await client.get("/", headers=LOGIN)).json()
    assert (stand["rate"], stand["faults"], stand["playing"]) == (0.0, [], [])


async def test_faults_reach_the_ordinary_traffic(live: Live) -> None:
    end = datetime(2026, 11, 23, 10, tzinfo=UTC)
    plain = live._planned(START, end)
    live.wish({"faults": ["duplicate"], "rotation": False})
    assert live.stand()["rotation"] is False
    doubled = live._planned(START, end)
    assert len(doubled) > len(plain)
    assert sum(s.copy for s in doubled) == len(doubled) - len(plain)


def test_a_wish_that_is_half_wrong_changes_nothing() -> None:
    steering = Steering()
    with pytest.raises(Unplayable):
        steering.follow({"rotation": False, "faults": ["gremlins"]})
    assert steering == Steering()
