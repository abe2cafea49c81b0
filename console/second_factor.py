"""The second factor: six digits from an authenticator (RFC 6238), or a recovery code that opens once.

The secret must be known to make codes from it, so it is sealed (ingest/vault.py), not hashed.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Any, Final

import pyotp

from console.accounts import audit
from console.database import Connection, fetch, fetch_one
from console.problems import Invalid
from devices.errors import Conflict, NotFound
from ingest.clock import system_clock
from ingest.store.sql import load
from ingest.vault import Vault

SQL: Final = load("console.store", "access.sql")
ISSUER: Final = "Shequ 社区"
CODES: Final = 10
STEP_S: Final = 30
DRIFT: Final = 1  # steps a phone's clock may be off, before and behind


async def begin(connection: Connection, vault: Vault, name: str) -> tuple[str, str]:
    """Make a secret that is not in force yet; answers it and its `otpauth` address.

    Raises Conflict where a second factor is in force.
    """
    secret = pyotp.random_base32()
    row = {"name": name, "sealed": vault.seal(secret, _about(name))}
    if await fetch(connection, SQL["begin_totp"], row) is None:
        raise Conflict("there is a second factor already: take it away first")
    return secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


async def confirm(connection: Connection, vault: Vault, name: str, code: str, source: str) -> list[str]:
    """Put the secret in force once a code proves that the phone has it; answers recovery codes, shown once.

    Raises Invalid for a wrong code, Conflict where one is in force already.
    """
    row = await fetch_one(connection, SQL["totp"], {"name": name})
    if row["totp_on"]:
        raise Conflict("there is a second factor already: take it away first")
    if not await _step(connection, name, _secret(vault, name, row), code):
        raise Invalid({"code": "this is not the code of now: look at the phone's clock"})
    codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(CODES)]
    await connection.execute(SQL["forget_codes"], {"name": name})
    for one in codes:
        await connection.execute(SQL["add_code"], {"name": name, "hash": _hash(one)})
    await audit(connection, name, "second_factor.on", name, source=source)
    return codes


async def drop(connection: Connection, name: str, *, actor: str, source: str = "") -> None:
    """Take somebody's second factor and its recovery codes away.

    Raises NotFound where there is no such user.
    """
    if await fetch(connection, SQL["end_totp"], {"name": name}) is None:
        raise NotFound("user", name)
    await connection.execute(SQL["forget_codes"], {"name": name})
    await audit(connection, actor, "second_factor.off", name, source=source)


async def passes(connection: Connection, vault: Vault, name: str, code: str) -> bool:
    """Say whether a code opens now; whichever opened never opens again."""
    row = await fetch_one(connection, SQL["totp"], {"name": name})
    if await _step(connection, name, _secret(vault, name, row), code):
        return True
    about = {"name": name, "hash": _hash(code.strip().lower())}
    if await fetch(connection, SQL["use_code"], about) is None:
        return False
    await audit(connection, name, "second_factor.recovery", name)
    return True


async def seal_plain(connection: Connection, vault: Vault) -> int:
    """Seal the secrets that an older version left in plain text, in the caller's transaction; how many."""
    rows = await (await connection.execute(SQL["plain_totp"])).fetchall()
    for row in rows:
        sealed = vault.seal(row["totp_secret"], _about(row["name"]))
        await connection.execute(SQL["seal_totp"], {"name": row["name"], "sealed": sealed})
    return len(rows)


async def rewrap(connection: Connection, vault: Vault) -> int:
    """Put up to 500 secrets under the sealing key, in the caller's transaction; how many; 0: done."""
    rows = await (await connection.execute(SQL["totp_under_old_keys"], {"key": vault.first})).fetchall()
    for row in rows:
        sealed = vault.rewrap(bytes(row["totp_sealed"]))
        await connection.execute(SQL["seal_totp"], {"name": row["name"], "sealed": sealed})
    return len(rows)


def _about(name: str) -> str:
    """What the seal authenticates: a secret copied to another account does not open."""
    return f"account:{name}/totp"


def _secret(vault: Vault, name: str, row: Mapping[str, Any]) -> str | None:
    """Open the secret; None where there is none."""
    if row["totp_sealed"] is None:
        plain: str | None = row["totp_secret"]
        return plain
    return vault.unseal(bytes(row["totp_sealed"]), _about(name))


async def _step(connection: Connection, name: str, secret: str | None, code: str) -> bool:
    digits = re.sub(r"\s", "", code)
    if secret is None or not re.fullmatch(r"[0-9]{6}", digits):
        return False
    now = int(system_clock().timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    for step in range(now - DRIFT, now + DRIFT + 1):
        if secrets.compare_digest(totp.generate_otp(step), digits):
            return await fetch(connection, SQL["use_step"], {"name": name, "step": step}) is not None
    return False


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
