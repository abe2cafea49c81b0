"""A value that no column takes is the caller's mistake; what else the database refuses is ours."""

from __future__ import annotations

from typing import LiteralString

import pytest

from console.database import Database
from devices.errors import StoreError, Unstorable
from tests.integration.api_desk import open_desk


@pytest.mark.parametrize(
    ("query", "value", "problem"),
    [
        ("SELECT %(x)s::text", "a\x00b", "NUL"),
        ("SELECT %(x)s::bigint", 2**70, "out of range"),
        ("SELECT %(x)s::time", "12:00:00-18:09", "displacement"),
        ("SELECT %(x)s::timestamptz", "294280-01-01T00:00:00Z", "out of range"),
    ],
)
async def test_a_value_that_no_column_takes_is_the_callers_mistake(
    database: str, query: LiteralString, value: object, problem: str
) -> None:
    async with Database.open(database, size=1) as opened:
        with pytest.raises(Unstorable, match=problem):
            await opened.rows(query, {"x": value})


async def test_a_query_that_divides_by_zero_is_our_mistake(database: str) -> None:
    async with Database.open(database, size=1) as opened:
        with pytest.raises(StoreError, match="DivisionByZero"):
            await opened.row("SELECT 1 / %(x)s::int", {"x": 0})


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("GET", "/api/verdicts?device=%00&rule=x", None),
        ("GET", "/api/resources?kind=%00", None),
        ("POST", f"/api/organ-requests/{2**71}/officers", {"reason": "asked"}),
    ],
)
async def test_such_a_request_is_refused_and_nothing_is_said_of_the_database(
    database: str, method: str, url: str, body: dict[str, str] | None
) -> None:
    async with open_desk(database) as desk:
        answer = await desk.client.request(method, url, json=body, headers=await desk.as_("sun"))
    assert answer.status_code == 422, answer.text
    assert "database" not in answer.text
