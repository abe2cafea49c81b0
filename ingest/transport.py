"""TLS: what a client trusts, what a server proves itself with, and which hosts need none.

The broker's authority stands in its address, `mqtts://…?ca=/etc/shequ/ca.pem`, as libpq's `sslrootcert` does
in the database's: one address says everything. Why: docs/adr/051-transport.md.
"""

from __future__ import annotations

import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol

from devices.errors import SettingError


class Door(Protocol):
    """What is known of a broker's address."""

    @property
    def tls(self) -> bool:
        """Say whether the connection is encrypted."""

    @property
    def ca(self) -> Path | str | None:
        """Return the file of the authority to trust; None: those of the system."""


def broker_context(door: Door) -> ssl.SSLContext | None:
    """What a client of this broker checks it by; None where the connection is plain. Raises SettingError."""
    return trusting(door.ca, "?ca=") if door.tls else None


def trusting(ca: Path | str | None, setting: str) -> ssl.SSLContext:
    """What a client checks a server by: this authority, None: those of the system.

    Raises SettingError, naming the setting that the file comes from.
    """
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as exc:
        raise SettingError(setting, f"no authority's certificate in {ca}: {exc}") from exc


def proving(certificate: Path | str, key: Path | str, setting: str) -> ssl.SSLContext:
    """What a server proves itself with; raises SettingError, naming the setting that the files come from."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as exc:  # ssl's own errors are some too
        raise SettingError(setting, f"{certificate} and {key} are no certificate and its key: {exc}") from exc
    return context


def is_near(host: str) -> bool:
    """Say whether a host is this machine, reached without a network."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
