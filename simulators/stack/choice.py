"""Decide where each server comes from: configured, on the host already, or the private bundle.

Deciding changes nothing and asks no network, so that `shequ doctor` can show it before anything runs.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from devices.errors import StackError
from simulators.stack import debian
from simulators.stack.bundle import cache_folder, cached
from simulators.stack.model import Choice, Part, Source, StackSettings
from simulators.stack.process import CLEAN_ENVIRONMENT

POSTGRES_OLDEST = 15
MOSQUITTO_OLDEST = (2, 0)
_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """A PostgreSQL on the host, with TimescaleDB or without."""

    programs: Path
    version: int
    timescaledb: bool


@dataclass(frozen=True, slots=True)
class MosquittoPrograms:
    """A Mosquitto on the host, with its dynamic security plugin or without."""

    program: Path
    version: tuple[int, int]
    plugin: Path | None


def choose(settings: StackSettings) -> tuple[Choice, ...]:
    """Return where the database and the broker will come from, and why; starts and fetches nothing."""
    return choose_database(settings), choose_broker(settings)


def describe(choices: Iterable[Choice]) -> tuple[str, ...]:
    """Return one readable line for each decision."""
    return tuple(str(choice) for choice in choices)


def choose_database(settings: StackSettings) -> Choice:
    """Decide where PostgreSQL comes from."""
    if settings.database_url is not None:
        return _configured(Part.DATABASE, settings.database_url, "SHEQU_DATABASE_URL is set")
    found = host_postgres()
    fitting = [each for each in found if each.version >= POSTGRES_OLDEST and each.timescaledb]
    if fitting:
        best = max(fitting, key=lambda each: each.version)
        reason = f"PostgreSQL {best.version} with TimescaleDB is installed here"
        return Choice(part=Part.DATABASE, source=Source.HOST, detail=str(best.programs), reason=reason)
    if found:
        seen = ", ".join(
            f"{each.version} in {each.programs}, {'with' if each.timescaledb else 'without'} TimescaleDB"
            for each in found
        )
        why = f"no PostgreSQL {POSTGRES_OLDEST} or newer with TimescaleDB on the host, only {seen}"
    else:
        why = "no PostgreSQL on the host"
    return _bundle(Part.DATABASE, settings, why)


def choose_broker(settings: StackSettings) -> Choice:
    """Decide where Mosquitto comes from."""
    if settings.broker_url is not None:
        return _configured(Part.BROKER, settings.broker_url, "SHEQU_BROKER_URL is set")
    found = host_mosquitto()
    if found is None:
        return _bundle(Part.BROKER, settings, "no Mosquitto on the host")
    name = f"Mosquitto {found.version[0]}.{found.version[1]}"
    if found.version < MOSQUITTO_OLDEST or found.plugin is None:
        why = f"the host's {name} ({found.program}) is older than 2.0 or has no dynamic security plugin"
        return _bundle(Part.BROKER, settings, why)
    reason = f"{name} with its dynamic security plugin is installed here"
    return Choice(part=Part.BROKER, source=Source.HOST, detail=str(found.program), reason=reason)


def host_postgres() -> tuple[PostgresPrograms, ...]:
    """Return every PostgreSQL server installed in the usual places."""
    folders = {
        path.resolve().parent
        for pattern in ("usr/lib/postgresql/*/bin/postgres", "usr/pgsql-*/bin/postgres")
        for path in Path("/").glob(pattern)
    }
    if (on_path := shutil.which("postgres")) is not None:
        folders.add(Path(on_path).resolve().parent)
    found = (_postgres_in(folder) for folder in sorted(folders))
    return tuple(each for each in found if each is not None)


def client_programs(settings: StackSettings, server: int) -> Path:
    """Answer the folder of a pg_dump and pg_restore that can speak with a server of this major version.

    Raises StackError naming the package where neither the host nor the private copy has them.
    """
    folders = {p.resolve().parent for p in Path("/").glob("usr/lib/postgresql/*/bin/pg_dump")}
    folders |= {p.resolve().parent for p in Path("/").glob("usr/pgsql-*/bin/pg_dump")}
    if (bundle := cached(settings)) is not None:
        folders.add(bundle.postgres_programs)
    for folder in sorted(folders):
        version = re.search(r"\) (\d+)", _print(str(folder / "pg_dump"), "--version"))
        if version is not None and int(version[1]) >= server:
            return folder
    raise StackError(f"no pg_dump for PostgreSQL {server} here: install postgresql-client-{server}")


def host_mosquitto() -> MosquittoPrograms | None:
    """Return the Mosquitto installed on the host, if any."""
    program = shutil.which(
        "mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin"
    )
    if program is None:
        return None
    version = re.search(r"version (\d+)\.(\d+)", _print(program, "-h"))
    if version is None:
        return None
    plugins = [
        path
        for pattern in ("usr/lib/*/", "usr/lib/", "usr/lib64/", "usr/local/lib/", "opt/homebrew/lib/")
        for path in Path("/").glob(f"{pattern}mosquitto_dynamic_security.so")
    ]
    numbers = (int(version[1]), int(version[2]))
    return MosquittoPrograms(Path(program), numbers, plugins[0] if plugins else None)


def _postgres_in(programs: Path) -> PostgresPrograms | None:
    version = re.search(r"\) (\d+)", _print(str(programs / "postgres"), "--version"))
    if version is None or not (programs / "initdb").exists():
        return None
    shares = (
        Path(f"/usr/share/postgresql/{version[1]}"),
        programs.parent / "share",
        programs.parent / "share/postgresql",
    )
    has = any((share / "extension/timescaledb.control").exists() for share in shares)
    return PostgresPrograms(programs, int(version[1]), has)


def _print(*argv: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - programs found on this host, fixed arguments
            argv, check=False, capture_output=True, text=True, timeout=_TIMEOUT, env=CLEAN_ENVIRONMENT
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        return f"not usable: {exc}"
    return done.stdout + done.stderr


def _configured(part: Part, url: str, reason: str) -> Choice:
    """Describe a configured server by its address, leaving the password out."""
    pieces = urlsplit(url)
    # a libpq "key=value" string may hold a password anywhere, so nothing of it is shown
    detail = f"{pieces.scheme}://{pieces.hostname or 'socket'}{pieces.path}" if pieces.scheme else "conninfo"
    return Choice(part=part, source=Source.CONFIGURED, detail=detail, reason=reason)


def _bundle(part: Part, settings: StackSettings, why: str) -> Choice:
    bundle = cached(settings)
    if bundle is not None:
        name = "postgresql-17-timescaledb" if part is Part.DATABASE else "mosquitto"
        reason = f"{why}; the private copy is unpacked ({name} {bundle.versions[name]})"
        return Choice(part=part, source=Source.BUNDLE, detail=str(bundle.root), reason=reason)
    try:
        debian.find_keyring()
    except StackError as exc:
        return Choice(part=part, source=Source.NONE, detail="unavailable", reason=f"{why}; {exc}")
    reason = f"{why}; a private copy will be fetched from the Debian mirror once"
    return Choice(part=part, source=Source.BUNDLE, detail=str(cache_folder(settings)), reason=reason)
