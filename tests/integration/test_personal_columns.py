"""No column for personal data comes into the database without somebody having said how it is kept."""

from __future__ import annotations

import re
from typing import Final

import psycopg
import pytest

from ingest.store.sql import read

TELLING: Final = re.compile(
    r"(^|_)(phone|mobile|mail|address|reporter|caller|plate|officer|badge|holder|family|relation|recipient"
    r"|to_whom|words|payload|lat|lon|photo|face|birth|gender|resident|person_ref|id_card|display_name)($|_)"
    r"|^name$|^person$|^subject$|^stand_in$|^cares_for$"
)
"""Names that columns about people have; in the schema `personal` all that may hold text or places count."""
HOLDING: Final = ("text", "bytea", "jsonb", "ARRAY", "double precision")
COLUMNS: Final = """
SELECT CASE table_schema WHEN 'public' THEN '' ELSE table_schema || '.' END
    || table_name || '.' || column_name, table_schema, column_name, data_type
FROM information_schema.columns JOIN information_schema.tables t USING (table_schema, table_name)
WHERE t.table_type = 'BASE TABLE' AND table_schema IN ('public', 'personal') AND table_name NOT LIKE '%yoyo%'
"""
KEPT: Final = {
    "sealed": "encrypted under keys outside the database",
    "masked": "the shown form of what is sealed",
    "apart": "plain, in the schema personal: SQL computes with it, or it names nobody by itself",
    "work": "who works here, in their function: needed on every page",
    "bounded": "free text or raw data: looked at by few, goes in its time (ingest/retention.py)",
    "open": "kept without a time of its own (docs/status.md)",
    "code": "an id or code that names nobody by itself",
    "thing": "about a thing or a place, not a person",
}


def table() -> dict[str, str]:
    """How each column is kept, by its name."""
    lines = [line.split() for line in read("ingest.store", "personal_columns.txt").splitlines()]
    return {line[0]: line[1] for line in lines if line and line[0] != "#"}


@pytest.fixture
def columns(database: str) -> list[tuple[str, str, str, str]]:
    with psycopg.connect(database) as connection:
        return connection.execute(COLUMNS.encode()).fetchall()


def test_every_column_that_may_be_about_people_says_how_it_is_kept(
    columns: list[tuple[str, str, str, str]],
) -> None:
    telling = {
        full
        for full, schema, name, kind in columns
        if TELLING.search(name) or (schema == "personal" and kind in HOLDING)
    }
    assert telling - set(table()) == set(), "say in ingest/store/personal_columns.txt how they are kept"
    assert set(table()) - {full for full, *_ in columns} == set(), "no such column any more"
    assert set(table().values()) <= set(KEPT)


def test_what_is_said_of_a_column_is_so(columns: list[tuple[str, str, str, str]]) -> None:
    types = {full: (schema, kind) for full, schema, _, kind in columns}
    kept = table()
    assert [one for one, how in kept.items() if how == "sealed"] == ["personal.fields.sealed"]
    assert types["personal.fields.sealed"] == ("personal", "bytea"), "rotation (personal.sql) covers this one"
    assert [one for one, how in kept.items() if how == "apart" and types[one][0] != "personal"] == []
