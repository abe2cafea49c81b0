"""A camera's whole path: rendered scene, HTTP MJPEG, node, real broker, message; picture and clip on disk."""

from __future__ import annotations

import asyncio
import itertools
import os
from datetime import timedelta
from pathlib import Path

import aiomqtt
import cv2
import msgspec
import pytest

from devices.codec import parse_topic
from devices.profiles.camera import PROFILE, CameraObject
from devices.reading import State
from devices.registry.configuration import config_message
from ingest.broker_admin import BrokerAdmin
from ingest.camera.node import run
from ingest.camera.settings import NodeSettings
from ingest.clock import system_clock
from simulators.scenes.catalogue import DOOR, across, yard
from simulators.scenes.scene import Scene
from simulators.scenes.stream import serve
from simulators.stack import Broker
from simulators.timeline import seeded

_serial = itertools.count(1)


def walk() -> Scene:
    """Somebody crosses the yard five seconds after the stream begins."""
    walker = across(seeded("integration"), 5.0)
    return Scene(
        name="walk", seed=3, duration=25, actors=(walker,), zones=(yard("intrusion"),), lines=(DOOR,)
    )


def settings(
    broker: Broker, *, estate: str, device: str, password: str, url: str, folder: Path
) -> NodeSettings:
    document = {
        "broker": {"host": broker.address.host, "port": broker.address.port},
        "folder": str(folder),
        "cameras": [
            {
                "device": device, "estate": estate, "password": password, "url": url,
                "masks": [[[0, 0], [0.1, 0], [0.1, 0.1]]],
            }
        ],
    }  # fmt: skip
    return msgspec.convert(document, NodeSettings)


@pytest.fixture
def estate() -> str:
    return f"cam-{os.getpid()}-{next(_serial)}"


WANTED = {
    "zones": [{k: v for k, v in yard("intrusion").items() if k != "watch"}],
    "lines": [DOOR],
    "clip_before_s": 3,
    "clip_after_s": 2,
}


async def test_a_walker_in_a_stream_becomes_events_with_a_picture_and_a_clip(
    broker: Broker, estate: str, tmp_path: Path
) -> None:
    device = f"{estate}-yard"
    async with BrokerAdmin.connect(broker.address, broker.admin) as admin:
        password = await admin.add_device(estate, device)
    heard: list[CameraObject] = []
    greetings: list[bytes] = []
    states: list[State] = []
    began = system_clock()
    async with (
        serve({"walk": walk()}, repeat=False) as port,
        aiomqtt.Client(
            broker.address.host, broker.address.port, username=broker.ingest.username,
            password=broker.ingest.password, identifier=f"hear-{estate}",
            protocol=aiomqtt.ProtocolVersion.V5,
        ) as ear,
    ):  # fmt: skip
        for channel in ("event", "state", "availability"):
            await ear.subscribe(f"shequ/v1/{estate}/+/{channel}", qos=1)
        config = f"shequ/v1/{estate}/{device}/config"
        await ear.publish(config, config_message(4, WANTED), qos=1, retain=True)
        url = f"http://127.0.0.1:{port}/walk"
        told = settings(broker, estate=estate, device=device, password=password, url=url, folder=tmp_path)
        node = asyncio.create_task(run(told, system_clock), name="node")
        try:
            async with asyncio.timeout(60):
                async for message in ear.messages:
                    topic = parse_topic(message.topic.value)
                    assert (topic.estate, topic.device) == (estate, device)
                    assert isinstance(message.payload, bytes)
                    if topic.channel == "availability":
                        greetings.append(message.payload)
                        continue
                    decoded = PROFILE.decode(message.payload)
                    assert timedelta(seconds=-1) <= decoded.at - began <= timedelta(seconds=60)
                    if isinstance(decoded.reading, CameraObject):
                        heard.append(decoded.reading)
                    else:
                        assert isinstance(decoded.reading, State)
                        states.append(decoded.reading)
                    if {"intrusion", "crossing_in"} <= {h.behaviour for h in heard} or {
                        "intrusion", "crossing_out",
                    } <= {h.behaviour for h in heard}:  # fmt: skip
                        break
                clips = await clip_of(tmp_path)
        finally:
            node.cancel()
            await asyncio.gather(node, return_exceptions=True)
        async with asyncio.timeout(60):
            async for message in ear.messages:
                if message.topic.value.endswith("availability") and message.payload == b"offline":
                    break
    assert [(s.config_version, s.config_status) for s in states if s.config_version] == [(4, "applied")]
    assert (tmp_path / estate / device / "config.json").stat().st_mode & 0o777 == 0o600
    intrusion = next(h for h in heard if h.behaviour == "intrusion")
    assert (intrusion.phase, intrusion.zone, intrusion.label) == ("enter", "yard", "upright")
    assert greetings == [b"online"]
    assert intrusion.snapshot is not None
    picture = cv2.imread(str(tmp_path / intrusion.snapshot))
    assert picture is not None
    assert picture.shape == (270, 480, 3)
    assert 10 <= frames_of(clips) <= 30


def frames_of(clip: Path) -> int:
    """Count the pictures of a clip."""
    capture = cv2.VideoCapture(str(clip))
    frames = 0
    while capture.read()[0]:
        frames += 1
    capture.release()
    return frames


async def clip_of(folder: Path) -> Path:
    """Wait for the clip that follows a picture."""
    while True:
        found = await asyncio.to_thread(lambda: sorted(folder.rglob("*.webm")))
        whole = [p for p in found if ".part" not in p.name]
        if whole:
            return whole[0]
        await asyncio.sleep(0.2)


async def test_a_configuration_that_cannot_be_is_answered_with_the_reason_and_changes_nothing(
    broker: Broker, estate: str, tmp_path: Path
) -> None:
    device = f"{estate}-gate"
    async with BrokerAdmin.connect(broker.address, broker.admin) as admin:
        password = await admin.add_device(estate, device)
    url = "http://127.0.0.1:9/nothing"
    told = settings(broker, estate=estate, device=device, password=password, url=url, folder=tmp_path)
    async with aiomqtt.Client(
        broker.address.host, broker.address.port, username=broker.ingest.username,
        password=broker.ingest.password, identifier=f"hear-{estate}",
    ) as ear:  # fmt: skip
        await ear.subscribe(f"shequ/v1/{estate}/{device}/state", qos=1)
        wanted = config_message(5, {"zoom": 3})
        await ear.publish(f"shequ/v1/{estate}/{device}/config", wanted, qos=1, retain=True)
        node = asyncio.create_task(run(told, system_clock), name="node")
        try:
            async with asyncio.timeout(30):
                async for message in ear.messages:
                    assert isinstance(message.payload, bytes)
                    answer = PROFILE.decode(message.payload).reading
                    if isinstance(answer, State) and answer.config_version == 5:
                        break
        finally:
            node.cancel()
            await asyncio.gather(node, return_exceptions=True)
    assert isinstance(answer, State)
    assert (answer.config_status, answer.config_reason) == (
        "failed", "config: this node does not know zoom",
    )  # fmt: skip
    assert not (tmp_path / estate / device / "config.json").exists()
