"""The `shequ` command: thin; each subcommand lives in `console/commands/`."""

from __future__ import annotations

import sys

import typer

from console.commands import bench, demo, device, doctor, drill, rule, services, user
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
app.command("migrate")(services.migrate)
app.command("doctor")(doctor.doctor)
app.add_typer(user.app, name="user")
app.add_typer(device.app, name="device")
app.add_typer(rule.app, name="rule")


def main() -> None:
    """Run the command; our own errors become one clear line and exit code 1."""
    try:
        app()
    except PlatformError as exc:
        sys.stderr.write(f"shequ: {exc}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
