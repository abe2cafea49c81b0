"""A backup: the database as of one moment and the data folder's files, in one encrypted file.

The file is a tar archive encrypted with age for one recipient, so that the machine that makes
backups every night cannot read them: `manifest.json` (what was in it, with a digest of every
table and file), `database.dump` (pg_dump's custom format) and `files/…`. The digests are taken
in the very snapshot that is dumped; `console/restore.py` compares them with what it has built.

Not in it: the programs, the logs, and the messages the broker held and had not yet saved
(Mosquitto saves every ten seconds).
"""

from __future__ import annotations

import fnmatch
import hashlib
import io
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, Final, LiteralString

import msgspec
import psycopg
import pyrage
from psycopg import AsyncConnection, sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row

from devices.errors import SettingError, StackError, StoreError
from ingest.store.sql import load
from simulators.stack.choice import client_programs
from simulators.stack.model import StackSettings
from simulators.stack.process import run

SQL: Final = load("console.store", "backup.sql")
MANIFEST: Final = "manifest.json"
DUMP: Final = "database.dump"
FILES: Final = "files"
FORMAT: Final = 1
LEFT_OUT: Final = (
    "postgres",
    "postgres.new",
    "run",
    "logs",
    "*.lock",
    "*.log",
    "*.log.1",
    "*.pid",
    "shequ.toml",
)
"""Names in the data folder that are not data, or that `database.dump` holds."""

_LIBPQ: Final = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What one table held."""

    rows: int
    digest: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds; `made_at` with its offset, file digests are SHA-256."""

    format: int
    made_at: datetime
    platform: str
    postgres: int
    timescaledb: str
    tables: dict[str, Content]
    files: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What is backed up."""

    database_url: str
    settings: StackSettings


def new_key(path: Path) -> str:
    """Make a key pair: the secret half into a new file only its owner may read, the public half is answered.

    Raises SettingError where the file is there already: an old key still opens old backups.
    """
    identity = pyrage.x25519.Identity.generate()
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(f"# public key: {identity.to_public()}\n{identity}\n")
    except FileExistsError as exc:
        raise SettingError(
            "--new-key", f"{path} is there already: old backups need it; take another name"
        ) from exc
    return str(identity.to_public())


def read_key(path: Path) -> pyrage.x25519.Identity:
    """Read the secret half of a key.

    Raises SettingError where the file holds none.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("AGE-SECRET-KEY-"):
            try:
                return pyrage.x25519.Identity.from_str(line.strip())
            except pyrage.IdentityError as exc:
                raise SettingError("--key", f"{path}: {exc}") from exc
    raise SettingError("--key", f"{path} holds no line that begins with AGE-SECRET-KEY-: not a backup key")


async def back_up(source: Source, target: Path, recipient: str, now: datetime) -> Manifest:
    """Write the backup; the target appears whole or not at all, and only its owner may read it.

    Raises SettingError for a wrong recipient, StoreError where the database is away, StackError where
    pg_dump is missing or fails.
    """
    try:
        reader = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as exc:
        raise SettingError("SHEQU_BACKUP_RECIPIENT", f"{exc}; make one: shequ backup --new-key FILE") from exc
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as work:
        dump, plain, sealed = (Path(work) / name for name in (DUMP, "plain.tar", "sealed"))
        server, tables = await _dump(source, dump)
        with tarfile.open(plain, "w") as archive:
            kept = _add_files(archive, source.settings.data)
            manifest = Manifest(
                format=FORMAT,
                made_at=now,
                platform=version("shequ"),
                postgres=server["major"],
                timescaledb=server["timescaledb"],
                tables=tables,
                files={**kept, DUMP: _add(archive, dump, DUMP)},
            )
            _add_bytes(archive, MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        dump.unlink()
        with plain.open("rb") as file, sealed.open("wb") as out:
            pyrage.encrypt_io(file, out, [reader])
        sealed.chmod(0o600)
        sealed.replace(target)
    return manifest


async def digests(connection: AsyncConnection[DictRow]) -> dict[str, Content]:
    """Answer what every table of ours holds."""
    await connection.execute(SQL["one_form"])
    found: dict[str, Content] = {}
    for row in await (await connection.execute(SQL["tables"])).fetchall():
        query = sql.SQL(SQL["digest"]).format(table=sql.Identifier(row["schema"], row["name"]))
        content = await (await connection.execute(query)).fetchone()
        if content is not None:
            name = row["name"] if row["schema"] == "public" else f"{row['schema']}.{row['name']}"
            found[name] = Content(**content)
    return found


def libpq_environment(url: str) -> dict[str, str]:
    """Answer the address as libpq's variables, so that no password stands in a process list."""
    where = conninfo_to_dict(url)
    return {_LIBPQ[name]: str(value) for name, value in where.items() if name in _LIBPQ and value is not None}


async def server_of(connection: AsyncConnection[DictRow]) -> DictRow:
    """Answer `major` and `timescaledb` of the server; StoreError where it has no TimescaleDB."""
    row = await (await connection.execute(SQL["server"])).fetchone()
    if row is None or row["timescaledb"] is None:
        raise StoreError("this database has no TimescaleDB: is it the platform's?")
    return row


def files_of(data: Path) -> Iterator[tuple[str, Path]]:
    """Walk the data folder's files, without what is left out; name in the archive, path on the disk."""
    for top in sorted(data.iterdir() if data.is_dir() else ()):
        if any(fnmatch.fnmatch(top.name, pattern) for pattern in LEFT_OUT):
            continue
        for path in sorted(top.rglob("*") if top.is_dir() else (top,)):
            if path.is_file() and not path.is_symlink():
                yield f"{FILES}/{path.relative_to(data)}", path


async def _dump(source: Source, target: Path) -> tuple[DictRow, dict[str, Content]]:
    """Dump the database and take its digests in one and the same snapshot."""
    try:
        async with await psycopg.AsyncConnection.connect(
            source.database_url, autocommit=True, row_factory=dict_row
        ) as connection:
            server = await server_of(connection)
            program = client_programs(source.settings, server["major"]) / "pg_dump"
            await connection.execute(SQL["one_moment"])
            snapshot = await _one(connection, SQL["snapshot"])
            words = ("--format=custom", "--compress=zstd:3" if server["major"] >= 16 else "--compress=3")  # noqa: PLR2004 - zstd came with 16
            await run(
                program,
                *words,
                "--no-owner",
                "--no-acl",
                f"--snapshot={snapshot['name']}",
                f"--file={target}",
                env=libpq_environment(source.database_url),
            )
            return server, await digests(connection)
    except psycopg.Error as exc:
        raise StoreError(f"the database cannot be backed up: {exc}") from exc


async def _one(connection: AsyncConnection[DictRow], query: LiteralString) -> DictRow:
    row = await (await connection.execute(query)).fetchone()
    if row is None:
        raise StackError("the database gave no answer")
    return row


def _add_files(archive: tarfile.TarFile, data: Path) -> dict[str, str]:
    """Add the data folder; a picture that retention takes away meanwhile is gone here as well."""
    kept: dict[str, str] = {}
    for name, path in files_of(data):
        with suppress(FileNotFoundError):
            kept[name] = _add(archive, path, name)
    return kept


def _add(archive: tarfile.TarFile, path: Path, name: str) -> str:
    """Add a file as long as it is now, and answer the SHA-256 of what was added."""
    with path.open("rb") as file:
        info = archive.gettarinfo(arcname=name, fileobj=file)
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        tee = _Tee(file)
        archive.addfile(info, tee)
    return tee.digest.hexdigest()


class _Tee(io.RawIOBase):
    """A file that remembers the digest of what was read from it."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    archive.addfile(info, io.BytesIO(content))
