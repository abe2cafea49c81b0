"""What the console needs to know; read once in the entry point."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from ingest.settings import Settings


class ConsoleSettings(Settings):
    """Settings of the HTTP side."""

    database_url: SecretStr = Field(description="libpq address of the TimescaleDB database")
    host: str = Field("127.0.0.1", description="address the console listens on")
    port: int = Field(8080, ge=0, le=65_535, description="TCP port the console listens on; 0 takes any")
    web_dir: Path = Field(Path(__file__).parent / "web" / "dist", description="folder of the built web page")
    snapshots: Path | None = Field(None, description="folder of camera snapshots; without one there are none")
    attachments: Path | None = Field(
        None, description="folder of the cases' photos; without one none are taken"
    )
    session_hours: float = Field(12, gt=0, le=168, description="hours after which everybody logs in again")
    session_idle_minutes: float = Field(30, gt=0, description="minutes without a request that end a session")
    pool_size: int = Field(10, ge=1, le=100, description="database connections of one console process")
    heartbeat_s: float = Field(
        5, gt=0, le=10, description="seconds of silence before the live feed says it is alive"
    )
    mqtt_auth_secret: SecretStr | None = Field(
        None,
        description="what a broker of your own shows us when it asks who may come in; none: it may not ask",
    )
    ingest_late_s: float = Field(
        30, gt=0, description="seconds ingest may be behind before the console says so"
    )
