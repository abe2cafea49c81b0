"""`python -m benchmarks.audit_rows [ROWS]`: search and filter of the audit page over millions of rows.

Makes a private stack, fills the record by generate_series, and asks the page's own query thirty times per
filter on one connection, as the console does, so that a plan made for everybody shows as well.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg
from psycopg.rows import dict_row

from console.auditing import SQL
from ingest.store.migrate import migrate
from simulators.stack import StackSettings, open_stack

MILLION: Final = 1_000_000
FILL: LiteralString = """
INSERT INTO audit_log (at, actor, action, object, success, detail, source)
SELECT now() - (n * INTERVAL '6 seconds'),
    CASE WHEN n %% 1000000 = 7 THEN 'rare' ELSE 'user-' || (n %% 200) END,
    (ARRAY['login', 'person.phone', 'incident.view', 'alert.dispatch', 'device.change'])[1 + n %% 5],
    'object-' || (n %% 100000), n %% 20 <> 0, '{"reason": "case 51068120260101010001"}', '10.0.0.1'
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
"""
NOTHING: Final[Mapping[str, Any]] = {
    "actor": None, "action": None, "object": None, "success": None, "since": None, "until": None,
    "after_at": None, "after_id": None, "limit": 51,
}  # fmt: skip
FILTERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "nothing (newest 50)": {},
    "one of 200 people": {"actor": "user-7"},
    "a person with ten rows": {"actor": "rare"},
    "nobody": {"actor": "nobody"},
    "one action": {"action": "person.phone"},
    "one object": {"object": "object-4711"},
    "refused": {"success": False},
    "person, action and object": {"actor": "user-11", "action": "person.phone", "object": "object-11"},
}


async def measure(rows: int) -> None:
    """Fill, ask, print."""
    with tempfile.TemporaryDirectory(prefix="shequ-audit-") as folder:
        Path(folder).chmod(0o711)  # noqa: ASYNC240 - once, before anything runs
        settings = StackSettings(data=Path(folder) / "data", broker_port=0, durable=False)
        async with open_stack(settings, say=print) as stack:
            await asyncio.to_thread(migrate, stack.database_url)
            async with await psycopg.AsyncConnection.connect(
                stack.database_url, autocommit=True, row_factory=dict_row
            ) as connection:
                start = time.monotonic()
                for first in range(1, rows + 1, MILLION):
                    last = min(first + MILLION - 1, rows)
                    await connection.execute(FILL, {"first": first, "last": last})
                    print(f"{last} rows after {time.monotonic() - start:.0f} s", flush=True)
                await connection.execute("ANALYZE audit_log")
                await _ask(connection)


async def _ask(connection: psycopg.AsyncConnection[Any]) -> None:
    print("| filter | first | median of 30 | worst of 30 | rows |\n|---|---|---|---|---|")
    for name, wanted in FILTERS.items():
        took: list[float] = []
        count = 0
        for _ in range(30):
            start = time.monotonic()
            found = await connection.execute(SQL["audit"], {**NOTHING, **wanted})
            count = len(await found.fetchall())
            took.append((time.monotonic() - start) * 1000)
        ordered = sorted(took)
        print(
            f"| {name} | {took[0]:.1f} ms | {ordered[15]:.1f} ms | {ordered[-1]:.1f} ms | {count} |",
            flush=True,
        )


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10 * MILLION))
