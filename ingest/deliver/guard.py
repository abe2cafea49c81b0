"""Where letters may go over HTTP: never into the house, unless that place is listed.

An endpoint's address is typed by a person; without this, one typed address would let the platform
read its own neighbours (server-side request forgery). The name is resolved once, judged, and the
connection goes to exactly that address, so that a name cannot change its mind in between.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from devices.errors import DeliveryError, SettingError, UndeliverableError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PORTS: Final = {"http": 80, "https": 443}
_NAT64: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where a request really goes, and under which name."""

    url: str
    host: str  # as the Host header says it
    name: str  # for TLS


def parse_allowed(text: str) -> tuple[Network, ...]:
    """Read a comma-separated list of addresses and networks; raises SettingError."""
    try:
        return tuple(
            ipaddress.ip_network(word.strip(), strict=False) for word in text.split(",") if word.strip()
        )
    except ValueError as exc:
        raise SettingError(
            "SHEQU_DELIVER_PRIVATE", f"{exc}: write addresses or networks such as 10.1.0.0/16"
        ) from exc


def permitted(address: Address, allowed: Sequence[Network]) -> bool:
    """Say whether an address is the outside world's, or a listed one."""
    inner = _inner(address)
    if inner is not None:
        return permitted(inner, allowed)
    if any(address.version == network.version and address in network for network in allowed):
        return True
    return address.is_global and not address.is_multicast


def _inner(address: Address) -> ipaddress.IPv4Address | None:
    """Answer the IPv4 address that an IPv6 one leads to: mapped, by 6to4, or by NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if any(address in network for network in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


async def locate(url: str, allowed: Sequence[Network]) -> Target:
    """Resolve an address and judge every answer.

    Raises UndeliverableError for a forbidden one, DeliveryError where the name is not known now.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        raise UndeliverableError("an endpoint's address is http[s]://host[:port]/path")
    port = parts.port or _PORTS[parts.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError as exc:
        raise DeliveryError(f"the name {parts.hostname!r} is not known: {exc}") from exc
    addresses = [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in found]
    if not addresses or not all(permitted(address, allowed) for address in addresses):
        raise UndeliverableError(f"{parts.hostname!r} is a private address: list it in SHEQU_DELIVER_PRIVATE")
    first = addresses[0]
    host = f"[{first}]" if first.version == 6 else str(first)  # noqa: PLR2004 - IP's version
    return Target(
        url=urlunsplit((parts.scheme, f"{host}:{port}", parts.path or "/", parts.query, "")),
        host=parts.netloc,
        name=parts.hostname,
    )
