"""Personal data lie sealed in a schema of their own; the keys move; old plain text goes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from ingest.store import personal
from ingest.vault import Vault, add_key, drop_old_keys
from tests.integration.api_desk import Desk, open_desk

PHONE, CALLER = "13912345678", "陈建国"
REPORT = {
    "place": "EST1-B1",
    "source": "03",
    "title": "楼上噪音",
    "reporter": CALLER,
    "reporter_phone": PHONE,
}
CARED: LiteralString = "INSERT INTO personal.cared (person, estate, place) VALUES ('r', 'EST1', 'EST1')"
EVERYTHING = """
SELECT string_agg(
    query_to_xml(format('SELECT * FROM %I.%I', table_schema, table_name), true, false, '')::text, '')
    AS string_agg
FROM information_schema.tables WHERE table_schema IN ('public', 'personal') AND table_type = 'BASE TABLE'
"""


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    add_key(tmp_path / "keys")
    async with open_desk(database, personal_keys=tmp_path / "keys") as open_:
        yield open_


async def hire(desk: Desk) -> None:
    person = {"id": "p1", "name": "张三", "roles": ["GW"], "place": "EST1", "phone": PHONE}
    assert (await desk.post("/api/people", person, "sun")).status_code == 201


async def dump(desk: Desk) -> str:
    [row] = await desk.rows(EVERYTHING)
    return str(row["string_agg"])


async def test_no_table_holds_a_phone_or_a_caller_in_plain_text(desk: Desk) -> None:
    await hire(desk)
    headers = await desk.as_("sun")
    wish = {"channel": "voice", "address": "13787654321"}
    put = await desk.client.put("/api/deliver/contacts/p1", json=wish, headers=headers)
    assert put.json()["items"][0]["address"] == "137****4321"
    assert (await desk.post("/api/incidents", REPORT)).status_code == 201
    everything = await dump(desk)
    assert "张三" in everything, "the dump must be able to find something"
    assert [text for text in (PHONE, CALLER, "13787654321") if text in everything] == []


async def test_a_reporter_is_masked_until_a_reason_is_on_record(desk: Desk) -> None:
    case = (await desk.post("/api/incidents", REPORT)).json()
    path = f"/api/incidents/{case['id']}"
    shown = (await desk.get(path)).json()
    assert (shown["reporter"], shown["reporter_phone"]) == ("陈**", "139****5678")
    assert await desk.reveal(f"{path}/reporter") == {"reporter": CALLER, "reporter_phone": PHONE}
    [row] = await desk.rows("SELECT actor, detail FROM audit_log WHERE action = 'incident.reporter'")
    assert row == {"actor": "wang", "detail": {"reason": case["case_code"]}}
    assert (await desk.post(f"{path}/reporter", {}, "zhao")).status_code == 404
    assert (await desk.post(f"{path}/reporter", {}, "dev")).status_code == 403


async def test_a_familys_name_is_sealed_and_masked_everywhere(desk: Desk) -> None:
    await desk.connection.execute(CARED)
    family = {
        "id": "son",
        "name": CALLER,
        "roles": ["FAM"],
        "place": "EST1",
        "phone": PHONE,
        "cares_for": "r",
    }
    made = await desk.post("/api/people", family, "sun")
    assert (made.status_code, made.json()["name"]) == (201, "陈**")
    assert CALLER not in await dump(desk)
    assert await desk.reveal("/api/people/son/phone", reason="call") == {"name": CALLER, "phone": PHONE}
    headers = await desk.as_("sun")
    renamed = await desk.client.patch("/api/people/son", json={"name": "陈建华"}, headers=headers)
    assert renamed.json()["name"] == "陈**"
    assert "陈建华" not in await dump(desk)
    moved = await desk.client.patch("/api/people/son", json={"skills": []}, headers=headers)
    assert moved.status_code == 200, moved.text
    assert (await desk.reveal("/api/people/son/phone", reason="call"))["name"] == "陈建华"


async def test_a_reveal_ends_for_every_reader_and_is_nobody_elses(desk: Desk) -> None:
    await hire(desk)
    opened = (await desk.post("/api/people/p1/phone", {"reason": "call back"})).json()
    assert PHONE not in str(opened)
    path = f"/api/reveals/{opened['reveal']}"
    assert (await desk.get(path)).json() == {
        "fields": {"name": "张三", "phone": PHONE},
        "until": opened["until"],
    }
    assert (await desk.get(path, "li")).status_code == 404
    reads = await desk.rows("SELECT actor, object, detail FROM audit_log WHERE action = 'reveal.read'")
    told = {"reveal": opened["reveal"], "subject": "person:p1"}
    assert reads == [{"actor": "wang", "object": "p1", "detail": told}]
    await desk.connection.execute("UPDATE users SET role = 'developer' WHERE name = 'wang'")
    assert (await desk.get(path)).status_code == 403
    await desk.connection.execute("UPDATE users SET role = 'operator', scope = 'EST2' WHERE name = 'wang'")
    assert (await desk.get(path)).status_code == 404
    await desk.connection.execute("UPDATE users SET scope = NULL WHERE name = 'wang'")
    assert (await desk.get(path)).status_code == 200
    await desk.connection.execute(
        "UPDATE personal.reveals SET at = at - INTERVAL '3 min', until = now() - INTERVAL '1 second'"
    )
    assert (await desk.get(path)).status_code == 404
    with pytest.raises(psycopg.errors.CheckViolation):
        await desk.connection.execute("UPDATE personal.reveals SET until = at + INTERVAL '1 day'")


async def test_a_new_key_is_taken_while_the_platform_runs(desk: Desk, tmp_path: Path) -> None:
    await hire(desk)
    old = Vault.open(tmp_path / "keys").first
    new = add_key(tmp_path / "keys")
    vault = Vault.open(tmp_path / "keys")
    assert await personal.rewrap(desk.connection, vault) == 1
    assert await personal.rewrap(desk.connection, vault) == 0
    drop_old_keys(tmp_path / "keys")
    assert [bytes(r["key"]) for r in await desk.rows("SELECT key FROM personal.fields")] == [new]
    assert old != new
    told = await desk.reveal("/api/people/p1/phone", reason="after the rotation")
    assert told["phone"] == PHONE


async def test_what_an_older_version_wrote_in_plain_text_is_sealed_and_emptied(desk: Desk) -> None:
    await desk.connection.execute(CARED)
    await desk.connection.execute(
        "INSERT INTO people (id, name, roles, place, cares_for) VALUES ('son', %s, '{FAM}', 'EST1', 'r')",
        [CALLER],
    )
    vault: Vault = desk.app.state.vault
    await desk.app.state.database.write(lambda connection: personal.seal_plain(connection, vault))
    everything = await dump(desk)
    assert CALLER not in everything
    assert (await desk.reveal("/api/people/son/phone", reason="call the family"))["name"] == CALLER


async def test_changing_and_taking_a_phone_away_leaves_nothing_behind(desk: Desk) -> None:
    await hire(desk)
    headers = await desk.as_("sun")
    changed = await desk.client.patch("/api/people/p1", json={"phone": "13700000000"}, headers=headers)
    assert changed.json()["phone_masked"] == "137****0000"
    gone = await desk.client.patch("/api/people/p1", json={"phone": None}, headers=headers)
    assert gone.json()["phone_masked"] is None
    assert await desk.rows("SELECT FROM personal.fields") == []


async def test_without_a_key_file_a_phone_is_refused_and_nothing_is_written(database: str) -> None:
    async with open_desk(database, personal_keys=None) as desk:
        person = {"id": "p1", "name": "张三", "roles": ["GW"], "place": "EST1", "phone": PHONE}
        refused = await desk.post("/api/people", person, "sun")
        assert refused.status_code == 422
        assert "SHEQU_PERSONAL_KEYS" in refused.json()["detail"]
        assert await desk.rows("SELECT FROM people") == []
