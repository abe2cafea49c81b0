"""The values the local stack is described with: what is asked for, what was chosen, what runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from simulators.stack.process import Service


class Part(StrEnum):
    """The two servers the platform needs."""

    DATABASE = "database"
    BROKER = "broker"


class Source(StrEnum):
    """Where a server comes from, in the order of choice."""

    CONFIGURED = "configured"
    HOST = "host"
    BUNDLE = "bundle"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One decision about one part: what was chosen, where it is, and why."""

    part: Part
    source: Source
    detail: str
    reason: str

    def __str__(self) -> str:
        return f"{self.part}: {self.source} ({self.detail}): {self.reason}"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """What the broker needs for TLS, in PEM: whom it trusts, and who it is."""

    authority: str
    certificate: str
    key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class StackSettings:
    """What is asked of the stack; everything but the data folder has a default that fits a laptop."""

    data: Path
    database_url: str | None = None
    broker_url: str | None = None
    cache: Path | None = None  # None: /var/cache/shequ for root, ~/.cache/shequ for everybody else
    mirror: str | None = None  # None: the Debian mirror the host itself uses
    broker_port: int = 1883  # a free one is chosen when it is taken; 0 takes any
    durable: bool = True  # False: no fsync, for tests and template databases
    tls: TlsFiles | None = (
        None  # with it the broker also listens with TLS: for passwords, and for certificates
    )


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the MQTT broker listens."""

    host: str
    port: int
    tls: bool = False
    ca: Path | None = None  # whose certificates count; None: the system's authorities

    def __str__(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Login:
    """A name and its password; the password never shows in a repr."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BrokerLogins:
    """The three accounts of the platform itself; devices get their own."""

    admin: Login
    ingest: Login
    gateway: Login


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker as its clients see it: where it is, and the platform's accounts on it."""

    address: BrokerAddress
    admin: Login
    ingest: Login
    gateway: Login


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """A running stack: how to reach its two servers, and why they are the ones they are."""

    database_url: str = field(repr=False)
    broker: BrokerAddress
    admin: Login
    ingest: Login
    gateway: Login
    data: Path
    choices: tuple[Choice, ...]
    broker_tls: BrokerAddress | None = None
    broker_certificates: BrokerAddress | None = None
    services: Mapping[Part, Service] = field(default_factory=dict, repr=False)  # for whoever hurts them
