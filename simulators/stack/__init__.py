"""A private Mosquitto and a private TimescaleDB for a laptop: no root, no Docker, nothing installed."""

from __future__ import annotations

from simulators.stack.choice import choose, describe
from simulators.stack.model import (
    Broker,
    BrokerAddress,
    BrokerLogins,
    Choice,
    Login,
    Part,
    Source,
    Stack,
    StackSettings,
    TlsFiles,
)
from simulators.stack.mosquitto import Mosquitto, open_mosquitto
from simulators.stack.postgres import Postgres, open_postgres
from simulators.stack.stack import open_stack

__all__ = [
    "Broker",
    "BrokerAddress",
    "BrokerLogins",
    "Choice",
    "Login",
    "Mosquitto",
    "Part",
    "Postgres",
    "Source",
    "Stack",
    "StackSettings",
    "TlsFiles",
    "choose",
    "describe",
    "open_mosquitto",
    "open_postgres",
    "open_stack",
]
