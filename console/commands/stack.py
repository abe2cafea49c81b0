"""Settings of the local stack: what is configured from outside, and where the private one lives."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, SecretStr

from ingest.settings import PREFIX, Settings, config_file, data_folder, load
from simulators.stack import StackSettings


class LocalSettings(Settings):
    """What decides where the database and the broker come from."""

    database_url: SecretStr | None = Field(
        None, description="an external TimescaleDB; without it a local one runs"
    )
    broker_url: SecretStr | None = Field(None, description="an external broker; without it a local one runs")
    broker_port: int = Field(1883, ge=0, le=65_535, description="TCP port of the local broker; 0 takes any")
    cache: Path | None = Field(None, description="folder of the unpacked local stack")
    debian_mirror: str | None = Field(
        None, description="Debian mirror for the local stack; by default the host's own"
    )

    @classmethod
    def toml_file(cls) -> Path | None:
        """Only a file that was asked for: the one a running stack left names that very stack."""
        return config_file() if os.environ.get(f"{PREFIX}CONFIG") else None


def stack_settings(*, data: Path | None, durable: bool = True, port: int | None = None) -> StackSettings:
    """Read the stack's settings; a data folder given on the command line wins."""
    local = load(LocalSettings)
    return StackSettings(
        data=(data or data_folder()).absolute(),
        database_url=local.database_url.get_secret_value() if local.database_url else None,
        broker_url=local.broker_url.get_secret_value() if local.broker_url else None,
        cache=local.cache,
        mirror=local.debian_mirror,
        broker_port=local.broker_port if port is None else port,
        durable=durable,
    )
