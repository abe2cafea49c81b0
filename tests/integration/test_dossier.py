"""A case's dossier: it writes itself, and every later change is found and named."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, LiteralString

import psycopg
import pytest
from hypothesis import given, settings
from psycopg.types.json import Jsonb

from console.dossier import check_case, find_case, read_chain
from rules.chain import Flaw, canonical
from tests.integration.api_desk import Desk, open_desk
from tests.integration.test_api_incidents import dispatched, step
from tests.unit.test_chain import JSON


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


async def closed_case(desk: Desk, *, outcome: str = "true_alarm") -> tuple[int, int]:
    """An alert that went the whole way."""
    alert, incident = await dispatched(desk)
    for action in ("acknowledge", "arrive", "handle", "report_back"):
        await step(desk, incident, action, "wuye", reason="到了")
    await step(desk, incident, "verify", "wang", outcome=outcome, **VERDICT)
    await step(desk, incident, "close", "wang", outcome=outcome, **VERDICT)
    return alert, incident


VERDICT: dict[str, Any] = {}


def test_python_and_the_database_write_json_alike(database: str) -> None:
    with psycopg.connect(database) as connection:

        @settings(max_examples=60)
        @given(value=JSON.filter(lambda value: "\\u0000" not in json.dumps(value, default=str)))
        def alike(value: Any) -> None:
            text = canonical(value)
            try:
                row = connection.execute("SELECT canonical_json(%s::jsonb)", [text]).fetchone()
            except psycopg.DataError:  # what PostgreSQL cannot hold never reaches a dossier
                connection.rollback()
                return
            assert row == (text,)

        alike()


async def test_a_dossier_writes_itself(desk: Desk) -> None:
    _, incident = await closed_case(desk)
    case = await find_case(desk.connection, None, number=incident)
    entries = await read_chain(desk.connection, case)
    kinds = [entry.kind for entry in entries]
    assert kinds.count("move") == 10
    assert kinds.count("event") == 3
    assert {"order", "alert", "verdict"} <= set(kinds)
    assert await check_case(desk.connection, case, entries) == ()
    assert await read_chain(desk.connection, case) == entries


TAMPERINGS: tuple[tuple[LiteralString, Flaw, str], ...] = (
    ("UPDATE incident_log SET actor = 'li' WHERE action = 'arrive'", Flaw.SOURCE, "move 6"),
    ("DELETE FROM incident_log WHERE action = 'arrive'", Flaw.SOURCE, "move 6"),
    ("UPDATE alerts SET reason = 'nothing' WHERE incident_id IS NOT NULL", Flaw.SOURCE, "alert"),
    ("UPDATE events SET data = '{}' WHERE id = 'e2'", Flaw.SOURCE, "event smoke-1/e2"),
    ("UPDATE dossier_chain SET body = body || '{\"reason\": \"-\"}' WHERE ref = '6'", Flaw.BODY, "move 6"),
    ("UPDATE dossier_chain SET at = '2020-01-01T00:00:00+00:00' WHERE ref = '6'", Flaw.HASH, "move 6"),
    ("DELETE FROM dossier_chain WHERE kind = 'move' AND ref = '6'", Flaw.GAP, "should stand here"),
)


@pytest.mark.parametrize(("tampering", "flaw", "named"), TAMPERINGS, ids=[t[0][:40] for t in TAMPERINGS])
async def test_every_later_change_is_found_and_named(
    desk: Desk, tampering: LiteralString, flaw: Flaw, named: str
) -> None:
    _, incident = await closed_case(desk)
    async with desk.connection.transaction():
        await desk.connection.execute("SET LOCAL session_replication_role = replica")  # past every trigger
        await desk.connection.execute(tampering)
    case = await find_case(desk.connection, None, number=incident)
    found = await check_case(desk.connection, case)
    assert [finding for finding in found if finding.flaw is flaw and named in finding.about], found


@pytest.mark.parametrize(
    "verb", ["UPDATE dossier_chain SET ref = ref", "DELETE FROM dossier_chain", "TRUNCATE dossier_chain"]
)
async def test_the_chain_only_grows(desk: Desk, verb: LiteralString) -> None:
    await closed_case(desk)
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        await desk.connection.execute(verb)


async def test_a_case_older_than_the_dossiers_gets_one(desk: Desk) -> None:
    _, incident = await closed_case(desk)
    async with desk.connection.transaction():
        await desk.connection.execute("SET LOCAL session_replication_role = replica")
        await desk.connection.execute("DELETE FROM dossier_chain")
    case = await find_case(desk.connection, None, number=incident)
    assert await check_case(desk.connection, case) == ()
    assert len(await read_chain(desk.connection, case)) >= 15


async def test_whoever_looked_is_in_it(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    await desk.connection.execute(
        "INSERT INTO audit_log (actor, action, object, success, detail)"
        " VALUES ('li', 'incident.view', 'x', true, %s)",
        [Jsonb({"incident": incident})],
    )
    case = await find_case(desk.connection, None, number=incident)
    views = [entry for entry in await read_chain(desk.connection, case) if entry.kind == "view"]
    assert [view.body["actor"] for view in views] == ["li"]
