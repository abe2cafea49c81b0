"""`shequ backup` and `shequ restore`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from pydantic import Field

from console.backup import Manifest, Source, back_up, new_key, read_key
from console.commands.stack import stack_settings
from console.restore import restore as build
from devices.errors import SettingError
from ingest.clock import system_clock
from ingest.settings import DatabaseSettings, load


class BackupSettings(DatabaseSettings):
    """What a backup needs to know."""

    backup_recipient: str | None = Field(
        None, description="public half (`age1…`) of the key that backups are encrypted for"
    )


def backup(
    target: Annotated[Path | None, typer.Argument(help="file to write")] = None,
    *,
    recipient: Annotated[str | None, typer.Option(help="public key (age1…); default: the setting")] = None,
    data: Annotated[Path | None, typer.Option(help="data folder of the local stack")] = None,
    new_key_file: Annotated[
        Path | None, typer.Option("--new-key", help="make a key pair: the secret half goes into this file")
    ] = None,
) -> None:
    """Save the database and the data folder, encrypted, while everything runs."""
    if new_key_file is not None:
        typer.echo(
            f"secret key: {new_key_file} (keep it away from this machine; without it no backup can be read)"
        )
        typer.echo(f"public key: {new_key(new_key_file)}")
        return
    settings = load(BackupSettings)
    key = recipient or settings.backup_recipient
    if target is None or key is None:
        raise SettingError(
            "SHEQU_BACKUP_RECIPIENT",
            "a backup needs a file and a public key to encrypt it for: shequ backup --new-key FILE makes "
            "one, then shequ backup TARGET --recipient age1…",
        )
    source = Source(database_url=settings.database_url.get_secret_value(), settings=stack_settings(data=data))
    manifest = asyncio.run(back_up(source, target, key, system_clock()))
    typer.echo(f"{target}: {_size(target)}, {_told(manifest)}")


def restore(
    source: Annotated[Path, typer.Argument(help="the backup", exists=True, dir_okay=False)],
    *,
    key: Annotated[Path, typer.Option(help="file with the secret key", exists=True, dir_okay=False)],
    data: Annotated[
        Path | None, typer.Option(help="data folder to build; must be empty or not there")
    ] = None,
) -> None:
    """Build a platform from a backup, in an empty place, and compare it with what was saved."""
    settings = stack_settings(data=data)
    manifest = asyncio.run(build(source, read_key(key), settings, typer.echo))
    typer.echo(f"restored into {settings.data}: {_told(manifest)}. Start it: shequ up --data {settings.data}")


def _told(manifest: Manifest) -> str:
    rows = sum(table.rows for table in manifest.tables.values())
    return f"{len(manifest.tables)} tables with {rows} rows, {len(manifest.files) - 1} files"


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"
