"""Keep the audit log sealed, verify it, and hand it out signed."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from psycopg.rows import DictRow

from console.audit_chain import Finding, Seal, check, seal
from console.database import Connection, Database, fetch, fetch_one
from devices.errors import ConfigError, SettingError, StoreError
from ingest.clock import system_clock
from ingest.retention import LEAST_AUDIT
from ingest.store.sql import load

log = logging.getLogger(__name__)

SQL: Final = load("console.store", "audit.sql")
EVERY: Final = 1.0  # seconds between looks: so long a row stands unsealed
MOST: Final = 10_000  # rows of one seal
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # where nothing was swept, nothing may be missing


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a verification found; `head` is the newest seal."""

    seals: int
    rows: int
    unsealed: int
    head: Seal | None
    findings: tuple[Finding, ...]


async def keep_seals(database: Database) -> None:
    """Seal what was written, every second, until cancelled; a database that is away is waited for."""
    while True:
        try:
            while await database.write(seal_next):
                pass
        except StoreError as exc:  # the next round will do: also where a long write was under way
            log.info("audit log not sealed: %s", exc, extra={"action": "audit_seal_missed"})
        await asyncio.sleep(EVERY)


async def seal_next(connection: Connection) -> int:
    """Seal the next rows in the caller's transaction and answer how many; 0 where all are sealed."""
    newest = (await fetch_one(connection, SQL["newest"]))["id"]
    before = await _newest_seal(connection)
    if newest is None or newest <= (before.last_id if before else 0):
        return 0
    await connection.execute(SQL["impatience"])
    await connection.execute(SQL["quiet"])
    before = await _newest_seal(connection)
    first = (before.last_id if before else 0) + 1
    newest = (await fetch_one(connection, SQL["newest"]))["id"]
    ids = (first, min(newest, first + MOST - 1))
    lines = await _lines(connection, *ids)
    made = seal(before, lines, ids, system_clock())
    await connection.execute(SQL["add_seal"], asdict(made))
    return len(lines)


async def verify(connection: Connection) -> Verdict:
    """Walk the whole record; reads a seal's rows at a time, so that ten million rows need no memory."""
    findings: list[Finding] = []
    before: Seal | None = None
    rows = 0
    # counted first: what is sealed meanwhile is walked
    unsealed = (await fetch_one(connection, SQL["unsealed"]))["rows"]
    cut = (await fetch_one(connection, SQL["swept_to"]))["before"]  # as the newest proof of a deletion says
    kept_since = min(cut, system_clock() - LEAST_AUDIT) if cut else EPOCH
    async for this in _seals(connection):
        lines = await _lines(connection, this.first_id, this.last_id)
        findings += check(before, this, lines, kept_since=kept_since)
        before, rows = this, rows + len(lines)
    return Verdict(
        seals=before.seq if before else 0, rows=rows, unsealed=unsealed, head=before, findings=tuple(findings)
    )


async def export(connection: Connection, target: Path, key: Ed25519PrivateKey) -> int:
    """Write the sealed record as JSON lines, seals between their rows, with a signature beside it.

    Answers the number of rows. The signature (`TARGET.sig`, base64, Ed25519) covers every byte.
    """
    count, parts = 0, []
    async for this in _seals(connection):
        lines = await _lines(connection, this.first_id, this.last_id)
        parts += [*lines, json.dumps(_wire(this), separators=(",", ":"))]
        count += len(lines)
    content = "".join(f"{line}\n" for line in parts).encode()
    await asyncio.to_thread(_write_signed, target, content, key)
    return count


def _write_signed(target: Path, content: bytes, key: Ed25519PrivateKey) -> None:
    target.write_bytes(content)
    _beside(target, ".sig").write_text(base64.b64encode(key.sign(content)).decode() + "\n", encoding="ascii")


def check_export(target: Path, public: Path) -> None:
    """Check an export's signature.

    Raises ConfigError where it does not fit.
    """
    key = serialization.load_pem_public_key(public.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError(f"{public} is no Ed25519 key")
    try:
        key.verify(base64.b64decode(_beside(target, ".sig").read_text(encoding="ascii")), target.read_bytes())
    except (InvalidSignature, ValueError) as exc:
        raise ConfigError(f"{target} is not what was signed") from exc


def signing_key(folder: Path | None) -> Ed25519PrivateKey:
    """Read the key that exports are signed with from the authority's folder, making it the first time.

    Raises SettingError where there is no folder.
    """
    if folder is None:
        raise SettingError(
            "SHEQU_CA_FOLDER", "an export is signed with a key that is kept there: name the folder"
        )
    secret, public = folder / "audit-key.pem", folder / "audit-public.pem"
    if not secret.exists():
        made = Ed25519PrivateKey.generate()
        secret.touch(mode=0o600)
        secret.write_bytes(
            made.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        public.write_bytes(
            made.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
    key = serialization.load_pem_private_key(secret.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingError("SHEQU_CA_FOLDER", f"{secret} is no Ed25519 key")
    return key


async def _seals(connection: Connection) -> AsyncIterator[Seal]:
    """Read the seals in their order through a cursor of the server."""
    async with connection.transaction(), connection.cursor(name="seals") as cursor:
        await cursor.execute(SQL["seals"])
        async for row in cursor:
            yield _seal(row)


async def _lines(connection: Connection, first: int, last: int) -> list[str]:
    """Read the rows of one seal, as it sees them."""
    found = await connection.execute(SQL["lines"], {"first": first, "last": last})
    return [row["line"] for row in await found.fetchall()]


async def _newest_seal(connection: Connection) -> Seal | None:
    row = await fetch(connection, SQL["newest_seal"])
    return _seal(row) if row else None


def _seal(row: DictRow) -> Seal:
    return Seal(**{**row, "digest": bytes(row["digest"]), "hash": bytes(row["hash"])})


def _wire(this: Seal) -> dict[str, Any]:
    plain = asdict(this)
    return {
        "seal": {
            **plain,
            "sealed_at": this.sealed_at.isoformat(),
            "digest": this.digest.hex(),
            "hash": this.hash.hex(),
        }
    }


def _beside(target: Path, ending: str) -> Path:
    return target.with_name(target.name + ending)
