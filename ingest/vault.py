"""Fields of personal data, sealed under keys that the database never sees (envelope encryption).

Every field has a data key of its own, made at random and used once: the text is encrypted with it
(AES-256-GCM), and the data key is wrapped (RFC 3394) by a key of the key file. What stands in the
database holds both, so a new key means wrapping data keys anew, not encrypting texts anew. The name of
the field is authenticated: a sealed text copied to somebody else's row does not open.

The key file holds one key per line, base64; the first one seals, all of them open.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from devices.errors import SettingError, StoreError

SETTING: Final = "SHEQU_PERSONAL_KEYS"
FORMAT: Final = b"\x01"
_KEY, _NAME, _WRAPPED, _NONCE = 32, 8, 40, 12
_SHORT: Final = 7  # letters of which the middle hides nothing


class Vault:
    """The keys of a key file; without one nothing can be sealed or opened, and both say so."""

    __slots__ = ("_keys", "_path", "_seen")

    def __init__(self, path: Path | None = None) -> None:
        self._path, self._seen = path, 0
        self._keys: dict[bytes, bytes] = {}  # by name, the sealing one first

    @classmethod
    def open(cls, path: Path | None) -> Self:
        """Read a key file; it is read again whenever it changed, so a new key needs no restart.

        Raises SettingError where it is not readable by us, readable by others, or holds something else.
        """
        vault = cls(path)
        vault._refresh()
        return vault

    def _refresh(self) -> None:
        if self._path is None:
            return
        try:
            facts = self._path.stat()
            if facts.st_mtime_ns == self._seen:
                return
            if facts.st_mode & 0o077:
                raise SettingError(SETTING, f"others may read {self._path}: chmod 600")
            keys = [base64.b64decode(line, validate=True) for line in self._path.read_text("ascii").split()]
        except (OSError, ValueError) as exc:
            raise SettingError(SETTING, f"no key file {self._path}: {exc}") from exc
        if not keys or any(len(key) != _KEY for key in keys):
            raise SettingError(SETTING, f"{self._path} must hold keys of {_KEY} bytes in base64, one a line")
        self._keys, self._seen = {_name(key): key for key in keys}, facts.st_mtime_ns

    @property
    def first(self) -> bytes:
        """The name of the key that seals; raises SettingError where there is none."""
        self._refresh()
        for name in self._keys:
            return name
        raise SettingError(SETTING, "name a key file: personal data are kept encrypted or not at all")

    def seal(self, text: str, about: str) -> bytes:
        """Encrypt a text for the field `about`."""
        data_key, nonce = AESGCM.generate_key(_KEY * 8), secrets.token_bytes(_NONCE)
        body = AESGCM(data_key).encrypt(nonce, text.encode(), about.encode())
        return self._wrap(data_key) + nonce + body

    def unseal(self, sealed: bytes, about: str) -> str:
        """Decrypt the field `about`.

        Raises SettingError where its key is not in the key file, StoreError where it was tampered with.
        """
        data_key = self._unwrap(sealed)
        start = len(FORMAT) + _NAME + _WRAPPED
        nonce, body = sealed[start : start + _NONCE], sealed[start + _NONCE :]
        try:
            return AESGCM(data_key).decrypt(nonce, body, about.encode()).decode()
        except InvalidTag as exc:
            raise StoreError(f"the sealed field {about} is not what was written") from exc

    def rewrap(self, sealed: bytes) -> bytes:
        """Put a sealed text under the sealing key; the text itself is not opened."""
        return self._wrap(self._unwrap(sealed)) + sealed[len(FORMAT) + _NAME + _WRAPPED :]

    def _wrap(self, data_key: bytes) -> bytes:
        name = self.first
        return FORMAT + name + aes_key_wrap(self._keys[name], data_key)

    def _unwrap(self, sealed: bytes) -> bytes:
        name = key_name(sealed)
        if name not in self._keys:
            self._refresh()
        if name not in self._keys:
            raise SettingError(SETTING, f"the key {name.hex()} is not in the key file")
        start = len(FORMAT) + _NAME
        try:
            return aes_key_unwrap(self._keys[name], sealed[start : start + _WRAPPED])
        except InvalidUnwrap as exc:
            raise StoreError("the data key of a sealed field is not what was written") from exc


def key_name(sealed: bytes) -> bytes:
    """Answer the name of the key that a sealed text is under.

    Raises StoreError for a form we do not know.
    """
    if sealed[:1] != FORMAT:
        raise StoreError("a sealed field has a form this version does not know")
    return sealed[1 : 1 + _NAME]


def add_key(path: Path) -> bytes:
    """Put a fresh key in front of a key file, making the file where there is none; answers its name."""
    key = AESGCM.generate_key(_KEY * 8)
    old = path.read_text("ascii") if path.exists() else ""
    _write(path, base64.b64encode(key).decode() + "\n" + old)
    return _name(key)


def drop_old_keys(path: Path) -> int:
    """Leave only the sealing key in a key file; answers how many went. Backups made before need them."""
    lines = path.read_text("ascii").split()
    _write(path, lines[0] + "\n")
    return len(lines) - 1


def _write(path: Path, text: str) -> None:
    """Replace a key file in one step: a power cut leaves the old keys or the new ones."""
    fresh = path.with_name(path.name + ".new")
    with suppress(FileNotFoundError):
        fresh.unlink()
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="ascii")
    fresh.replace(path)


def _name(key: bytes) -> bytes:
    return hashlib.sha256(b"shequ personal key" + key).digest()[:_NAME]


def masked(text: str) -> str:
    """Hide the middle of a number or an address, all but the first letter of a name."""
    if len(text) > _SHORT:
        return f"{text[:3]}****{text[-4:]}"
    return text[:1] + "*" * max(len(text) - 1, 1)
