"""The platform's processes, one command each, for whoever runs them under a supervisor."""

from __future__ import annotations

import typer

from console import serving
from console.duty import __main__ as on_duty
from ingest import __main__ as ingesting
from ingest.deliver import __main__ as delivering
from ingest.settings import DatabaseSettings, load
from ingest.store.migrate import migrate as migrate_database
from ingest.streams import __main__ as streaming


def serve() -> None:
    """Serve the console: HTTP API, live feed and web page."""
    serving.main()


def ingest() -> None:
    """Take messages from the broker, judge them, and store what follows."""
    ingesting.main()


def deliver() -> None:
    """Send what stands in the outbox, and keep the cascade and the channel tests."""
    delivering.main()


def streams() -> None:
    """Follow the HTTP event streams of devices that do not speak MQTT."""
    streaming.main()


def duty() -> None:
    """Fire timers: promises that run out, alerts nobody takes, alarms nobody confirms."""
    on_duty.main()


def migrate() -> None:
    """Bring the database to the current schema."""
    count = migrate_database(load(DatabaseSettings).database_url.get_secret_value())
    typer.echo(f"{count} migration(s) applied")
