"""Sealed fields in the schema `personal`: written, opened, forgotten, put under another key.

A subject is `person:<id>`, `incident:<id>` or `organ:<id>`; its fields are `phone`, `name` (family),
`contact.<channel>`, `reporter`, `reporter_phone`, `officer.<n>` and `badge.<n>`. Beside each stands the
masked form, so that pages need no key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from ingest.store import sql
from ingest.vault import Vault, key_name, masked

Q: Final = sql.load("ingest.store", "personal.sql")


def person(id_: str) -> str:
    """Name somebody as the subject of sealed fields."""
    return f"person:{id_}"


def incident(id_: int) -> str:
    """Name a case as the subject of sealed fields: who reported it."""
    return f"incident:{id_}"


def organ(id_: int) -> str:
    """Name a state organ's request as the subject of sealed fields: the officers who came."""
    return f"organ:{id_}"


async def put(
    connection: AsyncConnection[Any],
    vault: Vault,
    subject: str,
    fields: Mapping[str, str | None],
    *,
    keep: bool = False,
) -> None:
    """Seal fields in the caller's transaction, forgetting those that are None; `keep` leaves old ones."""
    for field, text in fields.items():
        if text is None:
            if not keep:
                await connection.execute(Q["forget"], {"subject": subject, "field": field})
            continue
        row = sealed_row(vault, subject, field, text)
        await connection.execute(Q["put_new" if keep else "put"], row)


def sealed_row(vault: Vault, subject: str, field: str, text: str) -> dict[str, Any]:
    """Seal one field as a row of `personal.fields`."""
    sealed = vault.seal(text, f"{subject}/{field}")
    return {
        "subject": subject,
        "field": field,
        "sealed": sealed,
        "shown": masked(text),
        "key": key_name(sealed),
    }


async def unseal(
    connection: AsyncConnection[Any], vault: Vault, subjects: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Answer the fields of these subjects in plain text; whoever calls writes down why, before."""
    answer: dict[str, dict[str, str]] = {}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(Q["sealed"], {"subjects": list(subjects)})
        for row in await cursor.fetchall():
            text = vault.unseal(bytes(row["sealed"]), f"{row['subject']}/{row['field']}")
            answer.setdefault(row["subject"], {})[row["field"]] = text
    return answer


async def shown(connection: AsyncConnection[Any], subject: str) -> dict[str, str]:
    """Answer the masked forms of a subject's fields."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(Q["shown"], {"subject": subject})
        return {row["field"]: row["shown"] for row in await cursor.fetchall()}


async def seal_plain(connection: AsyncConnection[Any], vault: Vault) -> int:
    """Seal what an older version left in plain text, in the caller's transaction; answers how many fields.

    What is sealed already is newer and stays.
    """
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(Q["plain"])).fetchall()
        if not rows:
            return 0
        made = [sealed_row(vault, row["subject"], row["field"], row["text"]) for row in rows]
        await cursor.executemany(Q["put_new"], made)
        await cursor.execute(Q["mask_names"])
    return len(rows)


async def rewrap(connection: AsyncConnection[Any], vault: Vault) -> int:
    """Put up to 500 fields under the sealing key, in the caller's transaction; answers how many; 0: done."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(Q["under_old_keys"], {"key": vault.first})).fetchall()
        made = [{**row, "sealed": vault.rewrap(bytes(row["sealed"])), "key": vault.first} for row in rows]
        await cursor.executemany(Q["rewrap"], made)
    return len(made)
