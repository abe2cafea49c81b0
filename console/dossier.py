"""A case's dossier as the database keeps it: read, and compared with the tables it was made from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from console.auth import Caller
from console.database import Connection, Database, fetch
from devices.errors import NotFound
from ingest.store.sql import load
from rules.chain import Entry, Finding, Flaw, check

SQL: Final = load("console.store", "dossier.sql")
_STAYS: Final = frozenset({"move", "order", "alert"})
"""What is never deleted; events go with their retention, and the dossier keeps them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """Which case a dossier is about."""

    id: int
    code: str
    kind: str
    path: tuple[Mapping[str, Any], ...]
    closed: bool


async def find_case(
    connection: Connection, scope: str | None, *, number: int | None = None, code: str | None = None
) -> Case:
    """Answer a case by its number or its code.

    Raises NotFound outside the caller's places.
    """
    about = {"id": number, "case_code": code, "scope": scope}
    row = await fetch(connection, SQL["case"], about)
    if row is None:
        raise NotFound("incident", code or str(number))
    path = await (await connection.execute(SQL["names"], {"id": row["id"]})).fetchall()
    return Case(
        id=row["id"],
        code=row["case_code"],
        kind=row["code"],
        path=tuple(path),
        closed=row["closed_at"] is not None,
    )


async def read_chain(connection: Connection, case: Case) -> tuple[Entry, ...]:
    """Complete the chain with the events it lacks, and answer it."""
    await connection.execute(SQL["gather"], {"id": case.id})
    rows = await (await connection.execute(SQL["entries"], {"id": case.id})).fetchall()
    return tuple(Entry(**{**row, "body": exact(row["body"])}) for row in rows)


async def note_view(database: Database, caller: Caller, incident_id: int) -> None:
    """Put on record that somebody looked at a case."""

    async def work(connection: Connection) -> None:
        row = {"id": incident_id, "actor": caller.name, "source": caller.source}
        await connection.execute(SQL["note_view"], row)

    await database.write(work)


async def check_case(
    connection: Connection, case: Case, entries: Sequence[Entry] | None = None
) -> tuple[Finding, ...]:
    """Follow the chain, and compare it with what the tables say now."""
    if entries is None:
        entries = await read_chain(connection, case)
    rows = await (await connection.execute(SQL["sources"], {"id": case.id})).fetchall()
    sources = {(row["kind"], row["ref"]): exact(row["body"]) for row in rows}
    return (*check(case.id, entries), *_compared(entries, sources))


def exact(text: str) -> Any:
    """Read JSON with its numbers digit by digit, as they were hashed."""
    return json.loads(text, parse_float=Decimal)


def _compared(
    entries: Sequence[Entry], sources: Mapping[tuple[str, str], Mapping[str, Any]]
) -> Iterator[Finding]:
    newest = {(entry.kind, entry.ref): entry for entry in entries}
    for key, entry in newest.items():
        now = sources.get(key)
        if now is None and entry.kind in _STAYS:
            about = f"{entry.name}: the row it recorded is gone"
            yield Finding(seq=entry.seq, flaw=Flaw.SOURCE, about=about)
        elif now is not None and now != entry.body:
            changed = sorted(name for name in {*now, *entry.body} if now.get(name) != entry.body.get(name))
            about = f"{entry.name}: the table says something else now ({', '.join(changed)})"
            yield Finding(seq=entry.seq, flaw=Flaw.SOURCE, about=about)
    for kind, ref in sources.keys() - newest.keys():
        yield Finding(seq=0, flaw=Flaw.UNRECORDED, about=f"{kind} {ref} stands in its table but in no entry")
