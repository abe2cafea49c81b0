"""The month that reads are measured over is stored as described, and every statement measured finds rows."""

from __future__ import annotations

from datetime import timedelta

import psycopg
from psycopg.rows import dict_row

from benchmarks.reads import reads
from benchmarks.reads_fill import PER_ALERT, PER_DEVICE, ROOT, fill
from console.kpi_board import SQL
from ingest.clock import system_clock
from tests.integration.api_desk import open_desk

EVENTS = 10_000
STILL_OPEN = 8


async def test_a_month_is_stored_and_every_read_finds_rows(database: str) -> None:
    now = system_clock()
    async with await psycopg.AsyncConnection.connect(
        database, autocommit=True, row_factory=dict_row
    ) as connection:
        await fill(connection, EVENTS, now - timedelta(days=30), still_open=STILL_OPEN)
        stored = await (
            await connection.execute(
                "SELECT count(*) AS events, count(DISTINCT device) AS devices,"
                " count(DISTINCT at::date) AS days FROM events"
            )
        ).fetchone()
        assert stored is not None
        assert (stored["events"], stored["devices"]) == (EVENTS, EVENTS // PER_DEVICE)
        assert stored["days"] in (30, 31)
        found: dict[str, list[int]] = {}
        for name, read in reads(EVENTS, now).items():
            for statement, params in read.statements:
                rows = await (await connection.execute(statement, params)).fetchall()
                found.setdefault(name, []).append(len(rows))
        assert found["open alerts"] == [STILL_OPEN]
        assert found["a device and its newest events"] == [1, 50]
        assert found["events of a case's alert"] == [1, 1]
        assert found["indicators of a month"][0] == 101  # the county and its hundred estates

        cases = (EVENTS // PER_ALERT - STILL_OPEN) // 2
        month = reads(EVENTS, now)["indicators of a month"].statements[0][1]
        whole = {**month, "start": now - timedelta(days=31), "end": now, "node": ROOT}
        board = await (await connection.execute(SQL["board"], whole)).fetchall()
        assert board[0]["figures"]["on_time_accept"] == [cases, cases]
    async with open_desk(database) as desk:
        for name, read in reads(EVENTS, now).items():
            answer = await desk.client.get(read.path, headers=await desk.as_("boss"))
            assert (name, answer.status_code) == (name, 200), answer.text
