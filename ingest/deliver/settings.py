"""What the delivery process needs to know; read once in the entry point."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field

from ingest.deliver.secrets import VARIABLE, Secrets
from ingest.settings import DatabaseSettings, Settings, TraceSettings


class LetterSettings(Settings):
    """What delivery and console both know."""

    secrets: Path | None = Field(
        None, description="folder of the channels' secrets, one file each; or `SHEQU_SECRET_<NAME>`"
    )
    personal_keys: Path | None = Field(
        None, description="file of the keys that personal data are sealed with; without one none are taken"
    )
    public_url: str = Field(
        "http://127.0.0.1:8080", description="how people reach the console: links in messages begin so"
    )


class DeliverSettings(LetterSettings, TraceSettings, DatabaseSettings):
    """Settings of `shequ deliver`."""

    deliver_private: str | None = Field(
        None, description="private addresses that letters may go to, such as `10.1.0.0/16,127.0.0.1`"
    )
    deliver_pause_s: float = Field(
        1.0, gt=0, description="longest pause after a letter's first failed attempt, in seconds; it doubles"
    )
    deliver_pause_most_s: float = Field(300.0, gt=0, description="longest pause between attempts, in seconds")
    deliver_lease_s: float = Field(
        15.0,
        gt=0,
        description="seconds beyond its time-out after which a silent sender's letter is sent again",
    )


def open_secrets(folder: Path | None) -> Secrets:
    """Take the secrets of the environment; only entry points call this."""
    found = {name: value for name, value in os.environ.items() if name.startswith(VARIABLE)}
    return Secrets(folder=folder, environment=found)
