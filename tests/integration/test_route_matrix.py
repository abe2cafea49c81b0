"""Every route × every role × inside and outside the caller's part of the place tree.

Without the right 403, outside 404 (and nothing of the inside anywhere in an answer), without a
session 401, and no route that is in no table. Each request is undone before the next one.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final, cast

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from console.accounts import SQL
from console.app import PROTECTED, PUBLIC, create_app
from console.auth import Gatekeeper
from console.database import Connection, Database
from console.permissions import PERMISSIONS, Role
from console.permissions import PUBLIC as PUBLIC_NAMES
from console.settings import ConsoleSettings
from tests.integration.api_desk import Doorman
from tests.integration.route_matrix import INSIDE_404, MARK, QUERIES, THINGS, TOWN, UNPLACED, body_of, path_of

ENDLESS: Final = {"live"}  # a stream without end: tests/integration/test_api_live.py

COSTLY: Final = {"why_device", "explain_alert"}  # reads the whole rule book anew: inside once is enough


@dataclass(frozen=True, kw_only=True)
class Step:
    """One route, ready to be called."""

    name: str
    method: str
    path: str
    placed: bool
    query: dict[str, str]
    body: Any


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
                placed=placed,
                query={p["name"]: QUERIES[p["name"]] for p in asked if p["name"] in QUERIES},
                body=body_of(route.name, operation, schemas),
            )


class Walk:
    """The console over one database, and somebody of every role in each of two estates."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient, connection: AsyncConnection[DictRow]) -> None:
        self.steps = tuple(steps(app))
        self._client, self._connection = client, connection

    async def ask(self, step: Step, who: str | None, **more: Any) -> httpx.Response:
        """Make the request and undo whatever it did."""
        headers = {"Authorization": f"Bearer {who}"} if who else {}
        async with self._connection.transaction(force_rollback=True):
            return await self._client.request(
                step.method, step.path, params=step.query, json=step.body, headers=headers, **more
            )


@pytest.fixture
async def walk(database: str, tmp_path: Path) -> AsyncIterator[Walk]:
    settings = {"database_url": database, "web_dir": Path("/nonexistent"), "attachments": tmp_path}
    wanted = ConsoleSettings.model_validate(settings)
    app = create_app(wanted, Doorman())
    async with (
        await psycopg.AsyncConnection.connect(database, autocommit=True, row_factory=dict_row) as connection,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://console"
        ) as client,
        app.router.lifespan_context(app),
    ):
        await connection.execute(TOWN)
        for role in Role:
            for scope in ("EST1", "EST2"):
                name = f"{role}-{scope}"
                row = {
                    "name": name, "display_name": name, "password_hash": "x", "role": role, "scope": scope,
                }  # fmt: skip
                await connection.execute(SQL["add_user"], row)
                digest = hashlib.sha256(name.encode()).digest()
                session = {"token_hash": digest, "name": name, "seconds": 3600, "source": ""}
                await connection.execute(SQL["open_session"], session)
        await connection.execute(THINGS)
        app.state.database = Database(cast("AsyncConnectionPool[Connection]", Undone(connection)))
        app.state.gatekeeper = Gatekeeper(app.state.database, wanted)
        yield Walk(app, client, connection)


def test_every_route_stands_in_the_permission_table() -> None:
    names = {route.name for router in PROTECTED for route in router.routes if isinstance(route, APIRoute)}
    actions = {name for name in PERMISSIONS if "." in name}
    assert names - set(PERMISSIONS) == set(), "add the routes to PERMISSIONS in console/permissions.py"
    assert set(PERMISSIONS) - names - actions == set(), "no such route: take it out of console/permissions.py"
    public = {route.name for router in PUBLIC for route in router.routes if isinstance(route, APIRoute)}
    assert public <= PUBLIC_NAMES


def test_the_description_names_every_route_and_no_other() -> None:
    app = create_app(ConsoleSettings.model_validate({"database_url": ""}))
    routes = {
        (route.path_format, method.lower())
        for router in (*PROTECTED, *PUBLIC)
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods or ()
    }
    assert {(path, method) for path, ways in app.openapi()["paths"].items() for method in ways} == routes


async def test_no_route_works_without_a_session(walk: Walk) -> None:
    wrong = [
        (step.name, answer.status_code)
        for step in walk.steps
        for answer in (await walk.ask(step, None), await walk.ask(step, "no such token"))
        if answer.status_code != 401
    ]
    assert wrong == []


@pytest.mark.timeout(300)  # two thousand calls: seconds on a quiet machine, minutes on a busy one
async def test_without_the_right_403_outside_404_inside_an_answer(walk: Walk) -> None:
    wrong: list[str] = []
    for role, step, scope in product(Role, walk.steps, ("EST2", "EST1")):
        allowed = role in PERMISSIONS[step.name]
        if (step.name in ENDLESS and allowed) or (scope == "EST1" and not allowed):
            continue  # who may not may not anywhere
        if step.name in COSTLY and scope == "EST1" and role is not Role.OPERATOR:
            continue
        answer = await walk.ask(step, f"{role}-{scope}")
        if problem := judged(step, role, scope, answer):
            wrong.append(
                f"{role} {scope} {step.name} {step.method} {step.path}: {problem}: {answer.text[:200]}"
            )
    assert not wrong, "\n".join(wrong)


def judged(step: Step, role: Role, scope: str, answer: httpx.Response) -> str:
    """Say what is wrong with an answer, if anything is."""
    status, outside = answer.status_code, scope == "EST2"
    if role not in PERMISSIONS[step.name]:
        return "" if status == 403 else f"{status} where the role has no right"
    refused = status == 403 and answer.json()["type"].endswith(":forbidden")
    wrong = (
        (refused and step.name not in UNPLACED, "403 though the table allows it"),
        (status >= 500 and status != 503, "it broke"),
        (outside and MARK in answer.text, "tells of what lies outside"),
        (outside and step.placed and status != 404, f"{status} where it must be 404"),
        (not outside and step.placed and status == 404 and step.name not in INSIDE_404, "404 inside"),
    )
    return next((problem for applies, problem in wrong if applies), "")
