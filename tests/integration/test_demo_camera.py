"""The camera of `shequ up`: registered beside simulated ones, told by the registry, seen by its own node."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from console.commands.demo_camera import SUFFIX, configure, of, prepare, with_camera
from console.commands.local import Local
from console.device_schema import schema_errors
from devices.registry.models import model_of
from ingest.camera.settings import load
from ingest.camera.wish import wished
from ingest.clock import system_clock
from ingest.store.registry import save_registry
from simulators.community import build
from simulators.scenes.catalogue import demo
from simulators.stack import Stack


def test_the_demonstrations_scene_has_one_blocked_lane_and_people_who_pass() -> None:
    seen = Counter(truth.behaviour for truth in demo(1).truths())
    assert seen["blocking"] == 1
    assert seen["intrusion"] > 30
    assert not seen["crowd"]


async def test_its_node_file_and_its_configuration_are_good_and_drawings_stay(
    stack: Stack, database: str, tmp_path: Path
) -> None:
    community = with_camera(build(1, 1, now=system_clock()))
    camera = of(community)
    async with await psycopg.AsyncConnection.connect(database, row_factory=dict_row) as connection:
        await save_registry(connection, places=community.places, devices=community.devices)
    for _ in range(2):  # a second start changes nothing
        await configure(database, camera)
    async with await psycopg.AsyncConnection.connect(database, row_factory=dict_row) as connection:
        rows = await (await connection.execute("SELECT version, data FROM device_config")).fetchall()
    (row,) = rows
    assert row["version"] == 1
    model = model_of(camera.profile, None, None)
    assert schema_errors(model.schema, row["data"], "data") == {}
    local = Local(stack=stack, data=stack.data, environment={})
    made = prepare(local, camera, 'pass "word" \\ 口令')
    settings = load(stack.data / "camera.toml")
    (known,) = settings.cameras
    assert (known.device, known.password) == (camera.id, 'pass "word" \\ 口令')
    assert settings.live.secret == made.console["SHEQU_CAMERA_SECRET"]
    assert [zone.name for zone in wished(known, row["data"]).zones] == ["yard", "fire-lane"]


def test_the_simulated_devices_do_not_know_it() -> None:
    assert not [d for d in build(1, 2, now=system_clock()).devices if d.id.endswith(SUFFIX)]
