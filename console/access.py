"""What routers share: the database at hand, and the edge of the caller's part of the place tree."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Request

from console.auth import Caller
from console.database import Database
from devices.errors import NotFound
from ingest.store.sql import load
from ingest.vault import Vault

_SQL: Final = load("console.store", "devices.sql")
_ALERTS: Final = load("console.store", "alerts.sql")


def database_of(request: Request) -> Database:
    """Answer the application's database."""
    database: Database = request.app.state.database
    return database


Data = Annotated[Database, Depends(database_of)]


def vault_of(request: Request) -> Vault:
    """Answer the keys that personal data are sealed with."""
    vault: Vault = request.app.state.vault
    return vault


Safe = Annotated[Vault, Depends(vault_of)]


async def must_see(database: Database, caller: Caller, place: str | None) -> None:
    """Refuse a place outside the caller's part of the tree.

    Raises NotFound, as for a place that does not exist.
    """
    about = {"code": place, "scope": caller.scope}
    if place is not None and await database.row(_SQL["visible_place"], about) is None:
        raise NotFound("place", place)


async def place_path(database: Database, place: str) -> list[dict[str, Any]]:
    """Answer the places from the root to this one."""
    return [row["body"] for row in await database.rows(_ALERTS["place_path"], {"place": place})]
