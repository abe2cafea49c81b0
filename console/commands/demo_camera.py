"""The camera of `shequ up`: a rendered yard over RTSP and its node, so that a case has a picture.

Both are processes of their own, as at an estate: the stream is H.264, the node knows an address and a login,
zones and lines come from the registry.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from console.commands.local import Local, free_port, write_private
from devices.model import Device
from ingest.store.registry_moves import want_config
from ingest.store.sql import load
from simulators.community import Community
from simulators.scenes.catalogue import demo
from simulators.stack.process import Server

Q: Final = load("console.store", "commands.sql")
SUFFIX: Final = "fire-lane-cam"
NAMES: Final = ("消防通道摄像机（实时分析）", "Fire lane camera (analysed live)")
BESIDE: Final = 4.0  # metres from the courtyard's camera


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoCamera:
    """Its processes, and what the console must know to show it live."""

    scenes: Server
    node: Server
    console: Mapping[str, str]


def with_camera(community: Community) -> Community:
    """Add the camera to the first estate; the simulated devices do not know it."""
    court = community.family("camera", community.estates[0])[-1]
    added = replace(
        court,
        id=f"{court.estate.casefold()}-{SUFFIX}",
        place=court.estate,
        name_zh=NAMES[0],
        name_en=NAMES[1],
        x=(court.x or 0.0) + BESIDE,
    )
    return replace(community, devices=(*community.devices, added))


def of(community: Community) -> Device:
    """Return the camera of a community that has it."""
    return next(d for d in community.devices if d.id.endswith(SUFFIX))


async def configure(database_url: str, camera: Device) -> None:
    """Want its zones on the first run; what somebody has drawn since then stays."""
    scene = demo(1)
    zones = [{**zone, "points": [list(point) for point in zone["points"]]} for zone in scene.zones]
    lines = [{**line, "a": list(line["a"]), "b": list(line["b"])} for line in scene.lines]
    async with await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row) as connection:
        if await (await connection.execute(Q["camera_configured"], {"device": camera.id})).fetchone() is None:
            await want_config(connection, camera.id, {"zones": zones, "lines": lines}, "shequ up")


def prepare(local: Local, camera: Device, password: str) -> DemoCamera:
    """Write the node's settings; the ports are this run's."""
    stream, live, secret = free_port(), free_port(), secrets.token_urlsafe(24)
    broker = local.stack.broker
    file = local.stack.data / "camera.toml"
    text: dict[str, dict[str, Any]] = {
        "": {"folder": str(local.stack.data / "snapshots")},
        "[broker]": {"host": broker.host, "port": broker.port, "tls": broker.tls},
        "[live]": {"secret": secret, "port": live},
        "[[cameras]]": {
            "device": camera.id,
            "estate": camera.estate,
            "password": password,
            "url": f"rtsp://127.0.0.1:{stream}/demo",
        },
    }
    write_private(
        file,
        "".join(
            f"{table}\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in rows.items())
            for table, rows in text.items()
        ),
    )
    return DemoCamera(
        scenes=local.child("scenes", str(stream)),
        node=local.child("camera", "run", str(file)),
        console={"SHEQU_CAMERA_NODES": f"http://127.0.0.1:{live}", "SHEQU_CAMERA_SECRET": secret},
    )
