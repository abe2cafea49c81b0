"""The console before one connection on which every request is undone, and somebody of every role."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import httpx
import psycopg
from fastapi import FastAPI
from fastapi.routing import APIRoute
from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow, dict_row

from console.accounts import SQL
from console.app import PROTECTED, create_app
from console.auth import Gatekeeper
from console.database import Database
from console.permissions import Role
from console.settings import ConsoleSettings
from console.sheet_out import SHEETS
from ingest.store.pool import Pool
from ingest.store.roles import group
from tests.integration.api_desk import Doorman
from tests.integration.route_matrix import MARK, QUERIES, THINGS, TOWN, body_of, path_of
from tests.parts import as_part

SHEET_TYPES: Final = frozenset(SHEETS[200]["content"])


@dataclass(frozen=True, kw_only=True)
class Step:
    """One route, ready to be called."""

    name: str
    method: str
    path: str
    template: str
    placed: bool
    query: dict[str, str]
    body: Any
    sheet: bool  # says of itself that it answers a sheet


class Undone:
    """A pool of one connection, for a database whose every change is undone."""

    def __init__(self, connection: AsyncConnection[DictRow]) -> None:
        self._connection = connection

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[DictRow]]:
        """Lend the one connection."""
        yield self._connection


def steps(app: FastAPI) -> Iterator[Step]:
    """Every protected route with path, query and body filled in."""
    document = app.openapi()
    schemas = document["components"]["schemas"]
    for router in PROTECTED:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            method = next(iter(route.methods or ()))
            operation = document["paths"][route.path_format][method.lower()]
            path, placed = path_of(route.name, route.path)
            asked = [p for p in operation.get("parameters", ()) if p["in"] == "query"]
            yield Step(
                name=route.name,
                method=method,
                path=path,
                template=route.path_format,
                placed=placed,
                query={p["name"]: QUERIES[p["name"]] for p in asked if p["name"] in QUERIES},
                body=body_of(route.name, operation, schemas),
                sheet=bool(SHEET_TYPES & set(operation["responses"].get("200", {}).get("content", {}))),
            )


class Walk:
    """The console over one database, and somebody of every role in each of two estates."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient, connection: AsyncConnection[DictRow]) -> None:
        self.app, self.steps = app, tuple(steps(app))
        self._client, self._connection = client, connection

    async def ask(self, step: Step, who: str | None, **more: Any) -> httpx.Response:
        """Make a step's request and undo whatever it did."""
        request = {"method": step.method, "url": step.path, "params": step.query, "json": step.body}
        return await self.send(who, **request, **more)

    async def send(
        self, who: str | None, headers: Mapping[str, str] | None = None, **request: Any
    ) -> httpx.Response:
        """Make any request as somebody, and undo whatever it did."""
        known = {"Authorization": f"Bearer {who}"} if who else {}
        async with self._connection.transaction(force_rollback=True):
            return await self._client.request(headers={**(headers or {}), **known}, **request)


SERVE: Final = sql.SQL("SET ROLE {}").format(sql.Identifier(group("serve")))


@asynccontextmanager
async def open_walk(database: str, tmp_path: Path, *, name: str = MARK) -> AsyncIterator[Walk]:
    """Open the console over a database that stays as it is, with somebody of every role.

    Everything that has a name there is called `name`.
    """
    called = name.replace("'", "''").encode()
    settings = {
        "database_url": as_part(database, "serve"),
        "web_dir": Path("/nonexistent"),
        "attachments": tmp_path,
        # a long walk takes hours, in which nothing moves: nobody's session ends, and ingest is not late
        "session_idle_minutes": 10_000,
        "field_idle_hours": 24,
        "ingest_late_s": 600_000,
    }
    wanted = ConsoleSettings.model_validate(settings)
    app = create_app(wanted, Doorman())
    async with (
        await psycopg.AsyncConnection.connect(database, autocommit=True, row_factory=dict_row) as connection,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://console"
        ) as client,
        app.router.lifespan_context(app),
    ):
        await connection.execute(TOWN.replace(MARK.encode(), called))
        for role in Role:
            for scope in ("EST1", "EST2", None):
                name = f"{role}-{scope}"
                row = {
                    "name": name, "display_name": name, "password_hash": "x", "role": role, "scope": scope,
                }  # fmt: skip
                await connection.execute(SQL["add_user"], row)
                digest = hashlib.sha256(name.encode()).digest()
                session = {"token_hash": digest, "name": name, "seconds": 7 * 86_400, "source": ""}
                await connection.execute(SQL["open_session"], session)
        await connection.execute(THINGS.replace(MARK.encode(), called))
        await connection.execute(SERVE)  # what the console may do, and no more
        app.state.database = Database(cast("Pool", Undone(connection)))
        app.state.gatekeeper = Gatekeeper(app.state.database, wanted, app.state.vault)
        yield Walk(app, client, connection)
