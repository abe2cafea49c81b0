"""What the stream client needs to know."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from ingest.settings import Settings


class StreamSettings(Settings):
    """What the stream client needs to know."""

    broker_url: SecretStr = Field(description="as for ingest: its account publishes what the streams say")
    streams: Path | None = Field(None, description="TOML file of the HTTP event streams to follow")
