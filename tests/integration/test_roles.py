"""Who may do what in the database: the table of rights is the database's."""

from __future__ import annotations

import itertools
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from ingest.retention import CLASSES
from ingest.store.migrate import migrate
from ingest.store.roles import (
    GRANTS,
    SETTING,
    Grant,
    drop_logins,
    group,
    make_logins,
    read_grants,
)

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
LATE = "2020-01-01"
FORBIDDEN: tuple[LiteralString, ...] = (
    "UPDATE audit_log SET actor = 'nobody'",
    "DELETE FROM audit_log",
    "TRUNCATE audit_log",
    "DROP TABLE audit_log",
    "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    "DELETE FROM audit_seals",
    "SELECT drop_chunks('audit_log', older_than => now())",
    "CREATE TABLE mine (a integer)",
    "CREATE TEMP TABLE mine (a integer)",
    "CREATE SCHEMA mine",
    "CREATE ROLE mine",
    "ALTER TABLE events ADD COLUMN mine integer",
    "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
)
COPY: LiteralString = "COPY rule_silences (at, estate, rule, subject, reason) FROM STDIN"
RETIRE: LiteralString = (
    "SELECT retire_chunk(%(name)s, now() - interval '2000 days', now() - %(keep)s + interval '1 minute')"
)
SWEEP: dict[str, LiteralString] = {
    "letters": "SELECT sweep_old_letters(%(keep)s - interval '1 minute')",
    "reporters": "SELECT sweep_reporters(%(keep)s - interval '1 minute')",
    "positions": "SELECT sweep_positions(%(keep)s - interval '1 minute')",
    "photos": "SELECT sweep_photos(%(keep)s - interval '1 minute')",
    "dossiers": "SELECT sweep_dossiers(%(keep)s - interval '1 minute')",
    "register": "SELECT sweep_register(%(keep)s - interval '1 minute')",
    "reveals": "SELECT sweep_reveals(%(keep)s - interval '1 minute')",
    "idempotency": "SELECT sweep_idempotency(%(keep)s - interval '1 minute')",
    "sessions": "SELECT sweep_sessions(%(keep)s - interval '1 minute')",
}


@pytest.fixture
def logins(database: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The addresses of the parts' own accounts, and none left behind."""
    yield dict(make_logins(database, tmp_path / "logins"))
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    with psycopg.connect(database, autocommit=True) as connection:
        for part in GRANTS.parts:
            connection.execute(
                psycopg.sql.SQL("DROP OWNED BY {}").format(psycopg.sql.Identifier(f"{name}_{part}"))
            )
    drop_logins(database, str(name))


def everything(connection: psycopg.Connection[tuple[str, ...]]) -> list[str]:
    """Every table and view of ours and the one sequence that is read; the migrations' own book aside."""
    rows = connection.execute(
        "SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE (c.relkind IN ('r', 'v', 'p', 'm', 'f') OR c.relname = 'feed_seq_seq') "
        "AND n.nspname IN ('public', 'personal') "
        "AND c.relname NOT LIKE '%yoyo%' "
        "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1"
    ).fetchall()
    return [name for (name,) in rows]


def test_every_table_has_its_row(database: str) -> None:
    with psycopg.connect(database) as connection:
        assert everything(connection) == sorted(GRANTS.tables)


def test_a_new_table_without_a_row_is_noticed_and_nobody_may_touch_it(
    database: str, logins: dict[str, str]
) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE brand_new (a integer)")
        assert set(everything(connection)) - set(GRANTS.tables) == {"brand_new"}
    for url in logins.values():
        with (
            psycopg.connect(url) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("SELECT FROM brand_new")


def test_roles_tables_and_verbs_are_those_of_the_table(database: str, logins: dict[str, str]) -> None:
    found = set()
    for part, url in logins.items():
        with psycopg.connect(url) as connection:
            rows = connection.execute(
                "SELECT t, v FROM unnest(%s::text[]) t CROSS JOIN unnest(%s::text[]) v "
                "WHERE has_table_privilege(t, v) OR (v NOT IN ('DELETE', 'TRUNCATE', 'TRIGGER') "
                "AND has_any_column_privilege(t, v))",
                [list(GRANTS.tables), list(VERBS)],
            ).fetchall()
        found |= {Grant(part, table, verb) for table, verb in rows}
    assert found == GRANTS.all


def test_a_right_given_by_hand_is_taken_away_and_one_that_was_lost_comes_back(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(f"GRANT DELETE ON audit_log TO {group('serve')}")
        connection.execute(f"REVOKE INSERT ON audit_log FROM {group('serve')}")
    migrate(database)
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT v FROM unnest(%s::text[]) v WHERE has_table_privilege(%s, 'audit_log', v)",
            [list(VERBS), group("serve")],
        ).fetchall()
    assert {verb for (verb,) in rows} == {"SELECT", "INSERT"}


def test_no_part_can_even_try(database: str, logins: dict[str, str]) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO audit_log (actor, action, object, success) VALUES ('a', 'b', 'c', true)"
        )
    for url, statement in itertools.product(logins.values(), FORBIDDEN):
        with (
            psycopg.connect(url) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


def test_ingest_reads_no_account_and_nothing_personal(logins: dict[str, str]) -> None:
    closed = ("users", "sessions", "api_tokens", "recovery_codes", "login_tries", "audit_log")
    seen = {g for g in GRANTS.all if g.part == "ingest" and g.table.startswith("personal.")}
    assert {(g.table, g.verb) for g in seen} == {("personal.cared", "SELECT")}  # opaque references
    assert not {g for g in GRANTS.all if g.part == "ingest" and g.table in closed}
    for table in ("users", "personal.fields", "audit_log"):
        with (
            psycopg.connect(logins["ingest"]) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(f"SELECT FROM {table}")


def test_the_audit_account_reads_the_record_and_no_business() -> None:
    rights = {g for g in GRANTS.all if g.part == "audit"}
    assert {(g.table, g.verb) for g in rights} == {
        (table, "SELECT") for table in ("audit_log", "audit_seals", "retention_proofs")
    }


def test_rows_go_into_new_chunks_and_old_chunks_go_by_ingests_account(logins: dict[str, str]) -> None:
    with psycopg.connect(logins["ingest"], autocommit=True) as connection:
        with connection.cursor().copy(
            "COPY rule_silences (at, estate, rule, subject, reason) FROM STDIN"
        ) as to:
            to.write_row((LATE, "e", "r", "s", "x"))
        gone = connection.execute(
            "SELECT rows FROM retire_chunk('rule_silences', '2019-12-01', '2020-02-01')"
        ).fetchone()
        assert gone == (1,)
        assert connection.execute("SELECT count(*) FROM alert_occurrences").fetchone() == (0,)


def test_retention_takes_nothing_younger_than_its_floor(database: str, logins: dict[str, str]) -> None:
    for one in CLASSES:
        if one.name in ("feed", "quarantine"):  # ingest's own
            continue
        with psycopg.connect(database) as connection:
            floor = connection.execute("SELECT retention_floor(%s) = %s", [one.name, timedelta(one.least)])
            assert floor.fetchone() == (True,), one.name
        young = RETIRE if one.chunks else SWEEP[one.name]
        with (
            psycopg.connect(logins["ingest"]) as connection,
            pytest.raises(psycopg.errors.RaiseException, match=rf"of {one.name} nothing goes"),
        ):
            connection.execute(young, {"name": one.name, "keep": timedelta(one.least)})


def test_only_ingest_retires(logins: dict[str, str]) -> None:
    for part in ("serve", "duty", "deliver", "audit"):
        with (
            psycopg.connect(logins[part]) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("SELECT retire_chunk('audit_log', '2010-01-01', '2011-01-01')")


def test_an_account_opens_its_own_database_only(database: str, logins: dict[str, str]) -> None:
    with psycopg.connect(database) as connection:
        name = connection.info.dbname
        rows = connection.execute(
            "SELECT has_database_privilege(r.rolname, %s, 'CONNECT') FROM pg_roles r "
            "WHERE r.rolname LIKE 'shequ_part_%%'",
            [name],
        ).fetchall()
    assert set(rows) == {(False,)}  # another database's accounts are members of the same groups
    assert len(logins) == len(GRANTS.parts)


def test_passwords_are_made_once_into_files_for_their_owner(
    database: str, logins: dict[str, str], tmp_path: Path
) -> None:
    files = sorted((tmp_path / "logins").iterdir())
    assert [file.name for file in files] == sorted(f"{part}.env" for part in GRANTS.parts)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert len({psycopg.conninfo.conninfo_to_dict(url)["password"] for url in logins.values()}) == len(logins)
    assert (tmp_path / "logins" / "duty.env").read_text() == f"{SETTING}={logins['duty']}\n"
    assert make_logins(database, tmp_path / "logins") == logins


def test_a_row_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="'users sx' is no row of ingest"):
        read_grants("table ingest\nusers sx\n")
