"""Deletion with proof: what went, how much, up to when, its digest; each proof seals the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from ingest.clock import system_clock
from ingest.store.sql import load

Q: Final = load("ingest.store", "retention.sql")


class Kept(Protocol):
    """What sweeping must know of a class of data (ingest/retention.py)."""

    @property
    def name(self) -> str:
        """The hypertable, or the query's name."""

    @property
    def chunks(self) -> bool:
        """Whether whole chunks go."""

    @property
    def proof(self) -> bool:
        """Whether anybody would ask for a proof."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proven:
    """What checking the proofs found; `head` is the newest proof's hash."""

    proofs: int
    rows: int
    head: str | None
    findings: tuple[str, ...]


async def sweep(
    connection: AsyncConnection[Any], classes: Iterable[Kept], keep: Mapping[str, timedelta]
) -> dict[str, int]:
    """Delete what is past its time, each piece with its proof in one transaction; answers rows by class."""
    gone: dict[str, int] = {}
    for one in classes:
        work = _sweep_chunks if one.chunks else _sweep_rows
        gone[one.name] = await work(connection, one, keep[one.name])
    return gone


async def prove(
    connection: AsyncConnection[Any], class_: str, what: str, *, before: datetime, rows: int, digest: str
) -> None:
    """Write the proof of a deletion down, in its transaction."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(Q["lock_proofs"])
        last = await (await cursor.execute(Q["last_proof"])).fetchone()
        facts = {
            "at": system_clock().isoformat(),
            "class": class_,
            "what": what,
            "before": before.astimezone(UTC).isoformat(),
            "rows": rows,
            "digest": digest,
        }
        await cursor.execute(
            Q["add_proof"], {**facts, "hash": proof_hash(last["hash"] if last else None, facts)}
        )


def proof_hash(previous: str | None, facts: Mapping[str, Any]) -> str:
    """Seal a proof and the one before it."""
    return hashlib.sha256(json.dumps([previous, facts], sort_keys=True).encode()).hexdigest()


async def check_proofs(connection: AsyncConnection[Any]) -> Proven:
    """Walk every proof of a deletion and say which one does not follow from the one before.

    Proofs cut off at the end leave no trace in this chain: their hashes stand in the sealed audit log
    (`anchor`), and what stands there must be here.
    """
    previous: str | None = None
    anchors = {row["id"]: row for row in await _anchors(connection)}
    proofs = rows = 0
    findings: list[str] = []
    async with connection.cursor(row_factory=dict_row) as cursor:
        async for row in cursor.stream(Q["proofs"]):
            facts = {**row, "before": row["before"].astimezone(UTC).isoformat()}
            number, sealed = facts.pop("id"), facts.pop("hash")
            if sealed != proof_hash(previous, facts):
                why = "it was changed, or one before it was changed or removed"
                findings.append(f"proof {number} of {row['at']} ({row['class']}): {why}")
            if number in anchors and anchors[number]["hash"] == sealed:
                del anchors[number]
            previous, proofs, rows = sealed, proofs + 1, rows + row["rows"]
    findings += [
        f"proof {number} is not the one that the audit log holds since {kept['at'].isoformat()}"
        for number, kept in anchors.items()
    ]
    return Proven(proofs=proofs, rows=rows, head=previous, findings=tuple(findings))


async def anchor(connection: AsyncConnection[Any]) -> str | None:
    """Write the newest proof's hash into the audit log, which is sealed and exported signed; once each."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        row = await (await cursor.execute(Q["unanchored"])).fetchone()
        if row is None:
            return None
        await cursor.execute(Q["add_anchor"], row)
        return str(row["hash"])


async def _anchors(connection: AsyncConnection[Any]) -> list[DictRow]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(Q["anchors"])).fetchall()


async def _sweep_rows(connection: AsyncConnection[Any], one: Kept, keep: timedelta) -> int:
    async with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        row = await (await cursor.execute(Q[f"sweep_{one.name}"], {"keep": keep})).fetchone()
        count: int = row["rows"] if row else 0
        if row and count and one.proof:
            await prove(
                connection, one.name, "rows", before=system_clock() - keep, rows=count, digest=row["digest"]
            )
        return count


async def _sweep_chunks(connection: AsyncConnection[Any], one: Kept, keep: timedelta) -> int:
    count = 0
    async with connection.cursor(row_factory=dict_row) as cursor:
        about = {"table": one.name, "keep": keep}
        chunks = await (await cursor.execute(Q["old_chunks"], about)).fetchall()
        for chunk in chunks:
            if chunk["held"] == 0:
                count += await _drop(connection, one.name, chunk)
    return count


async def _drop(connection: AsyncConnection[Any], table: str, chunk: DictRow) -> int:
    async with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        row = await (await cursor.execute(Q["retire_chunk"], {**chunk, "table": table})).fetchone()
        count: int = row["rows"] if row else 0
        what = f"chunk from {chunk['first'].isoformat()}"
        digest = row["digest"] if row else "0"
        await prove(connection, table, what, before=chunk["last"], rows=count, digest=digest)
        return count
