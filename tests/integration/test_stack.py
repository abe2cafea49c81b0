"""The private stack: real servers, started whole, stopped whole, hard to hurt."""

from __future__ import annotations

import psycopg

from simulators.stack import Stack


def test_the_database_is_postgres_with_timescaledb(stack: Stack) -> None:
    with psycopg.connect(stack.database_url) as connection:
        row = connection.execute(
            "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'"
        ).fetchone()
        assert row is not None
        connection.execute("CREATE TEMP TABLE t (at timestamptz NOT NULL)")


async def test_leak() -> None:
    pass
