"""One's own account: password, second factor, personal tokens, sessions. For people, not for tokens."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from console import accounts, second_factor
from console.access import Data, Safe
from console.access_schemas import (
    Account,
    ApiToken,
    CodeWish,
    NewApiToken,
    OwnPassword,
    Proof,
    RecoveryCodes,
    Secret,
    TokenWish,
)
from console.auth import TOKEN_MARK, Caller, Gatekeeper, Me, digest
from console.database import Connection, Database, fetch, fetch_one
from console.permissions import Role
from console.problems import Invalid
from console.writing import Answer, Once
from devices.errors import NotFound

router: Final = APIRouter(prefix="/api/account", tags=["account"])
SQL: Final = second_factor.SQL
_WRONG: Final = "this is not your password"


@router.get("", response_model=Account)
async def account(request: Request, database: Data, caller: Me) -> dict[str, Any]:
    """Show one's own account: what is in force, which sessions and tokens are open."""
    gatekeeper: Gatekeeper = request.app.state.gatekeeper
    about = {"name": caller.name, **gatekeeper.idle, "field": caller.role is Role.FIELD}
    factor = await database.row(SQL["totp"], about)
    sessions = await database.rows(SQL["my_sessions"], about)
    tokens = await database.rows(SQL["tokens"], about)
    return {
        "name": caller.name,
        "role": caller.role,
        "second_factor": bool(factor and factor["totp_on"]),
        "owes": caller.owes,
        "sessions": [{**_told(row), "current": row["id"] == caller.session} for row in sessions],
        "tokens": [_told(row) for row in tokens],
    }


@router.post("/password", status_code=HTTPStatus.NO_CONTENT)
async def change_own_password(database: Data, caller: Me, wish: OwnPassword) -> None:
    """Change one's own password; all sessions end, this one too."""
    await _prove(database, caller, wish.old, "old")
    if wish.new == wish.old:
        raise Invalid({"new": "take another one than before"})

    async def work(connection: Connection) -> None:
        await accounts.set_password(connection, caller.name, wish.new, actor=caller.name)

    await database.write(work)


@router.post("/second-factor", response_model=Secret, status_code=HTTPStatus.CREATED)
async def begin_second_factor(database: Data, vault: Safe, caller: Me, wish: Proof) -> dict[str, str]:
    """Make a secret for an authenticator; it is in force once a code of it was shown."""
    await _prove(database, caller, wish.password, "password")
    secret, address = await database.write(lambda c: second_factor.begin(c, vault, caller.name))
    return {"secret": secret, "address": address}


@router.post("/second-factor/confirm", response_model=RecoveryCodes)
async def confirm_second_factor(
    database: Data, vault: Safe, caller: Me, wish: CodeWish
) -> dict[str, list[str]]:
    """Put the second factor in force, and show the recovery codes once."""
    codes = await database.write(
        lambda c: second_factor.confirm(c, vault, caller.name, wish.code, caller.source)
    )
    return {"codes": codes}


@router.post("/second-factor/drop", status_code=HTTPStatus.NO_CONTENT)
async def drop_second_factor(database: Data, caller: Me, wish: Proof) -> None:
    """Take one's second factor away; the password proves who asks."""
    await _prove(database, caller, wish.password, "password")
    await database.write(
        lambda c: second_factor.drop(c, caller.name, actor=caller.name, source=caller.source)
    )


@router.post("/tokens", response_model=NewApiToken, status_code=HTTPStatus.CREATED)
async def mint_token(caller: Me, database: Data, wish: TokenWish, writer: Once) -> JSONResponse:
    """Make a token for a program: it may do what its owner may, or only read; shown once."""
    await _prove(database, caller, wish.password, "password")
    token = TOKEN_MARK + secrets.token_urlsafe(32)
    row = {"name": caller.name, "hash": digest(token), **wish.model_dump(exclude={"password"})}

    async def work(connection: Connection) -> Answer:
        made = _told(await fetch_one(connection, SQL["add_token"], row))
        detail = {"title": wish.title, "may_write": wish.may_write, "days": wish.days}
        await accounts.audit(
            connection, caller.name, "token.mint", caller.name, detail=detail, source=caller.source
        )
        return Answer(body={**made, "token": token}, kept={**made, "token": None}, status=HTTPStatus.CREATED)

    return await writer.once(work)


@router.delete("/tokens/{token_id}", response_model=list[ApiToken])
async def revoke_token(database: Data, caller: Me, token_id: int) -> list[dict[str, Any]]:
    """End a token of one's own at once."""

    async def work(connection: Connection) -> None:
        about = {"id": token_id, "name": caller.name}
        row = await fetch(connection, SQL["revoke_token"], about)
        if row is None:
            raise NotFound("token", str(token_id))
        detail = {"title": row["title"]}
        await accounts.audit(
            connection, caller.name, "token.revoke", caller.name, detail=detail, source=caller.source
        )

    await database.write(work)
    return [_told(row) for row in await database.rows(SQL["tokens"], {"name": caller.name})]


@router.delete("/sessions/{session_id}", status_code=HTTPStatus.NO_CONTENT)
async def end_session(database: Data, caller: Me, session_id: int) -> None:
    """End a session of one's own, on another desk or phone."""

    async def work(connection: Connection) -> None:
        if await fetch(connection, SQL["end_session"], {"id": session_id, "name": caller.name}) is None:
            raise NotFound("session", str(session_id))
        await accounts.audit(connection, caller.name, "session.end", caller.name, source=caller.source)

    await database.write(work)


async def _prove(database: Database, caller: Caller, password: str, field: str) -> None:
    row = await database.row(SQL["password_of"], {"name": caller.name})
    if not await accounts.verify_password(row["password_hash"] if row else None, password):
        raise Invalid({field: _WRONG})


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if key.endswith("_at") and value else value for key, value in row.items()}
