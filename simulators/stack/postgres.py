"""A private PostgreSQL with TimescaleDB: made once, reached through a Unix socket only."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

import psycopg

from devices.errors import StackError
from simulators.stack.accounts import keep_secrets
from simulators.stack.bundle import obtain
from simulators.stack.choice import choose_database
from simulators.stack.model import Choice, Source, StackSettings
from simulators.stack.process import Owner, Server, Service, run, server_owner, stop_stranger
from simulators.stack.room import Room, open_room

NAME = "shequ"
PORT = 5432  # names the socket file only; nothing listens on TCP
_SOCKET_LIMIT = 107
_READY_WITHIN = 60.0
_SPACE = 96 * 2**20  # what a fresh cluster with its write-ahead log takes
# fast shutdown, then immediate: the next start recovers from the write-ahead log
_STOPS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0))
_BUSY = "pre-existing shared memory block"
_ZONES = Path("/usr/share/zoneinfo/UTC")  # Debian's PostgreSQL reads the system's, at this fixed place
SETTINGS = """\
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 200
shared_preload_libraries = 'timescaledb'
timescaledb.telemetry_level = off
timescaledb.max_background_workers = 4
max_worker_processes = 12
max_parallel_workers = 2
max_parallel_workers_per_gather = 1
jit = off
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 8MB
maintenance_work_mem = 64MB
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
"""


@dataclass(kw_only=True)
class Postgres(Service):
    """A running PostgreSQL: its address, and the ways tests hurt it."""

    url: str = field(repr=False)
    choice: Choice
    what: ClassVar[str] = "database"

    async def start(self) -> None:
        """Start it again and wait until it answers."""
        await _start(self._own(), self.url)


@asynccontextmanager
async def open_postgres(
    settings: StackSettings, *, say: Callable[[str], None], choice: Choice | None = None
) -> AsyncIterator[Postgres]:
    """Run PostgreSQL while the context is open."""
    choice = choice or choose_database(settings)
    if settings.database_url is not None:
        yield Postgres(url=settings.database_url, choice=choice)
        return
    programs = await _programs(settings, choice, say)
    owner = server_owner()
    with open_room(settings.data, "postgres", owner) as room:
        await _stop_orphan(room)
        socket = _socket_folder(room, owner)
        password = keep_secrets(settings.data).database
        if not (room.folder / "PG_VERSION").exists():
            _check_space(settings.data)
            say("making the database")
            await _initialise(programs, room, owner, password, durable=settings.durable)
        durable = "on" if settings.durable else "off"
        owner.write(room.folder / "shequ.conf", SETTINGS.format(port=PORT, socket=socket, durable=durable))
        server = Server(
            name="PostgreSQL",
            argv=[str(programs / "postgres"), "-D", str(room.folder)],
            owner=owner,
            log=room.log,
            stops=_STOPS,
            cwd=room.folder,
        )
        url = f"postgresql://{NAME}:{quote(password)}@/{NAME}?host={quote(str(socket), safe='')}&port={PORT}"
        try:
            await _start(server, url)
            say(f"PostgreSQL is ready ({choice.source})")
            yield Postgres(url=url, choice=choice, server=server)
        finally:
            await server.stop()
            socket.rmdir()


async def _programs(settings: StackSettings, choice: Choice, say: Callable[[str], None]) -> Path:
    if choice.source is Source.HOST:
        return Path(choice.detail)
    if choice.source is Source.NONE:
        raise StackError(choice.reason)
    _check_zones()
    return (await obtain(settings, say)).postgres_programs


def _check_zones() -> None:
    if not _ZONES.exists():
        raise StackError(f"no time zone data in {_ZONES.parent}: install the package tzdata")


def _check_space(data: Path) -> None:
    free = shutil.disk_usage(data).free
    if free < _SPACE:
        raise StackError(
            f"the disk of {data} has {free // 2**20} MiB free, a new database needs {_SPACE // 2**20}: "
            "make room there, or choose another data folder (--data)"
        )


async def _initialise(programs: Path, room: Room, owner: Owner, password: str, *, durable: bool) -> None:
    """Make the cluster in a draft folder, so that a half-made one is never mistaken for a database."""
    draft = room.fresh_draft()
    secret = room.folder.with_name("postgres.password")
    owner.write(secret, password + "\n")
    try:
        await run(
            programs / "initdb",
            f"--pgdata={draft}",
            f"--username={NAME}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--data-checksums",
            *([] if durable else ["--no-sync"]),
            owner=owner,
            cwd=draft,
        )
    finally:
        secret.unlink()
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude_if_exists = 'shequ.conf'\n")
    room.folder.rmdir()
    draft.rename(room.folder)


async def _start(server: Server, url: str) -> None:
    """Start the server and wait until it answers; after a kill -9 its old children may need a moment."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _READY_WITHIN
    await server.start()
    while loop.time() < deadline:
        if server.process is None or server.process.returncode is not None:
            if _BUSY not in server.last_words():
                break
            await asyncio.sleep(0.2)
            await server.start()
        try:
            await _greet(url)
        except psycopg.OperationalError:
            await asyncio.sleep(0.05)
        except psycopg.Error as exc:
            await server.stop()
            raise StackError(f"PostgreSQL refused to prepare the database {NAME!r}: {exc}") from exc
        else:
            return
    await server.stop()
    raise StackError(f"PostgreSQL did not start; its log {server.log} ends with: {server.last_words()}")


async def _greet(url: str) -> None:
    """Connect, after making the platform's database where it is missing."""
    async with await psycopg.AsyncConnection.connect(url, dbname="postgres", autocommit=True) as connection:
        found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = 'shequ'")
        if await found.fetchone() is None:
            await connection.execute("CREATE DATABASE shequ")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")


async def _stop_orphan(room: Room) -> None:
    """Stop a postmaster that outlived a killed supervisor; the room's lock says no living one owns it."""
    note = room.folder / "postmaster.pid"
    if note.exists() and (words := note.read_text().split()):
        await stop_stranger(int(words[0]), [room.folder], _STOPS)


def _socket_folder(room: Room, owner: Owner) -> Path:
    """Return a folder for the socket whose path is short enough for the kernel."""
    near = room.folder.with_name("run")
    if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= _SOCKET_LIMIT:
        return owner.folder(near)
    digest = hashlib.sha256(os.fsencode(near)).hexdigest()[:12]
    return owner.shared_folder(Path(f"/tmp/shequ-{owner.uid}-{digest}"))  # noqa: S108 - checked there
