"""`shequ privacy`: the keys that personal data are sealed with, and the proofs that they were deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console import second_factor
from console.commands.database import with_database
from console.database import Connection
from devices.errors import ConfigError, SettingError
from ingest.deliver.settings import LetterSettings
from ingest.settings import load
from ingest.store import personal
from ingest.store.sweeping import check_proofs
from ingest.vault import SETTING, Vault, add_key, drop_old_keys

app = typer.Typer(
    no_args_is_help=True,
    help="Personal data: the keys they are sealed with, and the proofs of what was deleted.",
)


@app.command("new-key")
def new_key(file: Annotated[Path, typer.Argument(help="key file to make")]) -> None:
    """Make a key file for SHEQU_PERSONAL_KEYS; keep a copy away from the database's backups."""
    if file.exists():
        raise ConfigError(f"{file} is there already: `shequ privacy rotate` adds a key to it")
    typer.echo(f"key {add_key(file).hex()} in {file}")


@app.command()
def rotate(
    *, drop_old: Annotated[bool, typer.Option(help="remove the old keys once nothing needs them")] = False
) -> None:
    """Seal with a new key from now on, and put every sealed field under it."""
    path = _key_file()
    typer.echo(f"new key {add_key(path).hex()}")
    vault = Vault.open(path)

    async def work(connection: Connection) -> int:
        count = 0
        while True:
            async with connection.transaction():
                done = await personal.rewrap(connection, vault)
                done += await second_factor.rewrap(connection, vault)
            if done == 0:
                return count
            count += done

    count = with_database(work, "privacy")
    typer.echo(f"{count} fields put under it")
    if drop_old:
        typer.echo(f"{drop_old_keys(path)} old key(s) removed: backups made before can no longer be read")


@app.command()
def seal() -> None:
    """Seal what an older version wrote in plain text; the console does it by itself as well."""
    vault = Vault.open(_key_file())

    async def work(connection: Connection) -> int:
        async with connection.transaction():
            return await personal.seal_plain(connection, vault) + await second_factor.seal_plain(
                connection, vault
            )

    count = with_database(work, "privacy")
    typer.echo(f"{count} fields sealed")


@app.command()
def verify() -> None:
    """Check every proof of a deletion against the one before; exit 1 where one was changed or removed."""
    proven = with_database(check_proofs, "privacy")
    for finding in proven.findings:
        typer.echo(f"WRONG: {finding}")
    typer.echo(f"{proven.proofs} proofs that {proven.rows} rows were deleted")
    if proven.head is not None:
        typer.echo(f"hash of the newest: {proven.head} (the audit log holds it too, from a minute after)")
    if proven.findings:
        raise typer.Exit(1)


def _key_file() -> Path:
    path = load(LetterSettings).personal_keys
    if path is None:
        raise SettingError(SETTING, "name the key file; `shequ privacy new-key FILE` makes one")
    return path
