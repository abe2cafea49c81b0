"""The outbox keeps letters with what caused them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from ingest.deliver.outbox import OUTSIDE, Channel, Letter, cancel, post

TOWN: LiteralString = """
INSERT INTO places (code, kind, name_zh, name_en, path) VALUES
    ('EST1', 'estate', '沱水小区', 'Tuoshui', '{EST1}');
INSERT INTO people (id, name, roles, place) VALUES
    ('p-wg', '王格', '{GW}', 'EST1'), ('p-cp', '李警', '{CP}', 'EST1');
INSERT INTO alerts (fingerprint, rule, code, severity, estate, place, subject, reason, first_seen, last_seen)
    VALUES ('f', 'r', 'FIRE-001', 1, 'EST1', 'EST1', 's', 'condition_met', now(), now());
"""


@pytest.fixture
async def connection(database: str) -> AsyncIterator[AsyncConnection[DictRow]]:
    """A town with an alert, a grid worker and a policeman."""
    async with await psycopg.AsyncConnection.connect(
        database, autocommit=True, row_factory=dict_row
    ) as opened:
        await opened.execute(TOWN)
        yield opened


async def states(connection: AsyncConnection[DictRow], key: str) -> list[tuple[str, str]]:
    """The receipts of a letter, in order."""
    rows = await connection.execute(
        "SELECT r.state, r.reason FROM receipts r JOIN outbox o ON o.id = r.letter"
        " WHERE o.key = %s ORDER BY r.id",
        [key],
    )
    return [(row["state"], row["reason"]) for row in await rows.fetchall()]


def sms(key: str, **more: Any) -> Letter:
    return Letter(key, Channel.SMS, "13800000001", {"text": "烟感报警"}, **more)


async def test_a_letter_is_queued_once_per_key(connection: AsyncConnection[DictRow]) -> None:
    first = await post(connection, [sms("a"), sms("b")])
    again = await post(connection, [sms("b"), sms("c")])
    assert again[0] == first[1]
    assert len({*first, *again}) == 3
    assert await states(connection, "b") == [("queued", "")]


async def test_a_letter_stands_and_falls_with_its_cause(connection: AsyncConnection[DictRow]) -> None:
    async with connection.transaction(force_rollback=True):
        await post(connection, [sms("a")])
    assert await states(connection, "a") == []


async def test_whoever_acknowledges_stops_the_paging_in_the_same_transaction(
    connection: AsyncConnection[DictRow],
) -> None:
    alert = (await (await connection.execute("SELECT id FROM alerts")).fetchall())[0]["id"]
    await post(connection, [sms("page", alert_id=alert), sms("other")])
    async with connection.transaction():
        assert await cancel(connection, alert_id=alert, reason="acknowledged", actor="wang") == 1
    assert await states(connection, "page") == [("queued", ""), ("cancelled", "acknowledged")]
    assert await states(connection, "other") == [("queued", "")]


async def test_a_drill_is_withheld_from_every_outside_party_on_every_channel(
    connection: AsyncConnection[DictRow],
) -> None:
    pairs = [(channel, party) for channel in Channel for party in sorted(OUTSIDE)]
    await post(
        connection,
        [Letter(f"{c}-{p}", c, "somewhere", {"text": "x"}, party=p, drill=True) for c, p in pairs],
    )
    for channel, party in pairs:
        assert await states(connection, f"{channel}-{party}") == [("withheld", "drill_outside")]


@pytest.mark.parametrize(
    ("letter", "withheld"),
    [
        (Letter("n", Channel.VOICE, "119", {"text": "x"}, drill=True), True),
        (Letter("n", Channel.SMS, "", {"text": "x"}, person="p-cp", drill=True), True),
        (Letter("n", Channel.SMS, "", {"text": "x"}, person="p-wg", drill=True), False),
        (Letter("n", Channel.VOICE, "119", {"text": "x"}), False),
    ],
)
async def test_an_outside_party_is_known_by_number_and_by_role(
    connection: AsyncConnection[DictRow], letter: Letter, *, withheld: bool
) -> None:
    await post(connection, [letter])
    assert [state for state, _ in await states(connection, "n")] == ["withheld" if withheld else "queued"]


async def test_receipts_cannot_be_rewritten(connection: AsyncConnection[DictRow]) -> None:
    await post(connection, [sms("a")])
    with pytest.raises(psycopg.errors.RaiseException):
        await connection.execute("UPDATE receipts SET state = 'read'")


OLD: LiteralString = """
UPDATE outbox SET created_at = now() - INTERVAL '4 years',
    state = CASE WHEN key = 'waits' THEN 'queued' ELSE 'sent' END
WHERE key <> 'young'
"""


async def test_letters_past_their_time_go_with_their_receipts_unless_something_is_open(
    connection: AsyncConnection[DictRow],
) -> None:
    await connection.execute(
        "INSERT INTO incidents (case_code, state, severity, code, estate, place, opened_by, closed_at) VALUES"
        " ('c', 'closed', 3, 'DEV-003', 'EST1', 'EST1', 'wang', now() - INTERVAL '4 years'),"
        " ('o', 'dispatched', 3, 'DEV-003', 'EST1', 'EST1', 'wang', NULL)"
    )
    cases = await (await connection.execute("SELECT id FROM incidents ORDER BY case_code")).fetchall()
    alert = (await (await connection.execute("SELECT id FROM alerts")).fetchall())[0]["id"]
    letters = [sms("young"), sms("waits"), sms("plain"), sms("paging", alert_id=alert)]
    letters += [sms("closed", incident_id=cases[0]["id"]), sms("open", incident_id=cases[1]["id"])]
    await post(connection, letters)
    await connection.execute(OLD)
    swept = await (await connection.execute("SELECT * FROM sweep_letters('3 years')")).fetchall()
    assert [row["rows"] for row in swept] == [2]
    left = await (await connection.execute("SELECT key FROM outbox ORDER BY key")).fetchall()
    assert [row["key"] for row in left] == ["open", "paging", "waits", "young"]
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        await connection.execute("DELETE FROM receipts")
