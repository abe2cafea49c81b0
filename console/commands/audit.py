"""`shequ audit`: prove that the record of who did what is whole, and hand it out signed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console import auditing
from console.commands.database import with_database
from ingest.settings import BrokerAdminSettings, load

app = typer.Typer(no_args_is_help=True, help="The record of who did what.")


@app.command()
def verify(
    file: Annotated[
        Path | None, typer.Option(help="an export to check instead of the database", exists=True)
    ] = None,
    public: Annotated[
        Path | None, typer.Option(help="with --file: the public key (audit-public.pem)")
    ] = None,
) -> None:
    """Find every changed, removed, added or reordered row; exit 1 where there is one."""
    if file is not None:
        if public is None:
            raise typer.BadParameter("an export is checked against a public key: --public audit-public.pem")
        auditing.check_export(file, public)
        typer.echo(f"{file} is what was signed")
        return
    verdict = with_database(auditing.verify, "audit")
    for finding in verdict.findings:
        typer.echo(f"WRONG: {finding}")
    typer.echo(f"{verdict.rows} rows under {verdict.seals} seals, {verdict.unsealed} rows not sealed yet")
    if verdict.head is not None:
        typer.echo(f"newest seal: {verdict.head.seq} of {verdict.head.sealed_at.isoformat()}")
        typer.echo(
            f"its hash:    {verdict.head.hash.hex()} (keep it elsewhere: what it covers cannot be rewritten)"
        )
    if verdict.findings:
        raise typer.Exit(1)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="file to write; TARGET.sig is its signature")],
) -> None:
    """Write the sealed record as signed JSON lines."""
    key = auditing.signing_key(load(BrokerAdminSettings).ca_folder)
    rows = with_database(lambda connection: auditing.export(connection, target, key), "audit")
    typer.echo(f"{rows} rows written to {target}, signature in {target}.sig")
