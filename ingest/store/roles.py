"""Database roles: one per part of the platform, with the rights that `grants.txt` gives it and no others.

The rights stand on groups without a password (`shequ_part_<part>`), the same in every database of a
server. Each database has logins of its own (`<database>_<part>`), members of one group each; their
passwords are made here and stand in files that only their owner may read. Migrations, backups and
restores are the owner's.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, LiteralString
from urllib.parse import quote, urlencode

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict

from devices.errors import StoreError
from ingest.store.sql import load, read

VERBS: Final[Mapping[str, str]] = {"s": "SELECT", "i": "INSERT", "u": "UPDATE", "d": "DELETE"}
_KEYWORDS: Final[Mapping[str, sql.SQL]] = {
    "SELECT": sql.SQL("SELECT"),
    "INSERT": sql.SQL("INSERT"),
    "UPDATE": sql.SQL("UPDATE"),
    "DELETE": sql.SQL("DELETE"),
    "TRUNCATE": sql.SQL("TRUNCATE"),
    "REFERENCES": sql.SQL("REFERENCES"),
    "TRIGGER": sql.SQL("TRIGGER"),
    "MAINTAIN": sql.SQL("MAINTAIN"),
}
SETTING: Final = "SHEQU_DATABASE_URL"
_MADE_MEANWHILE: Final = (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation)
SCHEMAS: Final = ("public", "personal")
Q: Final = load("ingest.store", "roles.sql")


@dataclass(frozen=True, order=True, slots=True)
class Grant:
    """One line of a privilege: who may do what to which table."""

    part: str
    table: str
    verb: str


@dataclass(frozen=True, slots=True)
class Grants:
    """The tables of rights: parts and tables in the order they are written in, and every single right."""

    parts: tuple[str, ...]
    tables: tuple[str, ...]
    all: frozenset[Grant]


def read_grants(text: str) -> Grants:
    """Read tables of rights, each under a line that names its parts; raises ValueError for a bad line."""
    parts: tuple[str, ...] = ()
    every: dict[str, None] = {}
    rights: dict[str, None] = {}
    found: list[Grant] = []
    for line in (kept for raw in text.splitlines() if (kept := raw.partition("#")[0].strip())):
        table, *cells = line.split()
        if table == "table":
            parts, seen = tuple(cells), set[str]()
            every |= dict.fromkeys(parts)
            continue
        if len(cells) != len(parts) or table in seen or set("".join(cells)) - {*VERBS, "-"}:
            problem = f"grants.txt: {line!r} is no row of {', '.join(parts)}, or stands twice"
            raise ValueError(problem)
        seen.add(table)
        rights[table] = None
        found += [
            Grant(part, table, VERBS[verb])
            for part, cell in zip(parts, cells, strict=True)
            for verb in cell.replace("-", "")
        ]
    return Grants(tuple(every), tuple(rights), frozenset(found))


GRANTS: Final = read_grants(read("ingest.store", "grants.txt"))


def group(part: str) -> str:
    """The role that holds a part's rights."""
    return f"shequ_part_{part}"


def make_groups(connection: Connection[Any]) -> None:
    """Make the roles that hold the rights, where they are missing.

    Raises StoreError where the database's owner may not make roles.
    """
    for part in GRANTS.parts:
        try:
            _make_role(connection, group(part))
        except psycopg.errors.InsufficientPrivilege as exc:
            raise StoreError(
                "the account that migrates may make no roles: "
                'let an administrator of the server say ALTER ROLE "<account>" CREATEROLE'
            ) from exc


def apply_grants(connection: Connection[Any], *, revoke: bool = True) -> None:
    """Make the database follow the table: what is missing is granted, what is too much revoked if asked."""
    for part in GRANTS.parts:
        for schema in SCHEMAS:
            connection.execute(_words("GRANT USAGE ON SCHEMA {} TO {}", schema, group(part)))
    found = frozenset(
        Grant(part.removeprefix(group("")), table, verb)
        for part, table, verb in connection.execute(Q["granted"], {"groups": group("") + "%"}).fetchall()
    )
    for grant in sorted(found - GRANTS.all) if revoke else ():
        _change(connection, "REVOKE {verb} ON {table} FROM {role}", grant)
    for grant in sorted(GRANTS.all - found):
        _change(connection, "GRANT {verb} ON {table} TO {role}", grant)


def make_logins(owner_url: str, folder: Path) -> Mapping[str, str]:
    """Give every part its login for this database; answers their addresses, by part.

    A part's file, `<part>.env`, holds `SHEQU_DATABASE_URL=…` and is for its owner alone. A password that
    stands in one already stays, so that repeating this interrupts nobody. Nobody else may connect to the
    database from then on.
    """
    name = conninfo_to_dict(owner_url)["dbname"]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    urls: dict[str, str] = {}
    try:
        with psycopg.connect(owner_url) as connection:
            connection.execute(_words("REVOKE ALL ON DATABASE {} FROM PUBLIC", str(name)))
            for part in GRANTS.parts:
                file, login = folder / f"{part}.env", f"{name}_{part}"
                password = _password(file) or secrets.token_urlsafe(24)
                _make_login(connection, str(name), part, login, password)
                urls[part] = address(owner_url, login, password)
                _write(file, f"{SETTING}={urls[part]}\n")
    except psycopg.Error as exc:
        raise StoreError(f"the logins of the database cannot be made: {exc}") from exc
    return urls


def login_of(part: str, url: str, folder: Path) -> str:
    """Answer a part's address of this database; the given one where the folder is another database's.

    Raises StoreError where the folder has no file of this part.
    """
    file = folder / f"{part}.env"
    try:
        kept = file.read_text(encoding="utf-8").strip().removeprefix(f"{SETTING}=")
    except OSError as exc:
        raise StoreError(
            f"{file} cannot be read ({exc.strerror}): `shequ migrate --logins {folder}` makes it"
        ) from exc
    return kept if _where(kept) == _where(url) else url


def drop_logins(owner_url: str, name: str) -> None:
    """Remove the logins of a database that is gone."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for part in GRANTS.parts:
            connection.execute(_words("DROP ROLE IF EXISTS {}", f"{name}_{part}"))


def address(owner_url: str, login: str, password: str) -> str:
    """Write the owner's address with another account."""
    where = {k: str(v) for k, v in conninfo_to_dict(owner_url).items() if k not in ("user", "password") and v}
    name = where.pop("dbname")
    tail = urlencode(where, quote_via=quote, safe="")
    return f"postgresql://{quote(login, safe='')}:{quote(password, safe='')}@/{quote(name, safe='')}?{tail}"


def _where(url: str) -> dict[str, str]:
    """Which database an address means, whoever opens it."""
    return {k: str(v) for k, v in conninfo_to_dict(url).items() if k in ("host", "port", "dbname") and v}


def _make_login(connection: Connection[Any], database: str, part: str, login: str, password: str) -> None:
    _make_role(connection, login)
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN NOCREATEDB NOCREATEROLE PASSWORD {}").format(
            sql.Identifier(login), sql.Literal(password)
        )
    )
    connection.execute(_words("GRANT {} TO {}", group(part), login))
    connection.execute(_words("GRANT CONNECT ON DATABASE {} TO {}", database, login))


def _make_role(connection: Connection[Any], name: str) -> None:
    """Make a role without rights where it is missing; two who do so at once make it once."""
    if connection.execute(Q["has_role"], {"name": name}).fetchone() is None:
        with suppress(*_MADE_MEANWHILE), connection.transaction():
            connection.execute(_words("CREATE ROLE {}", name))


def _password(file: Path) -> str | None:
    """The password that stands in a part's file."""
    if not file.exists():
        return None
    found = conninfo_to_dict(file.read_text(encoding="utf-8").strip().removeprefix(f"{SETTING}="))
    return str(found["password"]) if found.get("password") else None


def _write(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        os.fchmod(out.fileno(), 0o600)
        out.write(text)


def _change(connection: Connection[Any], way: LiteralString, grant: Grant) -> None:
    schema, _, table = grant.table.rpartition(".")
    connection.execute(
        sql.SQL(way).format(
            verb=_KEYWORDS[grant.verb],
            table=sql.Identifier(schema or "public", table),
            role=sql.Identifier(group(grant.part)),
        )
    )


def _words(statement: LiteralString, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))
