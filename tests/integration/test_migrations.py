"""The migrations arrive at schema.sql, and the database is a real TimescaleDB."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from ingest.store import sql
from ingest.store.migrate import migrate
from simulators.stack import Stack

COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity
FROM information_schema.columns WHERE table_schema IN ('public', 'personal')
    AND table_name NOT LIKE '%yoyo%'
    AND table_name NOT IN (SELECT table_name FROM information_schema.views WHERE table_schema = 'public')
ORDER BY 1, 2
"""
INDEXES = """
SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'personal') AND tablename NOT LIKE '%yoyo%'
ORDER BY 1
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace IN ('public'::regnamespace, 'personal'::regnamespace)
    AND conrelid::regclass::text NOT LIKE '%yoyo%' ORDER BY 1, 2
"""
HYPERTABLES = "SELECT hypertable_name FROM timescaledb_information.hypertables ORDER BY 1"


@pytest.fixture
def from_schema(stack: Stack) -> Iterator[str]:
    """A database made from schema.sql alone."""
    name = f"schema_{os.getpid()}"
    main = urlsplit(stack.database_url)
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    url = urlunsplit(main._replace(path=f"/{name}"))
    with psycopg.connect(url) as connection:
        connection.execute(sql.read("ingest.store", "schema.sql"))
    yield url
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def shape(url: str) -> list[list[tuple[object, ...]]]:
    """Everything about a database that an application can notice."""
    with psycopg.connect(url) as connection:
        return [connection.execute(q).fetchall() for q in (COLUMNS, INDEXES, CONSTRAINTS, HYPERTABLES)]


def test_the_migrations_arrive_at_the_schema(database: str, from_schema: str) -> None:
    for migrated, written in zip(shape(database), shape(from_schema), strict=True):
        assert migrated == written


def test_migrating_again_changes_nothing(database: str) -> None:
    assert migrate(database) == 0


def test_the_extension_and_the_hypertables_are_real(database: str) -> None:
    with psycopg.connect(database) as connection:
        extension = connection.execute(
            "SELECT extname FROM pg_extension WHERE extname = 'timescaledb'"
        ).fetchall()
        hypertables = {name for (name,) in connection.execute(HYPERTABLES).fetchall()}
    assert extension == [("timescaledb",)]
    assert hypertables >= {"events", "device_status", "alert_log", "incident_log", "audit_log"}
