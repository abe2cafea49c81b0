"""Retention: within the law's bounds, sparing open cases, with a proof of each deletion."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from devices.errors import SettingError
from ingest.retention import CLASSES, keep_times
from ingest.store.sweeping import proof_hash, sweep

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


async def answer(connection: AsyncConnection[DictRow], query: str) -> list[Any]:
    return [next(iter(row.values())) for row in await (await connection.execute(query.encode())).fetchall()]


async def test_what_is_past_its_time_goes_and_what_an_open_case_rests_on_stays(
    connection: AsyncConnection[DictRow],
) -> None:
    gone = await sweep(connection, CLASSES, keep_times(None))
    assert {name: rows for name, rows in gone.items() if rows} == {
        "events": 1,
        "quarantine": 1,
        "reporters": 1,
    }
    assert await answer(connection, "SELECT id FROM events ORDER BY id") == ["e1", "e3"]
    left = "SELECT i.case_code FROM personal.fields f JOIN incidents i ON f.subject = 'incident:' || i.id"
    assert await answer(connection, left) == ["open"]
    await connection.execute("UPDATE alerts SET ended_at = now()")
    assert (await sweep(connection, CLASSES, keep_times(None)))["events"] == 1
    assert await answer(connection, "SELECT id FROM events") == ["e1"]


async def test_every_deletion_leaves_a_proof_that_seals_the_one_before(
    connection: AsyncConnection[DictRow],
) -> None:
    await sweep(connection, CLASSES, keep_times(None))
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
    "setting", ["audit_log=182", "events=5000", "events=29", "events=soon", "faces=1", "positions=365"]
)
def test_a_setting_outside_the_table_is_refused(setting: str) -> None:
    with pytest.raises(SettingError, match="SHEQU_RETENTION"):
        keep_times(setting)


def test_a_setting_inside_the_table_holds_and_every_default_is_inside() -> None:
    assert keep_times("events=30, audit_log=183")["events"].days == 30
    assert [one.name for one in CLASSES if not one.least <= one.days <= one.most] == []
