"""Requests made from the OpenAPI description, each on a database that stays as it is.

schemathesis draws them and nothing runs meanwhile, so their number is what was asked for, and
they are the same every time. Two of three carry the ids of things that are there, so that the
fuzz reaches what lies behind "404"; half come from somebody of one estate, half from the centre.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Err
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from console.permissions import PERMISSIONS, Role
from tests.integration.route_walk import Step, Walk

UNDRAWN: Final = {
    "/api/live": "a stream without end: tests/integration/test_api_live.py",
    "/api/dossier/verify": "takes a ZIP archive: the table of decoders, tests/unit/test_decoders.py",
}
CHECKS: Final = [content_type_conformance, response_schema_conformance]
BASE: Final = "http://console"
Operation = APIOperation[Any, Any, Any, Any]
Drawn = Case[Any]


@dataclass(kw_only=True)
class Findings:
    """What a run saw."""

    answers: Counter[int] = field(default_factory=Counter)
    routes: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


async def fuzz(walk: Walk, cases: int) -> Findings:
    """Send `cases` fitting and as many unfitting requests to every route, and judge the answers."""
    found = Findings()
    known = {(step.method, step.template): step for step in walk.steps}
    document = json.loads(json.dumps(walk.app.openapi()))
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        assert not isinstance(result, Err), result
        operation = result.ok()
        if operation.path in UNDRAWN:
            continue
        step = known.get((operation.method.upper(), operation.path))
        found.routes.add(operation.label)
        for case in drawn(operation, cases):
            await _send(walk, case, step, found)
    return found


def drawn(operation: Operation, cases: int) -> Iterator[Drawn]:
    """Draw requests that fit the description, and where something can be wrong, some that do not."""
    yield from _drawn(operation, GenerationMode.POSITIVE, cases)
    if operation.body or operation.query:
        yield from _drawn(operation, GenerationMode.NEGATIVE, cases)


def _drawn(operation: Operation, mode: GenerationMode, cases: int) -> list[Drawn]:
    found: list[Drawn] = []
    careless = list(HealthCheck)

    @seed(2026)
    @settings(max_examples=cases, database=None, phases=[Phase.generate], suppress_health_check=careless)
    @given(case=operation.as_strategy(generation_mode=mode))
    def draw(case: Drawn) -> None:
        found.append(case)

    draw()
    return found


async def _send(walk: Walk, case: Drawn, step: Step | None, found: Findings) -> None:
    number = found.answers.total()
    wanted = case.as_transport_kwargs(base_url=BASE)
    if step is not None and number % 3 < 2:
        wanted |= {"url": BASE + step.path, "params": {**(wanted.get("params") or {}), **step.query}}
    ready = requests.Request(**wanted).prepare()
    who = None
    if step is not None:
        role = next(role for role in Role if role in PERMISSIONS[step.name])
        who = f"{role}-EST1" if number % 2 else f"{role}-None"
    answer = await walk.send(
        who, headers=ready.headers, method=ready.method, url=ready.url, content=ready.body
    )
    found.answers[answer.status_code] += 1
    about = f"{who} {ready.method} {ready.url} {ready.body!r}: {answer.status_code} {answer.text[:300]}"
    if answer.status_code >= 500 and not answer.json().get("type", "").endswith("not-configured"):
        found.wrong.append(f"it broke: {about}")
        return
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as exc:
        problems = "; ".join(f"{type(e).__name__} {e}"[:400] for e in exc.exceptions)
        found.wrong.append(f"not as described: {about}: {problems}")
