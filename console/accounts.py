"""User accounts: passwords in, hashes stored. The `shequ user` command and the tests use this."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from psycopg.types.json import Jsonb

from console.database import Connection, fetch
from console.permissions import Role
from console.problems import Invalid
from console.threads import Threads
from devices.errors import Conflict, NotFound
from ingest.store.sql import load

if TYPE_CHECKING:  # who is logged in knows of accounts
    from console.auth import Caller

SQL: Final = load("console.store", "accounts.sql")
SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 256
LEAST_GUESSES_LOG10: Final = 8.0  # behind argon2 and a lock after five tries
PLATFORM: Final = "duty"  # the name in records where the platform acts by itself: nobody may take it

_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
_HASHER = PasswordHasher()
_THREADS: Final = Threads("argon2", 4)  # it takes 64 MiB each: a burst of logins must not take the machine


@cache
def nobody() -> str:
    """The hash that is compared when a name does not exist: of no password, so it costs nothing to make."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (_HASHER.salt_len, _HASHER.hash_len)
    )
    cost = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


async def hash_password(password: str) -> str:
    """Hash a password, off the event loop."""
    return await _THREADS.run(_HASHER.hash, password)


async def verify_password(stored: str | None, password: str) -> bool:
    """Compare a password with a stored hash; without one the same work is done in vain."""
    good = await _THREADS.run(_verify, stored, password)
    return good and stored is not None


def needs_rehash(stored: str) -> bool:
    """Say whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def known_name(name: str) -> str:
    """Return a name fit for the record: what is no name may be a password typed into the wrong field."""
    return name if _NAME.fullmatch(name) else "(not a name)"


def check_password(name: str, password: str) -> None:
    """Refuse a password that is short, common, or made of the user's own name (NIST SP 800-63B).

    Raises Invalid saying what is wrong with it.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid({"password": f"take at least {SHORTEST_PASSWORD} characters"})
    if len(password) > LONGEST_PASSWORD:
        raise Invalid({"password": f"take at most {LONGEST_PASSWORD} characters"})
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its word lists are read only where a password is chosen

    judged = zxcvbn(password, user_inputs=[name, "shequ", "社区"], max_length=LONGEST_PASSWORD)
    if judged["guesses_log10"] < LEAST_GUESSES_LOG10:
        raise Invalid({"password": "too easy to guess: no common words, no names, nothing repeated"})


async def create_user(
    connection: Connection,
    name: str,
    password: str,
    role: Role,
    *,
    display_name: str | None = None,
    scope: str | None = None,
    actor: str = "shequ user",
) -> None:
    """Add a user; `scope` is the place whose subtree the user sees, None for everything.

    Raises Invalid for a bad name, password or scope, Conflict where the name is taken.
    """
    if not _NAME.fullmatch(name):
        raise Invalid({"name": "use 1 to 64 letters, digits, '.', '_', '@' and '-'"})
    if name.casefold() == PLATFORM:
        raise Invalid({"name": f"{PLATFORM!r} is the platform itself in its records: take another"})
    check_password(name, password)
    if scope is not None and await fetch(connection, SQL["place_exists"], {"code": scope}) is None:
        raise Invalid({"scope": f"there is no place {scope!r}"})
    row = {
        "name": name,
        "display_name": display_name or name,
        "password_hash": await hash_password(password),
        "role": Role(role),
        "scope": scope,
    }
    async with connection.transaction():
        if await fetch(connection, SQL["add_user"], row) is None:
            raise Conflict(f"there is a user {name!r} already")
        await audit(connection, actor, "create_user", name, detail={"role": Role(role), "scope": scope})


async def set_password(
    connection: Connection,
    name: str,
    password: str,
    *,
    actor: str = "shequ user",
    must_change: bool = False,
) -> None:
    """Change a password, unlock the user and end all sessions.

    Raises Invalid for a bad password, NotFound where there is no such user.
    """
    check_password(name, password)
    row = {"name": name, "password_hash": await hash_password(password), "must_change": must_change}
    async with connection.transaction():
        if await fetch(connection, SQL["change_password"], row) is None:
            raise NotFound("user", name)
        await connection.execute(SQL["close_sessions"], {"name": name})
        await audit(connection, actor, "set_password", name)


async def set_disabled(
    connection: Connection, name: str, *, disabled: bool, actor: str = "shequ user"
) -> None:
    """Shut a user out, sessions included, or let one in again.

    Raises NotFound where there is no such user.
    """
    async with connection.transaction():
        if await fetch(connection, SQL["disable_user"], {"name": name, "disabled": disabled}) is None:
            raise NotFound("user", name)
        await connection.execute(SQL["close_sessions"], {"name": name})
        await audit(connection, actor, "disable_user" if disabled else "enable_user", name)


async def list_users(connection: Connection) -> list[dict[str, Any]]:
    """Answer every user without the password."""
    return await (await connection.execute(SQL["users"])).fetchall()


async def audit(
    connection: Connection,
    actor: str,
    action: str,
    subject: str,
    *,
    success: bool = True,
    detail: Mapping[str, Any] | None = None,
    source: str = "",
) -> None:
    """Write one line of the audit log."""
    row = {
        "actor": actor,
        "action": action,
        "object": subject,
        "success": success,
        "detail": Jsonb(dict(detail or {})),
        "source": source,
    }
    await connection.execute(SQL["audit"], row)


async def note(
    connection: Connection,
    caller: Caller,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down what a caller did, and from where."""
    await audit(connection, caller.name, action, subject, detail=detail, source=caller.source)


def _verify(stored: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(stored or nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
