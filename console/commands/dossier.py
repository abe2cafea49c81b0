"""`shequ dossier`: hand out a case's dossier, check a copy, check the database."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from console.commands.database import with_database
from console.database import Connection, fetch
from console.dossier import SQL, check_case, find_case, read_chain
from console.dossier_copy import take_copy
from console.dossier_file import Copy, verify
from console.settings import ConsoleSettings
from ingest.clock import system_clock
from ingest.settings import load
from rules.chain import Finding

app = typer.Typer(no_args_is_help=True, help="Dossiers of cases.")

CaseCode = Annotated[str, typer.Argument(help="case code, as 51068120261126010000001")]


@app.command()
def export(
    case: CaseCode,
    *,
    reason: Annotated[str, typer.Option(help="why; goes on record")],
    out: Annotated[Path | None, typer.Option(help="file; default: dossier-CASE.zip")] = None,
    personal: Annotated[bool, typer.Option("--personal", help="with personal data")] = False,
) -> None:
    """Write a copy of a case's dossier."""
    photos = load(ConsoleSettings).attachments

    async def work(connection: Connection) -> Copy:
        found = await find_case(connection, None, code=case)
        async with connection.transaction():
            return await take_copy(
                connection,
                found,
                by=f"shell:{getpass.getuser()}",
                reason=reason,
                at=system_clock(),
                personal=personal,
                photos=photos,
            )

    copy = with_database(work, "dossier")
    path = out or Path(f"dossier-{case}.zip")
    path.write_bytes(copy.content)
    typer.echo(f"{path}: head {copy.head}, seal {copy.seal}")


@app.command("verify")
def verify_file(
    file: Annotated[Path, typer.Argument(help="a dossier", exists=True, dir_okay=False)],
    *,
    database: Annotated[bool, typer.Option("--database", help="ask the platform whether it made it")] = False,
) -> None:
    """Check a copy; exit code 1 where something was changed."""
    found = verify(file.read_bytes())
    typer.echo(f"{found.case_code}: {found.entries} entries, head {found.head}")
    known = True
    if database:
        about = {"case_code": found.case_code, "seal": found.seal}

        async def work(connection: Connection) -> bool:
            return await fetch(connection, SQL["seals"], about) is not None

        known = with_database(work, "dossier")
        typer.echo("this platform handed it out" if known else "this platform never handed it out")
    _tell(found.findings, good=known)


@app.command("check")
def check_database(case: CaseCode) -> None:
    """Follow a case's chain in the database and compare it with the tables."""

    async def work(connection: Connection) -> tuple[Finding, ...]:
        found = await find_case(connection, None, code=case)
        return await check_case(connection, found, await read_chain(connection, found))

    _tell(with_database(work, "dossier"))


def _tell(findings: tuple[Finding, ...], *, good: bool = True) -> None:
    for finding in findings:
        typer.echo(f"{finding.flaw}: {finding.about}")
    if findings or not good:
        raise typer.Exit(1)
    typer.echo("whole: nothing was changed")
