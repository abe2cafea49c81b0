"""Where pictures and clips lie: a folder, or a bucket of S3-compatible storage, behind the same few calls.

obstore names both alike; its errors end here. `<name>.hold` beside a picture is a legal hold on it
and its clip; `HOLD` in a day's or a camera's folder holds all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from devices.errors import InternalError, SettingError

HOLD: Final = "HOLD"
S3: Final = "s3"
_FAILURES: Final = (BaseError, OSError, ValueError)


class ArchiveError(InternalError):
    """A picture or clip could not be written, read or deleted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """How to reach S3-compatible storage; without a key the machine's own credentials are asked for."""

    endpoint: str | None = None
    region: str = "us-east-1"
    key: str | None = None
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class PictureStore:
    """A folder or a bucket; references are paths relative to it."""

    objects: ObjectStore

    def put(self, reference: str, content: bytes) -> None:
        """Write all of it or nothing; raises ArchiveError."""
        try:
            obstore.put(self.objects, reference, content)
        except _FAILURES as exc:
            raise ArchiveError(f"{reference}: {exc}") from exc

    def get(self, reference: str) -> bytes | None:
        """Return what lies there, None where nothing does; raises ArchiveError."""
        try:
            return bytes(obstore.get(self.objects, reference).bytes())
        except FileNotFoundError:
            return None
        except _FAILURES as exc:
            raise ArchiveError(f"{reference}: {exc}") from exc

    def has(self, reference: str) -> bool:
        """Say whether something lies there; raises ArchiveError."""
        try:
            obstore.head(self.objects, reference)
        except FileNotFoundError:
            return False
        except _FAILURES as exc:
            raise ArchiveError(f"{reference}: {exc}") from exc
        return True

    def delete(self, reference: str) -> None:
        """Delete what lies there, if anything does; raises ArchiveError."""
        try:
            obstore.delete(self.objects, reference)
        except FileNotFoundError:
            return
        except _FAILURES as exc:
            raise ArchiveError(f"{reference}: {exc}") from exc

    def names(self, under: str) -> Iterator[str]:
        """List the references under a folder; raises ArchiveError."""
        try:
            for page in obstore.list(self.objects, prefix=under):
                yield from (entry["path"] for entry in page)
        except _FAILURES as exc:
            raise ArchiveError(f"{under}: {exc}") from exc


def open_store(where: str | Path, bucket: Bucket | None = None) -> PictureStore:
    """Open a folder, or `s3://bucket/prefix`; raises SettingError."""
    words = urlsplit(str(where))
    try:
        if words.scheme != S3:
            return PictureStore(LocalStore(prefix=Path(where), automatic_cleanup=True, mkdir=True))
        how = bucket or Bucket()
        return PictureStore(
            S3Store(
                words.netloc,
                prefix=words.path.strip("/") or None,
                endpoint=how.endpoint,
                region=how.region,
                access_key_id=how.key,
                secret_access_key=how.secret,
                client_options={"allow_http": bool(how.endpoint and how.endpoint.startswith("http://"))},
                virtual_hosted_style_request=how.endpoint is None,
            )
        )
    except _FAILURES as exc:
        raise SettingError("snapshots", f"{where}: {exc}") from exc


def hold_of(reference: str) -> str:
    """Return the name of the hold beside a picture or clip."""
    return str(PurePosixPath(reference).with_suffix(".hold"))


def clip_of(reference: str) -> str:
    """Return the name of the clip beside a picture."""
    return str(PurePosixPath(reference).with_suffix(".webm"))
