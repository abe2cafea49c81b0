"""What people ask of the rules: other thresholds here and there, and quiet for a while."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row, tuple_row
from psycopg.types.json import Jsonb

from ingest.store import sql
from rules.handling.case import Hush, HushKind
from rules.override import Override, Overrides

Q = sql.load("ingest.store", "queries.sql")
Connection = AsyncConnection[Any]


async def load_overrides(connection: Connection) -> Overrides:
    """Read every override."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(Q["overrides"])).fetchall()
    return Overrides.of(Override(**row) for row in rows)


async def save_override(connection: Connection, override: Override) -> None:
    """Set one parameter for one scope, and tell ingest; `rules.override.check` says whether it can be."""
    await connection.execute(
        Q["put_override"],
        {
            "rule": override.rule,
            "scope": override.scope,
            "param": override.param,
            "value": Jsonb(override.value),
            "author": override.author,
            "reason": override.reason,
        },
    )
    await connection.execute(Q["notify_registry"])


async def drop_override(connection: Connection, rule: str, scope: str, param: str) -> bool:
    """Go back to the next wider scope's value, and tell ingest; False where there was none."""
    cursor = await connection.execute(Q["drop_override"], {"rule": rule, "scope": scope, "param": param})
    await connection.execute(Q["notify_registry"])
    return cursor.rowcount > 0


async def load_hushes(connection: Connection) -> tuple[Hush, ...]:
    """Read the silences, maintenance windows, tests and drills that may still matter."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(Q["hushes"])).fetchall()
    return tuple(Hush(**{**row, "kind": HushKind(row["kind"]), "codes": tuple(row["codes"])}) for row in rows)


async def save_hush(
    connection: Connection,
    *,
    kind: HushKind,
    scope: str,
    author: str,
    reason: str,
    starts_at: datetime,
    ends_at: datetime,
    codes: tuple[str, ...] = (),
    life_safety: bool = False,
) -> int:
    """Ask for quiet, by somebody, for a reason, until a time; answers its number."""
    cursor = await connection.cursor(row_factory=tuple_row).execute(
        Q["put_hush"],
        {
            "kind": kind,
            "scope": scope,
            "codes": list(codes),
            "life_safety": life_safety,
            "author": author,
            "reason": reason,
            "starts_at": starts_at,
            "ends_at": ends_at,
        },
    )
    await connection.execute(Q["notify_registry"])
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def end_hush(connection: Connection, number: int, *, by: str, reason: str) -> bool:
    """End a silence before its time; False where it has ended already."""
    cursor = await connection.execute(Q["end_hush"], {"id": number, "by": by, "reason": reason})
    await connection.execute(Q["notify_registry"])
    return await cursor.fetchone() is not None


async def save_lateness(connection: Connection, estate: str, seconds: float | None) -> None:
    """Set how long an estate's messages may be under way, and tell ingest."""
    await connection.execute(Q["put_lateness"], {"estate": estate, "seconds": seconds})
    await connection.execute(Q["notify_registry"])
