"""Finds ONVIF cameras on the local network: a WS-Discovery 1.0 probe (ONVIF Core, section 7).

The answers name service addresses; which stream a camera offers is asked there with its login (`onvif.py`).
"""

from __future__ import annotations

import re
import socket
from time import monotonic
from uuid import uuid4

from devices.errors import InternalError

GROUP = ("239.255.255.250", 3702)  # WS-Discovery multicast address and port
_PROBE = """<?xml version="1.0" encoding="UTF-8"?>
<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"
 xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
 xmlns:n="http://www.onvif.org/ver10/network/wsdl"><e:Header>
<w:MessageID>uuid:{id}</w:MessageID>
<w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>
<w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>
<e:Body><d:Probe><d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"""
_ADDRESSES = re.compile(rb"<(?:\w+:)?XAddrs>([^<]*)</(?:\w+:)?XAddrs>")


def probe(seconds: float, group: tuple[str, int] = GROUP) -> list[str]:
    """Ask once and listen for `seconds`; returns the addresses, sorted. Raises InternalError."""
    found: set[str] = set()
    until = monotonic() + seconds
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
            wire.sendto(_PROBE.format(id=uuid4()).encode(), group)
            while (left := until - monotonic()) > 0:
                wire.settimeout(left)
                try:
                    found.update(addresses(wire.recv(65_535)))
                except TimeoutError:
                    break
    except OSError as exc:
        raise InternalError(f"the network cannot be asked for cameras: {exc}") from exc
    return sorted(found)


def addresses(answer: bytes) -> list[str]:
    """Return the http addresses of an answer; an answer that is none has none."""
    words = [w for match in _ADDRESSES.finditer(answer) for w in match[1].decode("utf-8", "replace").split()]
    return [word for word in words if word.startswith(("http://", "https://"))]
