"""Connections come back by themselves, and virtual time moves only when all is acknowledged."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self

import aiomqtt
import pytest

from devices.errors import BrokerError
from simulators import link as links
from simulators.community import build
from simulators.link import Broker, Link
from simulators.load import Load
from simulators.publish import MARKER, Fleet, play
from simulators.timeline import Kind, Ledger, Sending
from simulators.traffic import background

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
GATEWAY = ("gateway", "secret")


class FakeClient:
    """Stands in for aiomqtt.Client: records, and fails where told to."""

    wire: ClassVar[list[tuple[str, str, bytes, bool]]] = []
    failures: ClassVar[int] = 0
    opened: ClassVar[list[str]] = []
    wills: ClassVar[dict[str, Any]] = {}

    def __init__(self, *_address: object, username: str, will: Any, **_: Any) -> None:
        self.username = username
        self.wills[username] = will
        self._disconnected: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        self.opened.append(self.username)
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self._disconnected.done():
            self._disconnected.set_result(None)

    async def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool = False) -> None:
        """Record, or fail."""
        assert qos == 1
        await asyncio.sleep(0)
        if FakeClient.failures and not topic.endswith("availability"):
            FakeClient.failures -= 1
            raise aiomqtt.MqttError("connection lost")
        self.wire.append((self.username, topic, payload, retain))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeClient]:
    monkeypatch.setattr(aiomqtt, "Client", FakeClient)
    monkeypatch.setattr(links, "_BACKOFF", (0.0, 0.0))
    FakeClient.wire.clear()
    FakeClient.opened.clear()
    FakeClient.failures = 0
    return FakeClient


def _broker(devices: tuple[str, ...]) -> Broker:
    return Broker(host="nowhere", port=1, credentials=dict.fromkeys(devices, "pw"), gateway=GATEWAY)


async def test_a_device_greets_and_leaves_a_last_will(fake: type[FakeClient]) -> None:
    device = build(7, 1, now=START).devices[0]
    link = Link(_broker((device.id,)), (device.id, "pw"), asyncio.Semaphore(1), device)
    await link.open()
    await link.close()
    topic = f"shequ/v1/e1/{device.id}/availability"
    assert fake.wire == [(device.id, topic, b"online", True)]
    will = fake.wills[device.id]
    assert (will.topic, will.payload, will.qos, will.retain) == (topic, b"offline", 1, True)


async def test_a_message_is_sent_until_it_is_acknowledged(fake: type[FakeClient]) -> None:
    device = build(7, 1, now=START).devices[0]
    link = Link(_broker((device.id,)), (device.id, "pw"), asyncio.Semaphore(1), device)
    fake.failures = 3
    await link.publish("t", b"x")
    await link.close()
    assert [m for m in fake.wire if m[1] == "t"] == [(device.id, "t", b"x", False)]
    assert len(fake.opened) == 4


async def test_patience_ends(fake: type[FakeClient]) -> None:
    link = Link(_broker(()), GATEWAY, asyncio.Semaphore(1))
    fake.failures = 1
    with pytest.raises(BrokerError):
        await link.publish("t", b"x", patience=0.0)
    await link.close()


async def test_markers_follow_what_they_cover(fake: type[FakeClient]) -> None:
    community = build(7, 1, now=START)
    end = START + timedelta(minutes=30)
    said = list(background(community, START, end, greet=True))
    heard: list[Sending] = []
    ledger = await play(
        community,
        _broker(tuple(d.id for d in community.devices)),
        said,
        start=START,
        end=end,
        speed=1e9,
        on_publish=lambda s, _began, _acked: heard.append(s),
    )
    now = START
    for _, topic, payload, _ in fake.wire:
        if topic == MARKER:
            now = datetime.fromisoformat(json.loads(payload)["at"])
        elif not topic.endswith("availability"):
            at = datetime.fromisoformat(json.loads(payload)["at"])
            assert now <= at < now + timedelta(seconds=30)
    assert now == end
    assert ledger.markers == 61
    assert ledger.published == len(said) == len(heard)


async def test_what_is_lost_or_dead_is_not_sent(fake: type[FakeClient]) -> None:
    community = build(7, 1, now=START)
    device = community.devices[0]
    (greeting, *_) = (s for s in background(community, START, START, greet=True) if s.device == device.id)
    ledger = Ledger()
    async with Fleet([device], _broker((device.id,))) as fleet:
        lost = Sending(when=START, estate="e1", device=device.id, kind=Kind.LOSE, message=greeting.message)
        await fleet.perform(lost, ledger)
        fleet[device.id].dead = True
        await fleet.perform(greeting, ledger)
        assert ledger.published == 0
        fleet[device.id].dead = False
        await fleet.perform(greeting, ledger)
    assert (ledger.published, ledger.lost) == (1, 1)


def test_load_keeps_its_rate_and_leaves_the_dead_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    community = build(7, 1, now=START)
    now = [100.0]
    monkeypatch.setattr("simulators.load.monotonic", lambda: now[0])
    load = Load(community, 50.0)
    load.begin()
    now[0] += 0.5
    first = load.due(START, set())
    now[0] += 10.0
    second = load.due(START, {community.devices[0].id})
    assert len(first) == 25
    assert len(second) == 51  # a stall is not made up for
    assert len({s.key for s in first + second}) == 76
    assert community.devices[0].id not in {s.device for s in second}
    for s in first + second:
        s.wire()
