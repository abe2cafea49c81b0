"""`shequ doctor`: what is on this machine, what was chosen, and why."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from console.commands.stack import LocalSettings, stack_settings
from console.settings import ConsoleSettings
from devices.errors import PlatformError, SettingError
from ingest.addresses import listening_problem, problems
from ingest.settings import (
    PREFIX,
    BrokerAdminSettings,
    DatabaseSettings,
    IngestSettings,
    TransportSettings,
    config_file,
    load,
    read,
)
from ingest.store import sql
from simulators.stack import choose, describe

Q = sql.load("console.store", "commands.sql")


def doctor(
    data: Annotated[Path | None, typer.Option(help="data folder of the local stack")] = None,
) -> None:
    """Explain what was found, what would be used, and why; exit 1 where something is missing."""
    typer.echo(f"transport   {_transport()}")
    settings = stack_settings(data=data)
    typer.echo(f"python      {sys.version.split()[0]} on {platform.platform()}")
    typer.echo(f"data        {settings.data} ({_free(settings.data)} free)")
    typer.echo(f"settings    {config_file()} ({'found' if config_file().is_file() else 'not there yet'})")
    for line in describe(choose(settings)):
        typer.echo(line)
    typer.echo(f"web page    {_page()}")
    typer.echo(f"running     {_running()}")
    typer.echo(f"channels    {_channels()}")


def _transport() -> str:
    """Say which connections to other machines have no TLS; raises Exit where they were not allowed."""
    plain = dict.fromkeys(_plain())
    if not plain:
        return "every connection to another machine has TLS"
    if read(TransportSettings).plain_transport:
        return "\n            ".join(("allowed without TLS:", *plain))
    for line in plain:
        typer.echo(f"transport   {line}")
    raise typer.Exit(1)


def _plain() -> Iterator[str]:
    for kind in (LocalSettings, BrokerAdminSettings, ConsoleSettings, IngestSettings):
        try:
            settings = read(kind)
        except SettingError:
            continue  # what is missing is said below, where it is needed
        yield from (f"{PREFIX}{name.upper()}: {problem}" for name, problem in problems(settings))
        if isinstance(settings, ConsoleSettings):
            tls = bool(settings.tls_certificate or settings.tls_hosts)
            problem = listening_problem(settings.host, tls=tls)
            yield from (f"{PREFIX}HOST: {text}" for text in (problem,) if text)


def _free(path: Path) -> str:
    """Free space where the folder is, or will be."""
    there = next(p for p in (path, *path.parents) if p.exists())
    return f"{shutil.disk_usage(there).free / 1e9:.1f} GB"


def _page() -> str:
    built = ConsoleSettings.model_fields["web_dir"].default / "index.html"
    return f"built, {built}" if built.is_file() else "not built: run `make setup`"


def _running() -> str:
    """Ask the configured database how it is."""
    try:
        url = load(DatabaseSettings).database_url.get_secret_value()
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute(Q["versions"]).fetchone()
    except PlatformError as exc:
        return f"no ({exc})"
    except psycopg.OperationalError as exc:
        return f"no: the database does not answer ({str(exc).strip().splitlines()[-1]})"
    return f"yes: PostgreSQL {row[0]}, TimescaleDB {row[1]}" if row else "yes, but without TimescaleDB"


def _channels() -> str:
    """Say which ways out there are, which cannot be used and why, and what nobody took."""
    try:
        url = load(DatabaseSettings).database_url.get_secret_value()
        with psycopg.connect(url, connect_timeout=3) as connection:
            rows = connection.execute(Q["channels"]).fetchall()
    except (PlatformError, psycopg.Error):
        return "unknown: no database to ask"
    lines = [
        f"{code} ({channel}): {problem or 'ready'}, {queued} waiting, {dead} dead"
        for code, channel, problem, queued, dead in rows
    ]
    return (
        "\n            ".join(lines)
        or "none: nobody outside is told; docs/howto/deliver.md says how to set them up"
    )
