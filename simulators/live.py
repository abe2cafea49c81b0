"""A community that lives in real time: for `shequ up` and `shequ simulate`.

Ordinary traffic goes on for ever. About five seconds after the start somebody's kitchen
smokes; then the scenarios take turns, every half to whole minute, each on another estate and
device than before, so that no page is filled by one source. Nothing here reacts to anything:
a broker that restarts finds its devices back within seconds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from devices.errors import BrokerError
from devices.model import Device
from devices.profiles.access_gate import GatePass
from devices.profiles.camera import CameraObject
from simulators.camera import Photographer, with_picture
from simulators.community import Community, silence_limit
from simulators.faults import Ground, apply_faults
from simulators.link import Broker
from simulators.load import Load
from simulators.publish import Fleet
from simulators.scenario import Scenario, Scene, choose, load, quieten, stage
from simulators.steering import Steering, Unplayable, told
from simulators.timeline import Kind, Ledger, Sending, say, seeded, stamp
from simulators.traffic import background, state_of

FIRST_ALARM = timedelta(seconds=5)
UNSEEN = timedelta(hours=24) * 1.01 - timedelta(seconds=40)
"""How long ago the first cared-for person was last seen: build the community with `unseen=UNSEEN`.

A day is over then, and 40 s are left of the hundredth by which a platform may be late about it.
"""

_WINDOW = timedelta(seconds=30)  # background is prepared this far ahead
_PAUSE = (30.0, 60.0)  # s between scenarios
_PATIENCE = 20.0  # s until a background message is given up; scripted ones never are
_REVIVED = timedelta(seconds=90)  # a dead device comes back so long after it was missed
_TICK = 0.2  # s between looks at how much extra traffic is due
_TURNS = (
    "courier-loiters",
    "door-held-open",
    "failed-faces",
    "battery-low",
    "help-pressed",
    "door-two-minutes",
    "device-dies",
    "smoke-test-button",
    "help-by-mistake",
    "four-failed-faces",
    "kitchen-fire",
)
_LOG = logging.getLogger("shequ.simulators")

Say = Callable[[str], None]
"""Told, in a sentence, what is being played: for a terminal."""


async def run_live(
    community: Community,
    credentials: Mapping[str, str],
    host: str,
    port: int,
    *,
    seed: int,
    clock: Callable[[], datetime],
    snapshots: Path | None = None,
    say: Say = lambda _: None,
    steered: Callable[[Live], AbstractAsyncContextManager[object]] = nullcontext,
) -> None:
    """Simulate until cancelled. `clock` says what time it is; `snapshots` receives pictures.

    `steered` is open while it lasts, around what takes wishes (simulators/control.py).
    """
    broker = Broker(host=host, port=port, credentials=credentials)
    async with Fleet(community.devices, broker) as fleet:
        photographer = Photographer(snapshots) if snapshots else None
        live = Live(community, fleet, seed=seed, clock=clock, photographer=photographer, tell=say)
        async with steered(live):
            await live.run()


class Live:
    """The endless play: one task for the background, one for the scenarios, one per scene."""

    def __init__(
        self,
        community: Community,
        fleet: Fleet,
        *,
        seed: int,
        clock: Callable[[], datetime],
        photographer: Photographer | None,
        tell: Say,
    ) -> None:
        self._community, self._fleet, self._seed, self._clock = community, fleet, seed, clock
        self._photographer, self._tell = photographer, tell
        self._by_id = {d.id: d for d in community.devices}
        self._scenes: list[Scene] = []
        self._ledger = Ledger(keep=0)
        self._rng: Random = seeded(seed, "live")
        self._scripts = load()
        self._steering = Steering()
        self._last: dict[str, frozenset[str]] = {}  # who played a scenario so far
        self._turn = 0
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Play until cancelled."""
        started = self._clock()
        async with asyncio.TaskGroup() as group:
            self._group = group
            for device in self._community.devices:
                group.create_task(self._switch_on(device, started), name=f"greet {device.id}")
            group.create_task(self._ordinary(group, started), name="background")
            group.create_task(self._rotation(group, started), name="rotation")
            group.create_task(self._extra(), name="extra traffic")

    def stand(self) -> dict[str, Any]:
        """Say how things stand, as JSON: estates, scripts, what is playing, what was wished."""
        now = self._clock()
        playing = [s for s in self._scenes if s.start + timedelta(seconds=s.scenario.lasts) > now]
        known = told(self._scripts.values(), playing)
        return {"estates": list(self._community.estates), **known, **self._steering.told()}

    def wish(self, wish: Mapping[str, Any]) -> None:
        """Do as somebody wishes from now on; raises Unplayable."""
        self._steering.follow(wish)
        if "scenario" not in wish:
            return
        script = self._scripts.get(wish["scenario"])
        if script is None or self._group is None:
            raise Unplayable("scenario", f"only {', '.join(self._scripts)}")
        estates = [e for e in self._community.estates if wish.get("estate") in (None, e)]
        scenes = (self._cast(script, estate) for estate in estates)
        scene = next((s for s in scenes if s is not None), None)
        if scene is None:
            raise Unplayable("scenario", "nobody there is free to play it: try another estate, or later")
        self._group.create_task(self._perform(scene), name=f"scene {scene.name}")

    async def _extra(self) -> None:
        """Send harmless telemetry on top, as much as is wished."""
        wished, extra = 0.0, Load(self._community, 0.0)
        while True:
            if self._steering.rate != wished:
                wished = self._steering.rate
                extra = Load(self._community, wished)
                extra.begin()
            for sending in extra.due(self._clock(), set()) if wished else ():
                await self._send(sending)
            await asyncio.sleep(_TICK)

    async def _switch_on(self, device: Device, now: datetime) -> None:
        """Connect a device and let it say how it is."""
        told = say(device, now, state_of(device, now, self._seed), f"b-{stamp(now)}")
        await self._send(told, patient=True)

    async def _ordinary(self, group: asyncio.TaskGroup, start: datetime) -> None:
        """Send the background, each message at its time."""
        while True:
            end = start + _WINDOW
            for planned in await asyncio.to_thread(self._planned, start, end):
                await self._until(planned.when)
                for sending in quieten([planned], self._scenes):
                    if not self._gone(sending):
                        group.create_task(self._send(sending), name=f"say {sending.device}")
            await self._until(end)
            start = max(end, self._clock() - _WINDOW)  # after a long sleep of the machine: no catching up

    def _planned(self, start: datetime, end: datetime) -> list[Sending]:
        """Prepare the background of a window; in a thread, because a large town takes a moment."""
        planned = background(self._community, start, end, seed=self._seed)
        if not self._steering.faults:
            return list(planned)
        busy = frozenset(who for s in self._scenes for who in s.cast.values())
        cared = frozenset(c.person for c in self._community.cared)
        ground = Ground(community=self._community, start=start, end=end, cared=cared, mortal=busy, busy=busy)
        return apply_faults(planned, self._steering.faults, ground, int(start.timestamp()))

    async def _rotation(self, group: asyncio.TaskGroup, start: datetime) -> None:
        """The first alarm, the person nobody has seen, then one scenario after another."""
        await self._last_seen(start)
        await self._until(start + FIRST_ALARM)
        upcoming = "kitchen-fire"
        while True:
            estates = self._community.estates
            resting = not self._steering.rotation
            scene = (
                None if resting else self._cast(self._scripts[upcoming], estates[self._turn % len(estates)])
            )
            if scene is not None:
                self._tell(
                    f"{scene.scenario.name_zh} · {scene.scenario.name_en} [{scene.sendings[0].device}]"
                )
                group.create_task(self._perform(scene), name=f"scene {scene.name}")
            await asyncio.sleep(self._rng.uniform(*_PAUSE))
            upcoming = _TURNS[self._turn % len(_TURNS)]

    def _cast(self, script: Scenario, estate: str) -> Scene | None:
        """Cast a scenario on an estate, on others than last time and than those playing now."""
        now, last = self._clock(), self._last
        self._turn += 1
        self._scenes = [s for s in self._scenes if s.start + timedelta(seconds=s.scenario.lasts) > now]
        playing = {who for s in self._scenes for who in s.cast.values()}
        for taken in (playing | last.get(script.key, frozenset()), playing):
            cast = choose(script, self._community, estate, self._rng, taken)
            if cast is not None:
                last[script.key] = last.get(script.key, frozenset()) | set(cast.values())
                name = f"{script.key}#{stamp(now)}-{self._turn}"
                scene = stage(script, cast, self._community, now, name)
                self._scenes.append(scene)
                return scene
            last.pop(script.key, None)  # everybody has had a turn
        return None

    async def _perform(self, scene: Scene) -> None:
        """Play one scene in real time; a device that died comes back after it was missed."""
        await self._glance(scene)
        for sending in scene.sendings:
            await self._until(sending.when)
            await self._send(sending, patient=True)
        dead = [self._by_id[s.device] for s in scene.sendings if s.kind is Kind.DIE]
        for device in dead:
            await self._until(scene.start + silence_limit(device) + _REVIVED)
            self._fleet[device.id].dead = False
            self._scenes = [s for s in self._scenes if s is not scene]
            await self._switch_on(device, self._clock())

    async def _glance(self, scene: Scene) -> None:
        """Let the camera nearest to the scene see somebody: a picture of about now."""
        subject = self._by_id[scene.sendings[0].device]
        dying = {s.device for s in scene.sendings if s.kind is Kind.DIE}
        cameras = [c for c in self._community.family("camera", subject.estate) if c.id not in dying]
        if self._photographer is None or not cameras:
            return
        camera = min(cameras, key=lambda c: _far(c, subject))
        seen = CameraObject(track=f"near-{stamp(scene.start)}", label="person", phase="enter", score=0.9)
        await self._send(say(camera, scene.start, seen, f"near-{stamp(scene.start)}"))

    async def _last_seen(self, start: datetime) -> None:
        """Upload the last pass of the person whom nobody has seen for almost a day."""
        if not self._community.cared:
            return
        person = self._community.cared[0]
        gate = next(r.gate for r in self._community.residents if r.ref == person.person)
        seen = GatePass(direction="in", method="face", result="granted", person_ref=person.person, score=0.94)
        told = say(self._by_id[gate], start, seen, f"history-{stamp(start)}", at=start - UNSEEN)
        await self._send(told, patient=True)
        self._tell("独居老人已近一天未出入 · an elder has not been seen for almost a day "
                   f"[{person.person}]")  # fmt: skip

    def _gone(self, sending: Sending) -> bool:
        """Whether the background must not say this: nobody sees the unseen person again."""
        reading = sending.message.reading if sending.message else None
        unseen = self._community.cared[0].person if self._community.cared else ""
        if isinstance(reading, GatePass) and reading.person_ref == unseen:
            return True
        return sending.device in self._fleet and self._fleet[sending.device].dead

    async def _send(self, sending: Sending, *, patient: bool = False) -> None:
        """Send something now, with a picture where it is a passer-by."""
        if sending.device not in self._fleet:
            return
        if sending.kind is Kind.DIE:
            await self._fleet.perform(sending, self._ledger)
            return
        seen = sending.message is not None and isinstance(sending.message.reading, CameraObject)
        if self._photographer is not None and seen:
            sending = await asyncio.to_thread(
                with_picture, sending, self._by_id[sending.device], self._photographer.take
            )
        link = self._fleet[sending.device]
        try:
            topic, payload = sending.wire()
            await link.publish(topic, payload, retain=sending.retain, patience=None if patient else _PATIENCE)
        except BrokerError as exc:
            _LOG.info("given up: %s", exc, extra={"action": "give-up", "device": sending.device})

    async def _until(self, when: datetime) -> None:
        """Sleep until a moment, if it is still to come."""
        await asyncio.sleep(max(0.0, (when - self._clock()).total_seconds()))


def _far(a: Device, b: Device) -> float:
    """The squared distance of two devices, in the sketch."""
    return ((a.x or 0) - (b.x or 0)) ** 2 + ((a.y or 0) - (b.y or 0)) ** 2
