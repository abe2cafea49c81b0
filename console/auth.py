"""Logging in and being somebody: opaque bearer tokens, sessions in the database, default deny.

A token is 32 random bytes; the database holds its SHA-256 only (ADR 005). Every protected route
depends on `authorise`, which looks the route's name up in console/permissions.py.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer

from console import accounts
from console.database import Connection, Database, fetch
from console.permissions import Role, allows
from console.problems import Forbidden, Locked, Unauthenticated, WrongLogin
from console.settings import ConsoleSettings

TRIES: Final = 5
LOCK_MINUTES: Final = 15

_BEARER = OAuth2PasswordBearer(tokenUrl="/api/token", auto_error=False)
_SQL = accounts.SQL


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who asks: a user with an open session."""

    name: str
    display_name: str
    role: Role
    scope: str | None
    source: str = ""
    platform: bool = False  # not a person: it never grades, approves or checks

    def may(self, permission: str) -> bool:
        """Say whether this caller has a permission."""
        return allows(self.role, permission)


PLATFORM: Final = Caller(
    name=accounts.PLATFORM,
    display_name="值守程序",
    role=Role.SYSTEM_ADMIN,
    scope=None,
    source="duty",
    platform=True,
)
"""Who acts where the platform acts by itself."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A fresh token and how long it lasts at most."""

    token: str
    expires_in_s: int


class Gatekeeper:
    """Opens, finds and closes sessions."""

    def __init__(self, database: Database, settings: ConsoleSettings) -> None:
        self._database = database
        self._life_s = settings.session_hours * 3600
        self._idle = {
            "idle_s": settings.session_idle_minutes * 60,
            "field_idle_s": settings.field_idle_hours * 3600,
        }

    async def log_in(self, name: str, password: str, source: str) -> Grant:
        """Open a session.

        Raises WrongLogin or Locked; an unknown name takes as long and is told as much as a known one.
        """
        shown = accounts.known_name(name)
        about = {"name": name, "object": shown, "tries": TRIES, "minutes": LOCK_MINUTES}
        lock = await self._database.row(_SQL["login_lock"], about)
        if lock and (lock["locked_s"] or 0) > 0:
            await self._note_failure(shown, "locked", source)
            raise Locked(lock["locked_s"])
        user = await self._database.row(_SQL["take_login_attempt"], about)
        stored = user["password_hash"] if user else None
        good = await accounts.verify_password(stored, password[: accounts.LONGEST_PASSWORD])
        if not good or user is None or user["disabled"]:
            await self._note_failure(shown, "wrong", source)
            raise WrongLogin
        fresh = await accounts.hash_password(password) if accounts.needs_rehash(stored or "") else None
        return await self._open(name, fresh, source)

    async def find(self, token: str, source: str = "") -> Caller | None:
        """Answer who holds this token, if the session is still good, and note that it was used."""
        row = await self._database.row(_SQL["session"], {"token_hash": _digest(token), **self._idle})
        if row is None:
            return None
        return Caller(
            name=row["name"],
            display_name=row["display_name"],
            role=Role(row["role"]),
            scope=row["scope"],
            source=source,
        )

    async def log_out(self, token: str, caller: Caller) -> None:
        """Close the session behind this token."""

        async def work(connection: Connection) -> None:
            await fetch(connection, _SQL["close_session"], {"token_hash": _digest(token)})
            await accounts.audit(connection, caller.name, "logout", caller.name, source=caller.source)

        await self._database.write(work)

    async def refuse(self, caller: Caller, permission: str) -> None:
        """Write down that somebody tried what the role does not allow."""

        async def work(connection: Connection) -> None:
            await accounts.audit(
                connection, caller.name, permission, caller.role, success=False, source=caller.source
            )

        await self._database.write(work)

    async def _open(self, name: str, fresh_hash: str | None, source: str) -> Grant:
        token = secrets.token_urlsafe(32)

        async def work(connection: Connection) -> None:
            await connection.execute(_SQL["login_done"], {"name": name})
            if fresh_hash is not None:
                await connection.execute(
                    _SQL["set_password_hash"], {"name": name, "password_hash": fresh_hash}
                )
            await connection.execute(_SQL["sweep_sessions"], self._idle)
            row = {"token_hash": _digest(token), "name": name, "seconds": self._life_s}
            await connection.execute(_SQL["open_session"], row)
            await accounts.audit(connection, name, "login", name, source=source)

        await self._database.write(work)
        return Grant(token, int(self._life_s))

    async def _note_failure(self, subject: str, why: str, source: str) -> None:
        async def work(connection: Connection) -> None:
            await accounts.audit(
                connection, subject, "login", subject, success=False, detail={"why": why}, source=source
            )

        await self._database.write(work)


async def bearer(token: Annotated[str | None, Depends(_BEARER)]) -> str:
    """Answer the caller's token.

    Raises Unauthenticated where there is none.
    """
    if not token:
        raise Unauthenticated
    return token


Token = Annotated[str, Depends(bearer)]


async def authorise(request: Request, token: Token) -> Caller:
    """Answer the caller if the role may use this route.

    Raises Unauthenticated or Forbidden.
    """
    gatekeeper: Gatekeeper = request.app.state.gatekeeper
    caller = await gatekeeper.find(token, source_of(request))
    if caller is None:
        raise Unauthenticated
    await require(request, caller, request.scope["route"].name)
    return caller


Me = Annotated[Caller, Depends(authorise)]


async def require(request: Request, caller: Caller, permission: str) -> None:
    """Let a caller with this permission pass.

    Raises Forbidden, and writes it to the audit log, for everybody else.
    """
    if not caller.may(permission):
        gatekeeper: Gatekeeper = request.app.state.gatekeeper
        await gatekeeper.refuse(caller, permission)
        raise Forbidden


def source_of(request: Request) -> str:
    """Answer the network address a request came from."""
    return request.client.host if request.client else ""


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
