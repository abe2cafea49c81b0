"""The wire of accounts: one's own, and other people's for the security administrator."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from console.permissions import Role
from console.schemas import Instant, Wire
from console.wishes import Code, Title, Wish

Password = Annotated[str, Field(min_length=1, max_length=256)]
UserName = Annotated[str, Field(min_length=1, max_length=64)]


class WaysIn(Wire):
    """How somebody may log in here."""

    password: bool
    oidc: bool
    first_run: bool


class OpenSession(Wire):
    """What is known of one's own session: the rest is in a cookie no script reads."""

    id: int
    created_at: Instant
    used_at: Instant
    expires_at: Instant
    source: str
    current: bool


class ApiToken(Wire):
    """A personal token, without the token."""

    id: int
    title: str
    may_write: bool
    created_at: Instant
    expires_at: Instant
    used_at: Instant | None


class NewApiToken(ApiToken):
    """A personal token as it is shown, once."""

    token: str | None


class Account(Wire):
    """One's own account."""

    name: str
    role: Role
    second_factor: bool
    owes: str
    sessions: list[OpenSession]
    tokens: list[ApiToken]


class Secret(Wire):
    """A second factor that is not in force until a code was shown."""

    secret: str | None
    address: str | None


class RecoveryCodes(Wire):
    """Each opens one login; shown once."""

    codes: list[str]


class User(Wire):
    """Somebody's account, for the security administrator."""

    name: str
    display_name: str
    role: Role
    scope: str | None
    disabled: bool
    locked: bool
    totp_on: bool
    created_at: Instant
    seen_at: Instant | None


class Users(Wire):
    """Accounts."""

    items: list[User]


class MadeUser(User):
    """An account with its password, shown once; it is changed at the first login."""

    password: str | None


class OwnPassword(Wish):
    """A new password, and the old one as a proof."""

    old: Password
    new: Password


class CodeWish(Wish):
    """What the authenticator shows."""

    code: Annotated[str, Field(min_length=6, max_length=32)]


class Proof(Wish):
    """One's password, so that an open desk cannot be used to weaken an account."""

    password: Password


class TokenWish(Proof):
    """A token for a program."""

    title: Title
    may_write: bool = False
    days: Annotated[int, Field(ge=1, le=366)] = 90


class NewUser(Wish):
    """Somebody to let in."""

    name: UserName
    role: Role
    display_name: Title | None = None
    scope: Code | None = None
    oidc_subject: Annotated[str, Field(min_length=1, max_length=255)] | None = None


class ChangedUser(Wish):
    """What to change about an account; `scope` null: sees everything."""

    display_name: Title | None = None
    role: Role | None = None
    scope: Code | None = None
    disabled: bool | None = None
    unlock: bool = False


class FirstAccount(Wish):
    """The first account of a new platform, by the code its own log shows."""

    code: Annotated[str, Field(min_length=8, max_length=64)]
    name: UserName
    password: Password
