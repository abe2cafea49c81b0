"""Logging in and being somebody: opaque tokens, sessions in the database, default deny.

A token is 32 random bytes; the database holds its SHA-256 only (ADR 005). Programs show it as a
bearer token, the page has it in a cookie that no script can read (console/cookies.py). Every protected
route depends on `authorise`, which looks the route's name up in console/permissions.py.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer

from console import accounts, cookies, second_factor
from console.database import Connection, Database, fetch
from console.permissions import ADMINISTRATORS, OWING_MAY, SESSION_ONLY, Role, allows
from console.problems import Forbidden, Locked, Owing, SecondFactor, Unauthenticated, WrongLogin
from console.settings import ConsoleSettings
from ingest.vault import Vault

TRIES: Final = 5
LOCK_MINUTES: Final = 15  # of the first lock; each further one lasts twice as long
TOKEN_MARK: Final = "shequ_"  # noqa: S105 - personal tokens begin so: scanners of logs and repositories find them

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
    session: int | None = None  # none: a personal token of a program
    read_only: bool = False
    owes: str = ""  # what must be done first: set a second factor up, change the password

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

    def __init__(self, database: Database, settings: ConsoleSettings, vault: Vault) -> None:
        self._database, self._vault = database, vault
        self._life_s = settings.session_hours * 3600
        self._idle = {
            "idle_s": settings.session_idle_minutes * 60,
            "field_idle_s": settings.field_idle_hours * 3600,
        }
        self._second_factor = settings.second_factor

    @property
    def idle(self) -> Mapping[str, float]:
        """Seconds without a request that end a session, as the queries want them."""
        return self._idle

    async def log_in(self, name: str, password: str, source: str, code: str = "") -> Grant:
        """Open a session.

        Raises WrongLogin, Locked or SecondFactor; an unknown name takes as long and is told as much
        as a known one.
        """
        shown = accounts.known_name(name)
        about = {"name": name, "tried": shown.lower(), "tries": TRIES, "minutes": LOCK_MINUTES}
        attempt = await self._database.row(_SQL["take_login_attempt"], about)
        if attempt is None:
            lock = await self._database.row(_SQL["login_lock"], about)
            await self._note_failure(shown, "locked", source)
            raise Locked(lock["locked_s"] if lock else 1)
        user = await self._database.row(_SQL["login_user"], about)
        stored = user["password_hash"] if user else None
        good = await accounts.verify_password(stored, password[: accounts.LONGEST_PASSWORD])
        if not good or user is None or user["disabled"]:
            await self._note_failure(shown, "wrong", source)
            raise WrongLogin
        if user["totp_on"]:
            if not code:
                raise SecondFactor  # the attempt stays counted: asking tells that the password was right
            if not await self._database.write(lambda c: second_factor.passes(c, self._vault, name, code)):
                await self._note_failure(shown, "wrong code", source)
                raise WrongLogin
        fresh = await accounts.hash_password(password) if accounts.needs_rehash(stored or "") else None
        return await self.open_session(name, source, fresh_hash=fresh)

    async def find(self, token: str, source: str = "") -> Caller | None:
        """Answer who holds this token, if the session is still good, and note that it was used."""
        if token.startswith(TOKEN_MARK):
            return await self._program(token, source)
        row = await self._database.row(_SQL["session"], {"token_hash": digest(token), **self._idle})
        if row is None:
            return None
        return Caller(
            name=row["name"],
            display_name=row["display_name"],
            role=Role(row["role"]),
            scope=row["scope"],
            source=source,
            session=row["id"],
            owes=self._owes(row),
        )

    def _owes(self, row: Mapping[str, Any]) -> str:
        """What somebody must do before anything else: a program that acts for them waits for it too."""
        asked = self._second_factor == "everybody" or (
            self._second_factor == "administrators" and Role(row["role"]) in ADMINISTRATORS
        )
        if row["must_change"]:
            return "password"
        return "second_factor" if asked and not row["totp_on"] else ""

    async def _program(self, token: str, source: str) -> Caller | None:
        row = await self._database.row(second_factor.SQL["token_holder"], {"token_hash": digest(token)})
        if row is None:
            return None
        return Caller(
            name=row["name"],
            display_name=row["display_name"],
            role=Role(row["role"]),
            scope=row["scope"],
            source=source,
            read_only=not row["may_write"],
            owes=self._owes(row),
        )

    async def log_out(self, token: str, caller: Caller) -> None:
        """Close the session behind this token."""

        async def work(connection: Connection) -> None:
            await fetch(connection, _SQL["close_session"], {"token_hash": digest(token)})
            await accounts.audit(connection, caller.name, "logout", caller.name, source=caller.source)

        await self._database.write(work)

    async def refuse(self, caller: Caller, permission: str) -> None:
        """Write down that somebody tried what the role does not allow."""

        async def work(connection: Connection) -> None:
            await accounts.audit(
                connection, caller.name, permission, caller.role, success=False, source=caller.source
            )

        await self._database.write(work)

    async def open_session(
        self, name: str, source: str, *, fresh_hash: str | None = None, way: str = "password"
    ) -> Grant:
        """Open a session for somebody whose word has been proved; its token was never seen before."""
        token = secrets.token_urlsafe(32)

        async def work(connection: Connection) -> None:
            await connection.execute(_SQL["login_done"], {"tried": name.lower()})
            if fresh_hash is not None:
                await connection.execute(
                    _SQL["set_password_hash"], {"name": name, "password_hash": fresh_hash}
                )
            await connection.execute(_SQL["sweep_sessions"], self._idle)
            row = {"token_hash": digest(token), "name": name, "seconds": self._life_s}
            await connection.execute(_SQL["open_session"], {**row, "source": source})
            await accounts.audit(connection, name, "login", name, source=source, detail={"way": way})

        await self._database.write(work)
        return Grant(token, int(self._life_s))

    async def _note_failure(self, subject: str, why: str, source: str) -> None:
        async def work(connection: Connection) -> None:
            await accounts.audit(
                connection, subject, "login", subject, success=False, detail={"why": why}, source=source
            )

        await self._database.write(work)


async def bearer(request: Request, token: Annotated[str | None, Depends(_BEARER)]) -> str:
    """Answer the caller's token: the one a program shows, or the page's cookie.

    Raises Unauthenticated where there is none, Forbidden where another page made the browser ask.
    """
    if token:
        return token
    kept = cookies.token_of(request)
    if not kept:
        raise Unauthenticated
    if not cookies.asked_by_our_page(request):
        raise Forbidden
    return kept


Token = Annotated[str, Depends(bearer)]


async def authorise(request: Request, token: Token) -> Caller:
    """Answer the caller if the role may use this route.

    Raises Unauthenticated or Forbidden.
    """
    gatekeeper: Gatekeeper = request.app.state.gatekeeper
    request.app.state.request_rate.take(token)
    caller = await gatekeeper.find(token, source_of(request))
    if caller is None:
        raise Unauthenticated
    await require(request, caller, request.scope["route"].name)
    return caller


Me = Annotated[Caller, Depends(authorise)]


async def require(request: Request, caller: Caller, permission: str) -> None:
    """Let a caller with this permission pass.

    Raises Forbidden, and writes it to the audit log, for everybody else; Owing where something
    of the caller's own must be done first.
    """
    by_program = caller.session is None and not caller.platform
    refused = (
        not caller.may(permission)
        or (by_program and permission in SESSION_ONLY)
        or (caller.read_only and request.method not in cookies.READING)
    )
    if refused:
        gatekeeper: Gatekeeper = request.app.state.gatekeeper
        await gatekeeper.refuse(caller, permission)
        raise Forbidden
    if caller.owes and permission not in OWING_MAY:
        raise Owing(why=caller.owes)


def source_of(request: Request) -> str:
    """Answer the network address a request came from."""
    return request.client.host if request.client else ""


def digest(token: str) -> bytes:
    """Answer what the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()
