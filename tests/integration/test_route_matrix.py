"""Every route × every role × inside and outside the caller's part of the place tree.

Without the right 403, outside 404 (and nothing of the inside anywhere in an answer), without a
session 401, and no route that is in no table. Each request is undone before the next one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import Final

import httpx
import pytest
from fastapi.routing import APIRoute

from console.app import PROTECTED, PUBLIC, create_app
from console.permissions import PERMISSIONS, Role
from console.permissions import PUBLIC as PUBLIC_NAMES
from console.settings import ConsoleSettings
from console.shell import SECURITY
from tests.integration.route_matrix import INSIDE_404, MARK, UNPLACED
from tests.integration.route_walk import SHEET_TYPES, Step, Walk, open_walk

ENDLESS: Final = {"live"}  # a stream without end: tests/integration/test_api_live.py

EVIL: Final = "evil.test"
ELSEWHERE: Final = {"Host": EVIL, "X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}"}
HEADERS: Final = {name.lower() for name in SECURITY} | {"cache-control"}


@pytest.fixture
async def walk(database: str, tmp_path: Path) -> AsyncIterator[Walk]:
    async with open_walk(database, tmp_path) as walk:
        yield walk


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


@pytest.mark.timeout(500)  # two thousand calls: seconds on a quiet machine, minutes on a busy one
async def test_without_the_right_403_outside_404_inside_an_answer(walk: Walk) -> None:
    wrong: list[str] = []
    for role, step, scope in product(Role, walk.steps, ("EST2", "EST1")):
        allowed = role in PERMISSIONS[step.name]
        if (step.name in ENDLESS and allowed) or (scope == "EST1" and not allowed):
            continue  # who may not may not anywhere
        answer = await walk.ask(step, f"{role}-{scope}", headers=ELSEWHERE)
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
        (HEADERS - set(answer.headers) != set(), f"without {HEADERS - set(answer.headers)}"),
        (EVIL in answer.text or EVIL in str(answer.headers), "repeats what the Host header said"),
        (outside and MARK in answer.text, "tells of what lies outside"),
        (outside and step.placed and status != 404, f"{status} where it must be 404"),
        (not step.sheet and _kind(answer) in SHEET_TYPES, "a sheet of which the description says nothing"),
        (not outside and step.placed and status == 404 and step.name not in INSIDE_404, "404 inside"),
    )
    return next((problem for applies, problem in wrong if applies), "")


def _kind(answer: httpx.Response) -> str:
    return str(answer.headers.get("content-type", "")).partition(";")[0]
