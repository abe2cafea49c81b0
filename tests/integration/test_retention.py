"""Retention: within the law's bounds, sparing open cases, with a proof of each deletion."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow, dict_row

from devices.errors import SettingError
from ingest.retention import CLASSES, keep_times
from ingest.store.roles import group
from ingest.store.sweeping import anchor, check_proofs, proof_hash, sweep

TOWN = """
INSERT INTO places (code, kind, name_zh, name_en, path) VALUES ('E', 'estate', '甲', 'A', '{E}');
INSERT INTO events (device, id, at, estate, type, data, received_at)
    SELECT 'd', 'e' || n, now() - n * INTERVAL '50 days', 'E', 'smoke', '{}', now()
    FROM generate_series(1, 3) n;
INSERT INTO alerts (fingerprint, rule, code, severity, estate, place, subject, reason, first_seen, last_seen)
    VALUES ('f', 'r', 'FIRE-001', 1, 'E', 'E', 's', 'condition_met', now(), now());
INSERT INTO alert_evidence (alert_id, device, event_id, at)
    SELECT a.id, e.device, e.id, e.at FROM alerts a, events e WHERE e.id = 'e3';
INSERT INTO quarantine (received_at, topic, payload, size, stage, reason, detail)
    VALUES (now() - INTERVAL '100 days', 't', '', 0, 'decode', 'not_json', ''),
           (now(), 't', '', 0, 'decode', 'not_json', '');
INSERT INTO incidents (case_code, state, severity, code, estate, place, opened_by, closed_at) VALUES
    ('old', 'closed', 2, 'REPORT', 'E', 'E', 'w', now() - INTERVAL '400 days'),
    ('open', 'reported', 2, 'REPORT', 'E', 'E', 'w', NULL);
INSERT INTO personal.fields (subject, field, sealed, shown, key)
    SELECT 'incident:' || id, 'reporter', '', '陈**', '' FROM incidents;
"""


@pytest.fixture
async def connection(database: str) -> AsyncIterator[AsyncConnection[DictRow]]:
    async with await psycopg.AsyncConnection.connect(
        database, autocommit=True, row_factory=dict_row
    ) as open_:
        await open_.execute(TOWN)
        yield open_


async def swept(connection: AsyncConnection[DictRow]) -> dict[str, int]:
    """Sweep with the rights of ingest, which may not even read most of what goes."""
    await connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(group("ingest"))))
    try:
        return await sweep(connection, CLASSES, keep_times(None))
    finally:
        await connection.execute("RESET ROLE")


async def answer(connection: AsyncConnection[DictRow], query: str) -> list[Any]:
    return [next(iter(row.values())) for row in await (await connection.execute(query.encode())).fetchall()]


async def test_what_is_past_its_time_goes_and_what_an_open_case_rests_on_stays(
    connection: AsyncConnection[DictRow],
) -> None:
    gone = await swept(connection)
    assert {name: rows for name, rows in gone.items() if rows} == {
        "events": 1,
        "quarantine": 1,
        "reporters": 1,
    }
    assert await answer(connection, "SELECT id FROM events ORDER BY id") == ["e1", "e3"]
    left = "SELECT i.case_code FROM personal.fields f JOIN incidents i ON f.subject = 'incident:' || i.id"
    assert await answer(connection, left) == ["open"]
    await connection.execute("UPDATE alerts SET ended_at = now()")
    assert (await swept(connection))["events"] == 1
    assert await answer(connection, "SELECT id FROM events") == ["e1"]


async def test_every_deletion_leaves_a_proof_that_seals_the_one_before(
    connection: AsyncConnection[DictRow],
) -> None:
    await swept(connection)
    rows = await (await connection.execute("SELECT * FROM retention_proofs ORDER BY id")).fetchall()
    assert [(row["class"], row["rows"]) for row in rows] == [
        ("events", 1),
        ("quarantine", 1),
        ("reporters", 1),
    ]
    previous = None
    for row in rows:
        facts = {name: row[name] for name in ("at", "class", "what", "rows", "digest")}
        facts["before"] = row["before"].astimezone(UTC).isoformat()
        assert row["digest"] not in ("", "0")
        assert row["hash"] == proof_hash(previous, facts)
        previous = row["hash"]
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        await connection.execute("DELETE FROM retention_proofs")


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("UPDATE retention_proofs SET rows = rows + 1 WHERE id = 1", ["1"]),
        ("UPDATE retention_proofs SET before = before - INTERVAL '1 day' WHERE id = 2", ["2"]),
        ("DELETE FROM retention_proofs WHERE id = 1", ["2"]),
        ("UPDATE retention_proofs SET id = 9 WHERE id = 1", ["2", "9"]),
    ],
)
async def test_a_proof_changed_removed_or_reordered_behind_the_triggers_is_found(
    connection: AsyncConnection[DictRow], statement: LiteralString, wrong: list[str]
) -> None:
    await sweep(connection, CLASSES, keep_times(None))
    whole = await check_proofs(connection)
    newest = await answer(connection, "SELECT hash FROM retention_proofs ORDER BY id DESC LIMIT 1")
    assert (whole.proofs, whole.rows, whole.findings, [whole.head]) == (3, 3, (), newest)
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("ALTER TABLE retention_proofs ALTER id SET GENERATED BY DEFAULT")
        await connection.execute(statement)
    assert [finding.split()[1] for finding in (await check_proofs(connection)).findings] == wrong


LONG_CLOSED = (Path(__file__).parent / "retention_cases.sql").read_bytes()


async def test_dossiers_photos_and_the_register_go_in_their_time_and_a_held_case_loses_nothing(
    connection: AsyncConnection[DictRow],
) -> None:
    await connection.execute(LONG_CLOSED)
    chained = (
        "SELECT DISTINCT i.case_code FROM dossier_chain c JOIN incidents i ON i.id = c.incident_id ORDER BY 1"
    )
    assert await answer(connection, chained) == ["gone", "kept", "old", "open"]
    gone = await swept(connection)
    assert (gone["photos"], gone["reveals"], gone["register"], gone["reporters"]) == (1, 1, 3, 2)
    assert await answer(connection, chained) == ["kept", "old", "open"]
    left = "SELECT i.case_code FROM attachments a JOIN incidents i ON i.id = a.incident_id ORDER BY 1"
    assert await answer(connection, left) == ["kept", "old", "open"]
    told = (
        "SELECT case_code FROM personal.fields JOIN incidents i ON subject = 'incident:' || i.id ORDER BY 1"
    )
    assert await answer(connection, told) == ["kept", "open"]
    assert await answer(connection, "SELECT subject FROM personal.fields WHERE subject LIKE 'organ:%'") == []
    proofs = await answer(connection, "SELECT class FROM retention_proofs")
    assert {"photos", "dossiers", "register", "reveals"} <= set(proofs)
    for table in ("dossier_chain", "picture_access"):
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            await connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


async def test_proofs_cut_off_at_the_end_are_found_by_what_the_audit_log_holds(
    connection: AsyncConnection[DictRow],
) -> None:
    await sweep(connection, CLASSES, keep_times(None))
    head = await anchor(connection)
    assert head == (await check_proofs(connection)).head
    assert await anchor(connection) is None  # once each
    assert (await check_proofs(connection)).findings == ()
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(
            "DELETE FROM retention_proofs WHERE id = (SELECT max(id) FROM retention_proofs)"
        )
    [finding] = (await check_proofs(connection)).findings
    assert finding.startswith("proof 3 is not the one that the audit log holds")


@pytest.mark.parametrize(
    "setting", ["audit_log=182", "events=5000", "events=29", "events=soon", "faces=1", "positions=365"]
)
def test_a_setting_outside_the_table_is_refused(setting: str) -> None:
    with pytest.raises(SettingError, match="SHEQU_RETENTION"):
        keep_times(setting)


def test_a_setting_inside_the_table_holds_and_every_default_is_inside() -> None:
    assert keep_times("events=30, audit_log=183")["events"].days == 30
    assert [one.name for one in CLASSES if not one.least <= one.days <= one.most] == []
