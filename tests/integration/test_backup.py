"""A platform that was lost comes back as it was: restored into an empty place and compared."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from console.accounts import create_user
from console.backup import Content, Source, back_up, digests, new_key, read_key
from console.permissions import Role
from console.restore import differences, restore
from devices.errors import ConfigError, SettingError
from ingest.store.registry import save_registry
from simulators.community import build
from simulators.stack import StackSettings
from simulators.stack.postgres import open_postgres

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
async def lived_in(database: str, tmp_path: Path) -> Source:
    """A platform somebody has used: places, devices, a person, events over three chunks, files."""
    community = build(3, 1, now=NOW)
    async with await psycopg.AsyncConnection.connect(
        database, row_factory=dict_row, autocommit=True
    ) as connection:
        await save_registry(
            connection, places=community.places, devices=community.devices, cared=community.cared
        )
        await create_user(connection, "operator", "correct horse battery", Role.OPERATOR)
        device = community.devices[0]
        for day in range(3):
            await connection.execute(
                "INSERT INTO events (device, id, at, estate, type, data, received_at)"
                " VALUES (%s, %s, %s, %s, 'smoke', '{\"alarm\": true}', now())",
                [device.id, f"e{day}", NOW - timedelta(days=day), device.estate],
            )
    data = tmp_path / "old"
    for name, text in {
        "secrets.json": "{}",
        "ca/ca.pem": "certificate",
        "mosquitto/dynamic-security.json": "{}",
        "snapshots/a.jpg": "picture",
        "logs/serve.log": "noise",
        "postgres/PG_VERSION": "17",
        "shequ.toml": "database_url = ''",
    }.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(text)
    (data / "secrets.json").write_text(
        json.dumps({name: f"{name}-password" for name in ("database", "admin", "ingest", "gateway")})
    )
    return Source(database_url=database, settings=StackSettings(data=data, durable=False))


@pytest.fixture
def empty() -> Iterator[StackSettings]:
    """Where the platform shall rise again; the servers' own account must be able to walk there."""
    with tempfile.TemporaryDirectory(prefix="shequ-test-") as folder:
        Path(folder).chmod(0o711)  # as root the servers run as somebody else
        yield StackSettings(data=Path(folder) / "new", durable=False)


async def test_a_restored_platform_holds_every_row_and_file(
    lived_in: Source, tmp_path: Path, empty: StackSettings
) -> None:
    key, target = tmp_path / "backup.key", tmp_path / "night.age"
    saved = await back_up(lived_in, target, new_key(key), NOW)
    settings = empty
    said: list[str] = []
    assert await restore(target, read_key(key), settings, said.append) == saved
    assert saved.tables["events"].rows == 3
    assert saved.tables["users"].rows == 1
    kept = {str(p.relative_to(settings.data)) for p in settings.data.rglob("*") if p.is_file()}
    assert {"secrets.json", "ca/ca.pem", "mosquitto/dynamic-security.json", "snapshots/a.jpg"} <= kept
    assert "logs/serve.log" not in kept
    assert "shequ.toml" not in kept
    async with (
        open_postgres(settings, say=said.append) as postgres,  # with the restored password
        await psycopg.AsyncConnection.connect(
            postgres.url, row_factory=dict_row, autocommit=True
        ) as connection,
    ):
        assert differences(saved.tables, await digests(connection)) == ()
        chunks = await (
            await connection.execute("SELECT count(*) AS n FROM show_chunks('events')")
        ).fetchone()
        assert chunks == {"n": 3}
        written = await connection.execute(
            "INSERT INTO events (device, id, at, estate, type, data, received_at)"
            " SELECT device, 'after', at, estate, type, data, now() FROM events LIMIT 1"
        )
        assert written.rowcount == 1


async def test_a_backup_without_its_key_tells_nothing(
    lived_in: Source, tmp_path: Path, empty: StackSettings
) -> None:
    target = tmp_path / "night.age"
    await back_up(lived_in, target, new_key(tmp_path / "right.key"), NOW)
    new_key(tmp_path / "wrong.key")
    assert b"operator" not in target.read_bytes()
    assert target.stat().st_mode & 0o077 == 0
    with pytest.raises(ConfigError, match="cannot be opened with this key"):
        await restore(target, read_key(tmp_path / "wrong.key"), empty, print)
    assert not empty.data.exists()


async def test_a_damaged_backup_builds_nothing(
    lived_in: Source, tmp_path: Path, empty: StackSettings
) -> None:
    key, target = tmp_path / "backup.key", tmp_path / "night.age"
    await back_up(lived_in, target, new_key(key), NOW)
    content = bytearray(await asyncio.to_thread(target.read_bytes))
    content[len(content) // 2] ^= 1
    await asyncio.to_thread(target.write_bytes, bytes(content))
    with pytest.raises(ConfigError, match="damaged"):
        await restore(target, read_key(key), empty, print)
    assert not empty.data.exists()


async def test_restoring_overwrites_nothing(lived_in: Source, tmp_path: Path, empty: StackSettings) -> None:
    key, target = tmp_path / "backup.key", tmp_path / "night.age"
    await back_up(lived_in, target, new_key(key), NOW)
    with pytest.raises(ConfigError, match="not empty"):
        await restore(target, read_key(key), lived_in.settings, print)
    settings = replace(empty, database_url=lived_in.database_url)
    with pytest.raises(ConfigError, match="the database is not empty"):
        await restore(target, read_key(key), settings, print)


async def test_a_key_is_never_made_over_an_old_one(tmp_path: Path) -> None:
    new_key(tmp_path / "backup.key")
    with pytest.raises(SettingError, match="there already"):
        new_key(tmp_path / "backup.key")


def test_a_changed_table_is_named() -> None:
    saved = {"events": Content(rows=3, digest="1"), "users": Content(rows=1, digest="2")}
    built = {"events": Content(rows=3, digest="9"), "users": Content(rows=1, digest="2")}
    assert differences(saved, built) == ("events: 3 rows (1) saved, 3 rows (9) restored",)
    assert differences(saved, {"events": saved["events"]}) == ("users: 1 rows (2) saved, none restored",)
