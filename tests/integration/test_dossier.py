"""A case's dossier: it writes itself, and every later change is found and named."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg
import pytest
from hypothesis import given, settings

from console.dossier import check_case, find_case, read_chain
from console.dossier_file import Request, build, verify
from console.problems import Invalid
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
        await step(desk, incident, action, "wuye", reason="到了", place="EST1-B1")
    await step(desk, incident, "verify", "wang", outcome=outcome)
    await step(desk, incident, "close", "wang", outcome=outcome, cause="cooking")
    return alert, incident


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


async def test_whoever_looked_is_in_it_once(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    for _ in range(3):
        await desk.get(f"/api/incidents/{incident}", "li")
    case = await find_case(desk.connection, None, number=incident)
    views = [entry for entry in await read_chain(desk.connection, case) if entry.kind == "view"]
    assert [(view.body["actor"], view.body["action"]) for view in views] == [("li", "incident.view")]


async def copy_of(desk: Desk, incident: int, who: str = "wang", **more: Any) -> bytes:
    answer = await desk.get(f"/api/incidents/{incident}/dossier", who, reason="上级检查", **more)
    assert answer.status_code == 200, answer.text
    return answer.content


async def test_a_copy_is_whole_and_its_export_on_record(desk: Desk) -> None:
    _, incident = await closed_case(desk)
    content = await copy_of(desk, incident)
    found = verify(content)
    assert found.findings == ()
    assert found.entries >= 16
    audit = await desk.rows("SELECT actor, detail FROM audit_log WHERE action = 'dossier.export'")
    assert [(row["actor"], row["detail"]["seal"], row["detail"]["reason"]) for row in audit] == [
        ("wang", found.seal, "上级检查")
    ]
    headers = await desk.as_("li") | {"Content-Type": "application/zip"}
    answer = await desk.client.post("/api/dossier/verify", content=content, headers=headers)
    assert answer.json()["handed_out"] is not None
    assert answer.json()["findings"] == []
    again = await copy_of(desk, incident)
    assert verify(again).entries == found.entries + 1  # the first export is in the second copy
    page = zipfile.ZipFile(io.BytesIO(content)).read("dossier.html").decode()
    assert "上级检查" in page
    assert "到场" in page


async def test_the_same_chain_gives_the_same_bytes(desk: Desk) -> None:
    _, incident = await closed_case(desk)
    case = await find_case(desk.connection, None, number=incident)
    entries = await read_chain(desk.connection, case)
    request = Request(by="wang", reason="检查", at=datetime(2026, 1, 1, tzinfo=UTC), personal=False)
    copies = {build(case, entries, request, {"a" * 64: b"jpeg"}).content for _ in range(3)}
    assert len(copies) == 1


def changed(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The archive with one file changed, as somebody with a text editor would."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for entry in before.namelist():
            data = before.read(entry)
            if entry == name:
                assert old in data
                data = data.replace(old, new, 1)
            after.writestr(entry, data)
    return out.getvalue()


CHANGES = (
    ("manifest.json", b'"action":"arrive"', b'"action":"arrivE"', Flaw.SHOWN, "move 6"),
    (
        "manifest.json",
        b"\xe4\xb8\x8a\xe7\xba\xa7",
        b"\xe4\xb8\x8b\xe7\xba\xa7",
        Flaw.SEAL,
        "copy",
    ),  # the reason
    ("dossier.html", b"cooking", b"Cooking", Flaw.FILE, "dossier.html"),
)


@pytest.mark.parametrize(("name", "old", "new", "flaw", "named"), CHANGES, ids=["entry", "reason", "page"])
async def test_a_changed_byte_is_found_and_named(
    desk: Desk, name: str, old: bytes, new: bytes, flaw: Flaw, named: str
) -> None:
    _, incident = await closed_case(desk)
    found = verify(changed(await copy_of(desk, incident), name, old, new)).findings
    assert [finding for finding in found if finding.flaw is flaw and named in finding.about], found


async def test_personal_data_is_masked_unless_a_leader_asks(desk: Desk) -> None:
    await desk.connection.execute(
        "UPDATE events SET data = data || '{\"person_ref\": \"P-0042\"}' WHERE id = 'e1'"
    )
    _, incident = await closed_case(desk)
    masked = await copy_of(desk, incident)
    assert verify(masked).findings == ()
    assert b"P-0042" not in zipfile.ZipFile(io.BytesIO(masked)).read("manifest.json")
    refused = await desk.get(f"/api/incidents/{incident}/dossier", reason="检查", personal=True)
    assert refused.status_code == 403
    told = await copy_of(desk, incident, "boss", personal=True)
    assert verify(told).findings == ()
    assert b"P-0042" in zipfile.ZipFile(io.BytesIO(told)).read("manifest.json")
    found = verify(changed(masked, "manifest.json", "•••".encode(), b"P-0043")).findings
    assert {finding.flaw for finding in found} == {Flaw.SHOWN, Flaw.SEAL}


async def test_no_reason_no_copy_and_nothing_outside_ones_places(desk: Desk) -> None:
    _, incident = await dispatched(desk)
    assert (await desk.get(f"/api/incidents/{incident}/dossier")).status_code == 422
    for path in ("dossier", "dossier/check"):
        answer = await desk.get(f"/api/incidents/{incident}/{path}", "zhao", reason="检查")
        assert answer.status_code == 404
    checked = (await desk.get(f"/api/incidents/{incident}/dossier/check")).json()
    assert checked["findings"] == []
    assert checked["entries"] > 5


@pytest.mark.parametrize("content", [b"", b"PK", b"{}"])
def test_what_is_no_dossier_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        verify(content)


def test_a_bomb_and_strange_names_are_refused() -> None:
    for name in ("../../etc/passwd", "photos/x.jpg"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("manifest.json", "{}")
            archive.writestr(name, "")
        with pytest.raises(Invalid, match="does not belong"):
            verify(out.getvalue())
