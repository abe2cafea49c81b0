"""The `shequ` command: thin; each subcommand lives in `console/commands/`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import typer

from console.commands import (
    alert,
    audit,
    backup,
    bench,
    camera,
    demo,
    device,
    dialect,
    doctor,
    dossier,
    drill,
    privacy,
    replay,
    rule,
    services,
    user,
)
from devices.errors import PlatformError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Shequ (社区): the smart community's event platform."
)
app.command("up")(demo.up)
app.command("simulate")(demo.simulate)
app.command("drill")(drill.drill)
app.command("bench")(bench.bench)
app.command("serve")(services.serve)
app.command("ingest")(services.ingest)
app.command("deliver")(services.deliver)
app.command("streams")(services.streams)
app.command("duty")(services.duty)
app.command("watch")(services.watch)
app.command("migrate")(services.migrate)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("doctor")(doctor.doctor)
app.add_typer(user.app, name="user")
app.add_typer(device.app, name="device")
app.add_typer(dialect.app, name="dialect")
app.command("replay")(replay.replay)
app.add_typer(rule.app, name="rule")
app.add_typer(camera.app, name="camera")
app.add_typer(alert.app, name="alert")
app.add_typer(audit.app, name="audit")
app.add_typer(privacy.app, name="privacy")
app.add_typer(dossier.app, name="dossier")


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
