"""How connections leave a machine: with TLS that proves who answers, or by an explicit setting without.

A server on this machine (a Unix socket, the loopback) needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo
from pydantic import BaseModel, SecretStr

from devices.errors import SettingError
from ingest.transport import is_near

_PLAIN: Final = frozenset({"mqtt", "http"})
_PROVEN: Final = "verify-full"  # the weaker modes of libpq encrypt, for whoever answers


def database_problem(url: str) -> str | None:
    """Say why a libpq address may not be used as it stands; None: it may."""
    try:
        told = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except psycopg.ProgrammingError:  # its text would show the password
        form = "write postgresql://user:password@host/name (in a password / is %2F, @ is %40, % is %25)"
        raise SettingError("SHEQU_DATABASE_URL", form) from None
    usual = {o.keyword.decode(): (o.val or b"").decode() for o in Conninfo.get_defaults()}  # PGHOST and so on
    if told.get("service") or usual["service"]:
        return "write host and sslmode into the address itself: a service file is not looked into"
    hosts = (told.get("hostaddr") or usual["hostaddr"] or told.get("host") or usual["host"]).split(",")
    far = [host for host in hosts if host and not host.startswith(("/", "@")) and not is_near(host)]
    proven = told.get("sslmode", usual["sslmode"]) == _PROVEN or (
        told.get("sslrootcert") == "system" and "sslmode" not in told
    )
    if not far or proven:
        return None
    return (
        f"the database on {far[0]} would be reached without TLS that proves who answers:"
        f" add sslmode={_PROVEN}&sslrootcert=/path/to/ca.pem"
    )


def address_problem(url: str) -> str | None:
    """Say why an address may not be used as it stands; None: it may."""
    parts = urlsplit(url)
    if parts.scheme not in _PLAIN or not parts.hostname or is_near(parts.hostname):
        return None
    return f"{parts.hostname} would be reached without TLS: write {parts.scheme}s://"


def listening_problem(host: str, *, tls: bool) -> str | None:
    """Say why the console may not listen there; None: it may."""
    if tls or is_near(host):
        return None
    return (
        f"passwords would reach {host} without TLS: give SHEQU_TLS_CERTIFICATE and SHEQU_TLS_KEY, or"
        " SHEQU_TLS_HOSTS; behind a proxy on this machine listen on 127.0.0.1"
    )


_CONNECTIONS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "database_url": database_problem,
    "broker_url": address_problem,
    "broker_admin_url": address_problem,
    "oidc_issuer": address_problem,
    "snapshots_endpoint": address_problem,
    "camera_nodes": lambda nodes: next(
        filter(None, map(address_problem, nodes.replace(",", " ").split())), None
    ),
    "simulation_url": address_problem,
    "otlp_url": address_problem,
}  # settings by which a part reaches another machine; a camera node's own address is in its file


def problems(settings: BaseModel) -> Iterator[tuple[str, str]]:
    """Every setting by which a part would talk to another machine without TLS, and what to write instead."""
    for name, judge in _CONNECTIONS.items():
        value: Any = getattr(settings, name, None)
        address = value.get_secret_value() if isinstance(value, SecretStr) else value
        if address and (problem := judge(address)):
            yield name, problem
