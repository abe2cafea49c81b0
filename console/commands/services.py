"""The platform's processes, one command each, for whoever runs them under a supervisor."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from devices.errors import SettingError
from ingest.registry_ca import Authority
from ingest.settings import BrokerAdminSettings, DatabaseSettings, load
from ingest.store.migrate import Stage
from ingest.store.migrate import migrate as migrate_database
from ingest.store.roles import make_logins


def _run(module: str) -> None:
    """Import a process only where it is asked for: the console alone takes more than a second."""
    import_module(module).main()


def serve() -> None:
    """Serve the console: HTTP API, live feed and web page."""
    _run("console.serving")


def ingest() -> None:
    """Take messages from the broker, judge them, and store what follows."""
    _run("ingest.__main__")


def deliver() -> None:
    """Send what stands in the outbox, and keep the cascade and the channel tests."""
    _run("ingest.deliver.__main__")


def streams() -> None:
    """Follow the HTTP event streams of devices that do not speak MQTT."""
    _run("ingest.streams.__main__")


def duty() -> None:
    """Fire timers: promises that run out, alerts nobody takes, alarms nobody confirms."""
    _run("console.duty.__main__")


def watch() -> None:
    """Send virtual calls for help through the platform every few minutes, and ring where they stop."""
    _run("console.watch.__main__")


def certificate(
    hosts: Annotated[list[str], typer.Argument(help="names and addresses the server is reached by")],
    *,
    folder: Annotated[Path, typer.Option(help="where server.pem, server-key.pem and ca.pem go")],
) -> None:
    """Sign a certificate for a broker or a database of your own by the platform's authority."""
    home = load(BrokerAdminSettings).ca_folder
    if home is None:
        raise SettingError("SHEQU_CA_FOLDER", "names the folder of the authority that signs: set it")
    authority = Authority.open(home)
    issued = authority.issue_server(hosts)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in (
        ("server.pem", issued.certificate),
        ("server-key.pem", issued.key or ""),
        ("ca.pem", authority.pem),
    ):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(text, encoding="utf-8")
    typer.echo(f"valid until {issued.not_after:%Y-%m-%d}: {', '.join(hosts)}")


def migrate(
    *,
    pre: Annotated[
        bool, typer.Option("--pre", help="only what old parts bear: before they are restarted")
    ] = False,
    post: Annotated[
        bool, typer.Option("--post", help="the rest: after the last old part has stopped")
    ] = False,
    logins: Annotated[
        Path | None,
        typer.Option(help="folder for each part's account of the database, one file per part, mode 0600"),
    ] = None,
) -> None:
    """Bring the database to the current schema and rights; with --logins give each part its account."""
    url = load(DatabaseSettings).database_url.get_secret_value()
    stage: Stage | None = "pre" if pre and not post else "post" if post and not pre else None
    count = migrate_database(url, stage)
    typer.echo(f"{count} migration(s) applied")
    if logins is not None:
        parts = make_logins(url, logins)
        typer.echo(f"accounts of {', '.join(parts)} in {logins}: give each part its file and no other")
