"""The platform's parts as the database knows them: tests connect with the rights of the part they test."""

from __future__ import annotations

import secrets
from typing import Final, LiteralString

import psycopg
from psycopg import sql

from ingest.store.roles import GRANTS, address, group

PASSWORD: Final = secrets.token_urlsafe(12)


def as_part(database: str, part: str) -> str:
    """The database as one part of the platform may use it, and no more."""
    return address(database, f"test_{part}", PASSWORD)


def make_parts(owner_url: str) -> None:
    """Make an account for every part, good for all databases of this run."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for part in GRANTS.parts:
            names = (sql.Identifier(f"test_{part}"), sql.Literal(PASSWORD), sql.Identifier(group(part)))
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE {}").format(*names))


REACHABLE: LiteralString = """
INSERT INTO personal.fields (subject, field, sealed, shown, key)
SELECT 'person:' || id, 'phone', '', '139****0001', '' FROM people ON CONFLICT DO NOTHING;
"""
"""Everybody has a phone, as far as asking goes; nobody can be called by it."""
