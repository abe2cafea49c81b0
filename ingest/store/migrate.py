"""Bring a database to the current schema (yoyo runs the steps, each once, under a lock).

Steps are `migrations/NNNN_pre|post_slug.sql`: `pre` may run while the old code still
does, `post` only after it has stopped. `schema.sql` is where they must arrive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from typing import Final, Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict
from yoyo import default_migration_table, read_migrations
from yoyo.backends import DatabaseBackend, PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI
from yoyo.migrations import Migration, MigrationList

from devices.errors import StoreError
from ingest.store.roles import apply_grants, make_groups

Stage = Literal["pre", "post"]
AFTERWARDS: Final = ("views.sql", "dossier.sql", "retiring.sql")  # what may be said again after every step
OURS: Final = files("ingest.store")
_NAME: Final = re.compile(r"[0-9]{4}_(pre|post)_[a-z0-9_]+")


def migrate(database_url: str, stage: Stage | None = None, *, source: Traversable = OURS) -> int:
    """Apply what is missing, of one stage or of both, and answer how many steps that was.

    While old code may still run (`pre`), rights are given and none is taken away. Raises StoreError where
    the database cannot be reached, a step fails (it leaves no trace), or `post` is asked for before `pre`.
    """
    count = build(database_url, stage, source=source)
    try:
        with psycopg.connect(database_url) as connection:
            apply_grants(connection, revoke=stage != "pre")
    except psycopg.Error as exc:
        raise StoreError(f"migration failed: {exc}") from exc
    return count


def build(database_url: str, stage: Stage | None = None, *, source: Traversable = OURS) -> int:
    """Make tables, views and functions as `source` describes them; rights are another matter."""
    try:
        with as_file(source / "migrations") as folder, _backend(database_url) as backend:
            steps = _of_stage(backend.to_apply(read_migrations(str(folder))), stage)
            with backend.lock():
                backend.apply_migrations(steps)
            count = len(steps)
        with psycopg.connect(database_url) as connection:
            make_groups(connection)
            for file in AFTERWARDS:
                connection.execute((source / file).read_bytes())
    except psycopg.Error as exc:
        raise StoreError(f"migration failed: {exc}") from exc
    return count


def stage_of(name: str) -> Stage:
    """When a step may run, from its name; raises StoreError for a name that does not say."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise StoreError(f"migration {name!r}: name it NNNN_pre_… or NNNN_post_…")
    return "pre" if match[1] == "pre" else "post"


def _of_stage(missing: Iterable[Migration], stage: Stage | None) -> MigrationList:
    steps = MigrationList(missing)
    if stage is None:
        return steps
    wanted = [step for step in steps if stage_of(step.id) == stage]
    if stage == "post" and len(wanted) < len(steps):
        raise StoreError("steps of the first stage are missing: shequ migrate --pre comes first")
    return MigrationList(wanted)


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
