"""`shequ drill --cameras N`: stream → node → MQTT → rule → alert → picture in the console, with known truth.

Every second camera sees something happen (a car blocks the fire lane, somebody comes in behind another,
somebody loiters, a crowd gathers: simulators/scenes/drilled.py); the others look at wind, rain and shake. The
streams are real (H.264 over RTSP and MJPEG over HTTP, in turns), settings come from the registry, time is
real: nothing here is squeezed but the rules' waits.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiomqtt
import httpx
import msgspec
import psycopg
from psycopg.rows import dict_row

from console.commands.feed_watch import FeedWatch, first_login
from console.commands.local import Local, broker_url, free_port, open_local, running, throw_away
from console.commands.stack import stack_settings
from devices.model import Device
from devices.profiles.access_gate import GatePass
from ingest.broker_admin import BrokerAdmin
from ingest.camera.node import run as run_node
from ingest.camera.settings import NodeSettings
from ingest.clock import system_clock
from ingest.settings import BrokerUrl
from ingest.store import sql
from ingest.store.registry import save_registry
from simulators.community import build
from simulators.scenes.drilled import ARRIVES, SQUEEZED, STANDS, Story, stories
from simulators.scenes.rtsp import serve_rtsp
from simulators.scenes.scene import Scene
from simulators.scenes.stream import serve
from simulators.timeline import say

log = logging.getLogger(__name__)
Q: Final = sql.load("console.store", "commands.sql")
WITHIN: Final = 90.0  # seconds after it happened until its alert must stand
QUIET: Final = 10.0  # seconds more, in which nothing further may come
CONFIGURED: Final = 30.0  # seconds until every node has answered


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """One camera, what it sees, and what must come of it."""

    device: Device
    story: Story
    rtsp: bool
    gate: Device | None = None  # whose pass lets one in

    @property
    def scene(self) -> Scene:
        """What it sees."""
        return self.story.scene

    @property
    def config(self) -> dict[str, Any]:
        """What the registry wants of it."""
        zones = [dict(zone) for zone in self.scene.zones]
        for zone in zones:
            zone["points"] = [list(point) for point in zone["points"]]
            for unsaid in ("person_height", "fast"):
                zone.pop(unsaid, None)
        lines = [{**line, "a": list(line["a"]), "b": list(line["b"])} for line in self.scene.lines]
        lines = lines if self.gate else []
        return {
            "zones": zones,
            "lines": lines,
            "falling": self.scene.facade,
            "frame_rate": self.scene.rate,
            "clips": False,
        }


def watched(devices: Sequence[Device], gates: Sequence[Device] = ()) -> list[Watched]:
    """Give every camera its story, RTSP and MJPEG beside each other."""
    doors = {gate.place: gate for gate in gates}
    return [
        Watched(
            device=device,
            story=story,
            rtsp=n % 3 != 1,
            gate=doors[device.place] if story.passes else None,
        )
        for n, (device, story) in enumerate(zip(devices, stories(devices, gates), strict=True))
    ]


async def drill_cameras(count: int, seed: int) -> dict[str, Any]:
    """Run it on a private stack; the report's `passed` says whether everything was as it must be."""
    with throw_away() as data:
        async with AsyncExitStack() as stack:
            local = await stack.enter_async_context(open_local(stack_settings(data=data, port=0), log.info))
            cameras = await _registered(local, count, seed)
            async with BrokerAdmin.connect(local.stack.broker, local.stack.admin) as admin:
                passwords = await admin.add_devices((c.device.estate, c.device.id) for c in cameras)
            await stack.enter_async_context(running(local.child("ingest")))
            console = await stack.enter_async_context(_console(local))
            for estate in sorted({c.device.estate for c in cameras}):
                for rule, param, value in SQUEEZED:
                    wish = {"rule": rule, "scope": estate, "param": param, "value": value, "reason": "drill"}
                    (await console.post("/api/thresholds", json=wish)).raise_for_status()
            for camera in cameras:
                path = f"/api/devices/{camera.device.id}/config"
                (await console.put(path, json={"data": camera.config})).raise_for_status()
            settings = await stack.enter_async_context(_streams(local, cameras, passwords))
            async with asyncio.TaskGroup() as group:
                began = time.monotonic()
                node = group.create_task(run_node(settings, system_clock), name="drill.node")
                opening = group.create_task(_open_gates(local, cameras), name="drill.gates")
                configured = await _configured(console, cameras)
                await _until_told(local, began, sum(c.story.code is not None for c in cameras))
                await opening
                found = await _found(local, console, cameras)
                node.cancel()
            return report(cameras, configured, found)


async def _registered(local: Local, count: int, seed: int) -> list[Watched]:
    community = build(seed, max(1, count), now=system_clock())
    devices = community.family("camera")[:count]
    async with await psycopg.AsyncConnection.connect(local.stack.database_url) as connection:
        await save_registry(
            connection, places=community.places, devices=community.devices, cared=community.cared
        )
    return watched(devices, community.family("access_gate"))


@asynccontextmanager
async def _console(local: Local) -> AsyncIterator[httpx.AsyncClient]:
    """A console, and somebody who may configure and look."""
    port = free_port()
    login = await first_login(local.stack.database_url, "drill", "system_admin")
    async with (
        running(local.child("serve", extra={"SHEQU_PORT": str(port)})),
        FeedWatch.open(f"http://127.0.0.1:{port}", login) as watch,
    ):
        yield watch.client


@asynccontextmanager
async def _streams(
    local: Local, cameras: Sequence[Watched], passwords: Mapping[str, str]
) -> AsyncIterator[NodeSettings]:
    """Serve the scenes; yields the settings of a node that knows no more than addresses and logins."""
    over_rtsp = {c.device.id: c.scene for c in cameras if c.rtsp}
    over_http = {c.device.id: c.scene for c in cameras if not c.rtsp}
    broker = BrokerUrl(broker_url(local.stack.broker, local.stack.ingest))
    async with serve_rtsp(over_rtsp) as rtsp, serve(over_http) as http:
        document = {
            "broker": {"host": broker.host, "port": broker.port},
            "folder": str(local.data / "snapshots"),
            "live": {"secret": secrets.token_urlsafe(12), "port": 0},
            "cameras": [
                {
                    "device": c.device.id,
                    "estate": c.device.estate,
                    "password": passwords[c.device.id],
                    "url": f"rtsp://127.0.0.1:{rtsp}/{c.device.id}"
                    if c.rtsp
                    else f"http://127.0.0.1:{http}/{c.device.id}",
                }
                for c in cameras
            ],
        }
        yield msgspec.convert(document, NodeSettings)


async def _open_gates(local: Local, cameras: Sequence[Watched]) -> None:
    """Let one person in at each gate where two will come, as the first of them crosses the line."""
    gates = {c.device.id: c.gate for c in cameras if c.gate is not None}
    if not gates:
        return
    until = time.monotonic() + ARRIVES + WITHIN
    while not set(gates) <= {row["device"] for row in await _rows(local, "camera_enters")}:
        if time.monotonic() > until:
            return  # nobody was seen: the report says which alert is missing
        await asyncio.sleep(0.5)
    login, broker = local.stack.gateway, local.stack.broker
    async with aiomqtt.Client(
        broker.host, broker.port, username=login.username, password=login.password, identifier="drill-gates"
    ) as client:
        for gate in gates.values():
            opened = say(
                gate, system_clock(), GatePass(direction="in", method="card", result="granted"), "pass-1"
            )
            topic, payload = opened.wire()
            await client.publish(topic, payload, qos=1)


async def _configured(console: httpx.AsyncClient, cameras: Sequence[Watched]) -> int:
    """Wait until every camera has answered; say how many applied what was wanted."""
    applied: set[str] = set()
    until = time.monotonic() + CONFIGURED
    while len(applied) < len(cameras) and time.monotonic() < until:
        for camera in cameras:
            path = f"/api/devices/{camera.device.id}/config"
            if (await console.get(path)).raise_for_status().json()["status"] == "applied":
                applied.add(camera.device.id)
        await asyncio.sleep(0.5)
    return len(applied)


async def _until_told(local: Local, began: float, wanted: int) -> None:
    """Wait for the alerts, and a while in which nothing else may come."""
    stands = began + ARRIVES + STANDS
    await asyncio.sleep(max(0.0, stands - time.monotonic()))
    late = stands + WITHIN
    while len(await _rows(local, "camera_alerts")) < wanted and time.monotonic() < late:  # noqa: ASYNC110 - not ours to signal
        await asyncio.sleep(0.5)
    await asyncio.sleep(QUIET)


async def _found(local: Local, console: httpx.AsyncClient, cameras: Sequence[Watched]) -> dict[str, Any]:
    """Read back what the platform has, and look at every alert's picture as an operator would."""
    ours = {c.device.id for c in cameras}
    alerts = [row for row in await _rows(local, "camera_alerts") if row["device"] in ours]
    shown = 0
    for row in alerts:
        if row["snapshot"] is None:
            continue
        query = {"reason": "drill", "alert": row["id"]}
        answer = await console.get(f"/api/snapshots/{row['snapshot']}", params=query)
        shown += answer.is_success and answer.content.startswith(b"\xff\xd8")
    return {
        "enters": {row["device"]: row["n"] for row in await _rows(local, "camera_enters")},
        "alerts": Counter((row["device"], row["code"]) for row in alerts),
        "pictures": shown,
        "rows": len(await _rows(local, "camera_looks")),
        "delays": [row["delay_s"] for row in alerts if row["delay_s"] is not None],
    }


async def _rows(local: Local, query: str) -> list[dict[str, Any]]:
    async with await psycopg.AsyncConnection.connect(
        local.stack.database_url, row_factory=dict_row
    ) as connection:
        return await (await connection.execute(Q[query])).fetchall()


def report(cameras: Sequence[Watched], configured: int, found: Mapping[str, Any]) -> dict[str, Any]:
    """Compare what was found with what must be."""
    expected = Counter({(c.device.id, c.story.code): 1 for c in cameras if c.story.code})
    missed, surplus = expected - found["alerts"], found["alerts"] - expected
    silent = {c.device.id for c in cameras if c.story.code is None}
    least = {c.device.id for c in cameras if c.story.code}
    blocked = {c.device.id for c in cameras if c.story.code == "FIRE-005"}
    enters = found["enters"]
    told = {
        "cameras": len(cameras),
        "rtsp": sum(c.rtsp for c in cameras),
        "configured_from_registry": configured,
        "events": sum(enters.values()),
        "codes": sorted({c.story.code for c in cameras if c.story.code}),
        "alerts_expected": expected.total(),
        "missed": sorted(f"{code} {device}" for device, code in missed.elements()),
        "surplus": sorted(f"{code} {device}" for device, code in surplus.elements()),
        "pictures_shown": found["pictures"],
        "register_rows": found["rows"],
        "event_to_alert_s": sorted(round(delay, 3) for delay in found["delays"]),
    }
    wanted = expected.total()
    return told | {
        "passed": not missed
        and not surplus
        and least <= set(enters)
        and not silent & set(enters)
        and all(enters.get(device) == 1 for device in blocked)
        and configured == len(cameras)
        and found["pictures"] == found["rows"] == wanted
    }
