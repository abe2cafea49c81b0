"""The statements of `shequ bench size` on a real hypertable: a day is weighed, an old one goes."""

from __future__ import annotations

from datetime import timedelta

import psycopg
from psycopg.rows import dict_row

from console.commands.bench_size import OLD, Q, _compressed, _weighed
from ingest.retention import CLASSES, keep_times
from ingest.store.sweeping import sweep

EVENTS = 3000


async def test_a_day_is_weighed_and_an_old_one_goes(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(
        database, autocommit=True, row_factory=dict_row
    ) as connection:
        await connection.execute(Q["fill"], {"rows": EVENTS, "ago": timedelta(days=1)})
        report = await _weighed(connection, EVENTS)
        each = report["bytes_per_event"]
        assert 100 < each["heap"] < 300
        assert each["indexes"] == round(sum(report["bytes_per_event_by_index"].values()), 1)
        await connection.execute(Q["fill"], {"rows": EVENTS, "ago": OLD})
        assert (await sweep(connection, CLASSES, keep_times(None)))["events"] == EVENTS
        compressed = await _compressed(connection, EVENTS)
        assert (compressed["bytes_per_event"] is None) == (compressed["edition"] != "timescale")
