"""Secrets of the channels: the database knows their names, a folder or the environment holds them.

A file named like the secret in the folder of `SHEQU_SECRETS`, or else `SHEQU_SECRET_<NAME>`.
Files are read at every use, so that a secret may be changed while the platform runs.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from devices.errors import SettingError

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
VARIABLE: Final = "SHEQU_SECRET_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Secrets:
    """Where secrets are found."""

    folder: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def find(self, name: str) -> str | None:
        """Answer a secret, if it is there."""
        if not _NAME.fullmatch(name):
            return None
        path = None if self.folder is None else self.folder / name
        if path is not None and path.is_file():
            return path.read_text(encoding="utf-8").strip() or None
        return self.environment.get(VARIABLE + name.upper().replace("-", "_")) or None

    def get(self, name: str) -> str:
        """Answer a secret.

        Raises SettingError where nobody provides it.
        """
        found = self.find(name)
        if found is None:
            raise SettingError(f"secret {name!r}", "put it into a file of SHEQU_SECRETS, or set its variable")
        return found


def signature(secret: str, body: bytes, timestamp: int) -> str:
    """Sign a body: HMAC-SHA256 over `<seconds>.<body>`, so that neither can be changed or replayed later."""
    digest = hmac.new(secret.encode(), str(timestamp).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def verify(secret: str, body: bytes, header: str, *, now: int, tolerance_s: int = 300) -> bool:
    """Say whether a signature header fits the body and is fresh."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    stamp = parts.get("t", "")
    if not stamp.isascii() or not stamp.isdigit() or abs(now - int(stamp)) > tolerance_s:
        return False
    return hmac.compare_digest(signature(secret, body, int(stamp)).encode(), header.encode())
