"""Bring a database to the current schema (yoyo runs the steps, each once, under a lock).

Steps are `migrations/NNNN_pre|post_slug.sql`: `pre` may run while the old code still
does, `post` only after it has stopped. `schema.sql` is where they must arrive.
"""

from __future__ import annotations

from importlib.resources import as_file, files

import psycopg
from psycopg.conninfo import conninfo_to_dict
from yoyo import default_migration_table, read_migrations
from yoyo.backends import DatabaseBackend, PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI

from devices.errors import StoreError
from ingest.store import sql
from ingest.store.roles import apply_grants, make_groups

AFTERWARDS = ("views.sql", "dossier.sql", "retiring.sql")  # what may be said again after every step


def migrate(database_url: str) -> int:
    """Apply what is missing and answer how many steps that was.

    Raises StoreError where the database cannot be reached or a step fails; a failed
    step leaves no trace.
    """
    try:
        with as_file(files("ingest.store") / "migrations") as folder, _backend(database_url) as backend:
            steps = backend.to_apply(read_migrations(str(folder)))
            with backend.lock():
                backend.apply_migrations(steps)
            count = len(steps)
        with psycopg.connect(database_url) as connection:
            make_groups(connection)
            for file in AFTERWARDS:
                connection.execute(sql.read("ingest.store", file))
            apply_grants(connection)
    except psycopg.Error as exc:
        raise StoreError(f"migration failed: {exc}") from exc
    return count


def _backend(database_url: str) -> DatabaseBackend:
    """Open yoyo's backend; its connection arguments are libpq's, so any address form will do."""
    where = conninfo_to_dict(database_url)
    uri = DatabaseURI(
        scheme="postgresql+psycopg",
        username=None,
        password=None,
        hostname=None,
        port=None,
        database=where.pop("dbname"),
        args=where,
    )
    backend = PostgresqlPsycopgBackend(uri, default_migration_table)
    backend.init_database()
    return backend
