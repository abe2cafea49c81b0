"""The `shequ` command: thin; each subcommand lives in `console/commands/`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from devices.errors import PlatformError

COMMANDS: Final = {  # each imports its module when it is asked for: together they cost seconds
    "up": "demo:up",
    "simulate": "demo:simulate",
    "drill": "drill:drill",
    "bench": "bench:bench",
    "serve": "services:serve",
    "ingest": "services:ingest",
    "deliver": "services:deliver",
    "streams": "services:streams",
    "duty": "services:duty",
    "watch": "services:watch",
    "certificate": "services:certificate",
    "migrate": "services:migrate",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "doctor": "doctor:doctor",
    "user": "user:app",
    "device": "device:app",
    "dialect": "dialect:app",
    "replay": "replay:replay",
    "rule": "rule:app",
    "camera": "camera:app",
    "alert": "alert:app",
    "audit": "audit:app",
    "privacy": "privacy:app",
    "dossier": "dossier:app",
}


def shequ() -> None:
    """Shequ (社区): the smart community's event platform."""


class Shelf(Mapping[str, Any]):
    """The commands by name; one is read when it is taken down."""

    def __getitem__(self, name: str) -> Any:
        return _command(name, COMMANDS[name])

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class OnDemand(TyperGroup):
    """A group that knows the names of its commands, and imports the one that is asked for."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "commands": Shelf()})


@cache
def _command(name: str, where: str) -> Any:
    module, _, attribute = where.partition(":")
    found = getattr(import_module(f"console.commands.{module}"), attribute)
    stand = typer.Typer(add_completion=False, callback=shequ)
    if isinstance(found, typer.Typer):
        stand.add_typer(found, name=name)
    else:
        stand.command(name)(found)
    group: Any = get_command(stand)
    return group.commands[name]


app = typer.Typer(cls=OnDemand, callback=shequ, no_args_is_help=True, add_completion=False)


def main() -> None:
    """Run the command; our own errors and the machine's become clear lines and exit code 1."""
    problems: list[str] = []
    try:
        app()
    except* (PlatformError, OSError) as group:  # bare, or wrapped by the task groups they came through
        problems = [str(exc) for exc in _leaves(group)]
    for problem in dict.fromkeys(problems):
        sys.stderr.write(f"shequ: {problem}\n")
    if problems:
        sys.exit(1)


def _leaves(group: BaseExceptionGroup[Exception]) -> Iterator[Exception]:
    for exc in group.exceptions:
        if isinstance(exc, BaseExceptionGroup):
            yield from _leaves(exc)
        else:
            yield exc


if __name__ == "__main__":
    main()
