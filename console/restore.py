"""Build a platform from a backup, in an empty place, and prove that it holds what was saved.

Nothing is overwritten: the data folder must not hold a platform and the database must be empty.
Every file's digest is compared before anything is built, every table's after; only then is the
schema brought to this version's.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import psycopg
import pyrage
from psycopg.rows import DictRow, dict_row

from console.backup import (
    DUMP,
    FILES,
    FORMAT,
    MANIFEST,
    SQL,
    Content,
    Manifest,
    digests,
    libpq_environment,
    server_of,
)
from devices.errors import ConfigError, StackError, StoreError
from ingest.store.migrate import migrate
from simulators.stack.choice import client_programs
from simulators.stack.model import StackSettings
from simulators.stack.postgres import open_postgres
from simulators.stack.process import run, server_owner

Say = Callable[[str], None]
_SERVERS_OWN: Final = ("mosquitto",)  # what belongs to the account the servers run as
_PIECE: Final = 1 << 20


async def restore(backup: Path, key: pyrage.x25519.Identity, settings: StackSettings, say: Say) -> Manifest:
    """Restore into `settings`' data folder and its database, or the configured database.

    Raises ConfigError where the place is not empty, the key does not fit or the file is damaged,
    StoreError where a table differs from what was saved.
    """
    _must_be_empty(settings.data)
    settings.data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data.parent) as work:
        plain = Path(work) / "plain.tar"
        _unseal(backup, key, plain)
        manifest = _unpack(plain, Path(work), backup)
        say(f"backup of {manifest.made_at.isoformat()} with {len(manifest.tables)} tables")
        plain.unlink()
        _settle(Path(work) / FILES, settings.data)
        async with open_postgres(settings, say=say) as postgres:
            await _fill(postgres.url, settings, manifest, Path(work) / DUMP)
            say(f"every table holds what was saved ({sum(t.rows for t in manifest.tables.values())} rows)")
            steps = await asyncio.to_thread(migrate, postgres.url)
            say(f"the database has the current schema ({steps} migrations applied)")
    return manifest


def differences(saved: Mapping[str, Content], built: Mapping[str, Content]) -> tuple[str, ...]:
    """Name the tables that do not hold what they held."""
    return tuple(
        f"{name}: {_told(saved.get(name))} saved, {_told(built.get(name))} restored"
        for name in sorted({*saved, *built})
        if saved.get(name) != built.get(name)
    )


def _told(content: Content | None) -> str:
    return "none" if content is None else f"{content.rows} rows ({content.digest})"


def _must_be_empty(data: Path) -> None:
    if data.exists() and any(data.iterdir()):
        raise ConfigError(
            f"{data} is not empty, and restoring overwrites nothing: name an empty folder with --data, "
            "or move the old one away first"
        )


def _unseal(backup: Path, key: pyrage.x25519.Identity, plain: Path) -> None:
    try:
        with backup.open("rb") as sealed, plain.open("wb") as out:
            plain.chmod(0o600)
            pyrage.decrypt_io(sealed, out, [key])
    except (
        pyrage.DecryptError,
        OSError,
    ) as exc:  # a wrong key; a changed byte, which the library calls an OSError
        raise ConfigError(f"{backup} cannot be opened with this key, or is damaged: {exc}") from exc


def _unpack(plain: Path, work: Path, backup: Path) -> Manifest:
    """Unpack regular files only, each inside `work`, and compare every digest."""
    found: dict[str, str] = {}
    with tarfile.open(plain) as archive:
        for member in archive:
            target = (work / member.name).resolve()
            plain_file = member.isreg() and not member.issparse()  # a sparse one unfolds into any size
            source = archive.extractfile(member) if plain_file else None
            if source is None or not target.is_relative_to(work.resolve()):
                raise ConfigError(f"{backup} holds {member.name!r}, which no backup of ours holds")
            target.parent.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with target.open("wb") as out:
                target.chmod(member.mode & 0o700)
                while piece := source.read(_PIECE):
                    digest.update(piece)
                    out.write(piece)
            found[member.name] = digest.hexdigest()
    manifest = _manifest(work / MANIFEST, backup)
    found.pop(MANIFEST)
    if wrong := sorted(
        name for name in {*found, *manifest.files} if found.get(name) != manifest.files.get(name)
    ):
        raise ConfigError(f"{backup} is damaged: {', '.join(wrong[:5])} differ from the manifest")
    return manifest


def _manifest(path: Path, backup: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as exc:
        raise ConfigError(f"{backup} has no readable manifest: {exc}") from exc
    if manifest.format != FORMAT:
        raise ConfigError(f"{backup} is of format {manifest.format}, this version reads {FORMAT}")
    return manifest


def _settle(files: Path, data: Path) -> None:
    """Put the files in their place, each server's own in its account's hands."""
    owner = server_owner()
    data.mkdir(exist_ok=True)
    data.chmod(0o711 if owner.dropped else 0o700)
    for path in sorted(files.iterdir() if files.is_dir() else ()):
        shutil.move(path, data / path.name)
    for name in _SERVERS_OWN:
        top = data / name
        for path in (top, *top.rglob("*")) if owner.dropped and top.exists() else ():
            os.chown(path, owner.uid, owner.gid)


async def _fill(url: str, settings: StackSettings, manifest: Manifest, dump: Path) -> None:
    try:
        async with await psycopg.AsyncConnection.connect(
            url, autocommit=True, row_factory=dict_row
        ) as connection:
            await connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
            server = await server_of(connection)
            if (server["timescaledb"], True) != (manifest.timescaledb, server["major"] >= manifest.postgres):
                raise StackError(_unlike(manifest, server))
            row = await (await connection.execute(SQL["empty"])).fetchone()
            if row is None or not row["empty"]:
                raise ConfigError(
                    "the database is not empty, and restoring overwrites nothing: name an empty one"
                )
            program = client_programs(settings, server["major"]) / "pg_restore"
            await connection.execute(SQL["before_restore"])
            words = (
                "--no-owner",
                "--no-acl",
                "--exit-on-error",
                f"--dbname={libpq_environment(url)['PGDATABASE']}",
            )
            await run(program, *words, dump, env=libpq_environment(url))
            await connection.execute(SQL["after_restore"])
            await connection.execute(SQL["refresh_statistics"])
        async with await psycopg.AsyncConnection.connect(
            url, autocommit=True, row_factory=dict_row
        ) as connection:
            if wrong := differences(manifest.tables, await digests(connection)):
                raise StoreError(f"not what was saved: {'; '.join(wrong[:5])}")
    except psycopg.Error as exc:
        raise StoreError(f"the database cannot be restored: {exc}") from exc


def _unlike(manifest: Manifest, server: DictRow) -> str:
    return (
        f"the backup was made with PostgreSQL {manifest.postgres} and TimescaleDB {manifest.timescaledb}, "
        f"here are {server['major']} and {server['timescaledb']}: restore with the same TimescaleDB "
        "(and PostgreSQL no older), then upgrade"
    )
