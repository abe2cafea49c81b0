"""Configuration as desired and reported state: its fingerprint, and what goes over the wire."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def config_hash(data: Mapping[str, Any]) -> str:
    """A fingerprint that does not depend on the order of keys: 16 hexadecimal digits."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def config_message(version: int, data: Mapping[str, Any]) -> bytes:
    """What is published, retained, on `…/config`."""
    body = {"version": version, "hash": config_hash(data), "data": data}
    return json.dumps(body, ensure_ascii=False).encode()


def command_message(
    number: int, name: str, args: Mapping[str, Any], at: datetime, expires_at: datetime
) -> bytes:
    """What is published on `…/command`; the device answers with the same id on `…/reply`."""
    body = {
        "id": str(number),
        "name": name,
        "args": args,
        "at": at.isoformat(),
        "expires_at": expires_at.isoformat(),
    }
    return json.dumps(body, ensure_ascii=False).encode()
