"""Other people's accounts, for the security administrator: never one's own, and no administrator remade."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from console import accounts, second_factor
from console.access import Data, must_see
from console.access_schemas import ChangedUser, MadeUser, NewUser, User, Users
from console.auth import Caller, Me
from console.database import Connection, fetch
from console.permissions import ADMINISTRATORS
from console.problems import Invalid
from console.writing import Answer, Once
from devices.errors import NotFound

router: Final = APIRouter(prefix="/api/users", tags=["users"])
SQL: Final = second_factor.SQL


@router.get("", response_model=Users)
async def users(database: Data, caller: Me) -> dict[str, Any]:
    """List the accounts of the caller's places."""
    rows = await database.rows(SQL["users"], {"scope": caller.scope, "name": None})
    return {"items": [_told(row) for row in rows]}


@router.post("", response_model=MadeUser, status_code=HTTPStatus.CREATED)
async def add_user(caller: Me, database: Data, wish: NewUser, writer: Once) -> JSONResponse:
    """Let somebody in, with a password that is shown once and changed at the first login."""
    if caller.scope is not None and wish.scope is None:
        raise Invalid({"scope": "your view is a part of the tree: name a place in it"})
    await must_see(database, caller, wish.scope)

    async def work(connection: Connection) -> Answer:
        password = secrets.token_urlsafe(12)
        await accounts.create_user(
            connection, wish.name, password, wish.role,
            display_name=wish.display_name, scope=wish.scope, actor=caller.name,
        )  # fmt: skip
        await accounts.set_password(connection, wish.name, password, actor=caller.name, must_change=True)
        if wish.oidc_subject:
            await connection.execute(SQL["set_subject"], {"name": wish.name, "subject": wish.oidc_subject})
        made = await _one(connection, caller, wish.name)
        return Answer(
            body={**made, "password": password}, kept={**made, "password": None}, status=HTTPStatus.CREATED
        )

    return await writer.once(work)


@router.patch("/{name}", response_model=User)
async def change_user(caller: Me, database: Data, name: str, wish: ChangedUser, writer: Once) -> JSONResponse:
    """Change role, scope or name, lock somebody out, or unlock; every session of theirs ends."""
    sent = wish.model_dump(exclude_unset=True)

    async def work(connection: Connection) -> Answer:
        before = await _one(connection, caller, name)
        _allowed(caller, before, wish)
        row = {"display_name": None, "role": None, "disabled": None, "scope": None, **sent, "name": name}
        await connection.execute(SQL["change_user"], {**row, "rescope": "scope" in sent})
        if wish.unlock:
            await connection.execute(SQL["forgive"], {"name": name})
        if sent.keys() - {"unlock", "display_name"}:
            await connection.execute(accounts.SQL["close_sessions"], {"name": name})
        detail = {key: value for key, value in sent.items() if value != before.get(key)}
        await accounts.audit(
            connection, caller.name, "change_user", name, detail=detail, source=caller.source
        )
        return Answer(body=await _one(connection, caller, name))

    if "scope" in sent:
        if caller.scope is not None and wish.scope is None:
            raise Invalid({"scope": "your view is a part of the tree: name a place in it"})
        await must_see(database, caller, wish.scope)
    return await writer.once(work)


@router.post("/{name}/password", response_model=MadeUser)
async def reset_password(caller: Me, name: str, writer: Once) -> JSONResponse:
    """Give somebody a new password, shown once and changed at the first login."""

    async def work(connection: Connection) -> Answer:
        made = await _one(connection, caller, name)
        _not_oneself(caller, name)
        password = secrets.token_urlsafe(12)
        await accounts.set_password(connection, name, password, actor=caller.name, must_change=True)
        return Answer(body={**made, "password": password}, kept={**made, "password": None})

    return await writer.once(work)


@router.post("/{name}/second-factor/drop", response_model=User)
async def reset_second_factor(caller: Me, name: str, writer: Once) -> JSONResponse:
    """Take somebody's second factor away, because the phone is lost."""

    async def work(connection: Connection) -> Answer:
        await _one(connection, caller, name)
        _not_oneself(caller, name)
        await second_factor.drop(connection, name, actor=caller.name, source=caller.source)
        await connection.execute(accounts.SQL["close_sessions"], {"name": name})
        return Answer(body=await _one(connection, caller, name))

    return await writer.once(work)


def _not_oneself(caller: Caller, name: str) -> None:
    if name == caller.name:
        raise Invalid({"name": "nobody changes an account of one's own here: ask another administrator"})


def _allowed(caller: Caller, before: Mapping[str, Any], wish: ChangedUser) -> None:
    _not_oneself(caller, before["name"])
    if wish.role is not None and wish.role != before["role"] and ADMINISTRATORS & {wish.role, before["role"]}:
        raise Invalid({"role": "an administrator's account keeps its role, and no other becomes one"})


async def _one(connection: Connection, caller: Caller, name: str) -> dict[str, Any]:
    row = await fetch(connection, SQL["users"], {"scope": caller.scope, "name": name})
    if row is None:
        raise NotFound("user", name)
    return _told(row)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if key.endswith("_at") and value else value for key, value in row.items()}
