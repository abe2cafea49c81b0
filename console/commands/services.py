"""The platform's processes, one command each, for whoever runs them under a supervisor."""

from __future__ import annotations

import typer

from console.app import create_app
from console.credentials import broker_credentials
from console.serving import serve as serve_app
from console.settings import ConsoleSettings
from ingest.__main__ import run, run_until_signalled
from ingest.logs import set_up_logs
from ingest.settings import DatabaseSettings, IngestSettings, load
from ingest.store.migrate import migrate as migrate_database


def serve() -> None:
    """Serve the console: HTTP API, live feed and web page."""
    set_up_logs()
    settings = load(ConsoleSettings)
    serve_app(create_app(settings, broker_credentials()), settings)


def ingest() -> None:
    """Take messages from the broker, judge them, and store what follows."""
    set_up_logs()
    run_until_signalled(run(load(IngestSettings)))


def migrate() -> None:
    """Bring the database to the current schema."""
    count = migrate_database(load(DatabaseSettings).database_url.get_secret_value())
    typer.echo(f"{count} migration(s) applied")
