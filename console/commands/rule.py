"""`shequ rule`: look at the rules, and check a rule file before it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rules.ruleset import load_catalogue, parse

app = typer.Typer(no_args_is_help=True, help="Rules.")


@app.command("list")
def list_() -> None:
    """List the rules that are in force."""
    for rule in load_catalogue().rules:
        typer.echo(f"{rule.code}\t{rule.id}\t{rule.name_zh}\t{rule.name_en}")


@app.command()
def check(files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Read rule files; a wrong one is refused with file, line and column."""
    for file in files:
        count = len(parse(file.read_text(encoding="utf-8"), str(file)))
        typer.echo(f"{file}: {count} rule(s), all well")
