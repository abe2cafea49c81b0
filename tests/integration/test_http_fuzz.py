"""Whatever is sent to any route, the platform does not break and answers as it says it does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.integration.http_fuzz import UNDRAWN, fuzz
from tests.integration.route_walk import open_walk

CASES = int(os.environ.get("HTTP_FUZZ_CASES", "1"))
"""Per route, of those that fit the description and again of those that do not; `make soak` sends 25."""


@pytest.mark.timeout(500 * CASES)  # a case: 20 s of processor time, minutes on a busy machine
async def test_no_request_breaks_a_route_and_every_answer_is_as_described(
    database: str, tmp_path: Path
) -> None:
    async with open_walk(database, tmp_path) as walk:
        found = await fuzz(walk, CASES)
        described = {f"{m.upper()} {p}" for p, ways in walk.app.openapi()["paths"].items() for m in ways}
    assert not found.wrong, f"{len(found.wrong)} of {found.answers.total()}:\n" + "\n".join(found.wrong)
    assert found.answers[401] < found.answers.total() / 10, found.answers  # people are let in, to the end
    assert {r for r in described if r.split(" ")[1] not in UNDRAWN} == found.routes
    assert found.answers.total() >= CASES * len(found.routes)
    assert found.answers[200] > CASES * len(found.routes) / 10, "it reaches what lies behind 404 and 422"
    print(sorted(found.answers.items()))  # noqa: T201 - the long run shows what it met
