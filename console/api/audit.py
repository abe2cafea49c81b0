"""Who did what, and what was deleted: the record, for the audit administrator alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from console import accounts, auditing
from console.access import Data
from console.auth import Caller, Me
from console.database import Connection, Database
from console.paging import Cursor, Limit, after, page
from console.privacy_schemas import DeletionProof, DeletionVerdict
from console.schemas import AuditRow, AuditVerdict, Page
from ingest.store import sweeping

router = APIRouter(prefix="/api/audit", tags=["audit"])

Word = Annotated[str | None, Query(max_length=200)]


@router.get("", response_model=Page[AuditRow])
async def audit_rows(
    database: Data,
    caller: Me,
    actor: Word = None,
    action: Word = None,
    object: Word = None,  # noqa: A002 - the column's name on the wire
    *,
    success: bool | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List what was done, newest first; looking is recorded as well."""
    at, number = after(cursor, datetime, int)
    filters = {"actor": actor, "action": action, "object": object, "success": success}
    wanted = {
        **filters,
        "since": since,
        "until": until,
        "after_at": at,
        "after_id": number,
        "limit": limit + 1,
    }
    found = page(await database.rows(auditing.SQL["audit"], wanted), limit, "at", "id")
    if cursor is None:
        await _note(database, caller, "audit_log", filters)
    return found


@router.get("/verdict", response_model=AuditVerdict)
async def verify_audit(database: Data) -> dict[str, Any]:
    """Verify the whole record now."""
    verdict = await database.write(auditing.verify)
    return {
        "seals": verdict.seals,
        "rows": verdict.rows,
        "unsealed": verdict.unsealed,
        "head": verdict.head.hash.hex() if verdict.head else None,
        "sealed_at": verdict.head.sealed_at.isoformat() if verdict.head else None,
        "findings": [str(finding) for finding in verdict.findings],
    }


@router.get("/deletions", response_model=Page[DeletionProof])
async def deletion_proofs(
    database: Data,
    caller: Me,
    class_: Annotated[str | None, Query(alias="class", max_length=200)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List the proofs of what was deleted, newest first."""
    (number,) = after(cursor, int)
    wanted = {"class": class_, "after": number, "limit": limit + 1}
    found = page(await database.rows(sweeping.Q["proofs_page"], wanted), limit, "id")
    if cursor is None:
        await _note(database, caller, "retention_proofs", {"class": class_})
    return found


@router.get("/deletions/verdict", response_model=DeletionVerdict)
async def verify_deletions(database: Data) -> dict[str, Any]:
    """Verify now that no proof of a deletion was changed or removed."""
    return asdict(await database.write(sweeping.check_proofs))


async def _note(database: Database, caller: Caller, what: str, filters: Mapping[str, Any]) -> None:
    told = {name: value for name, value in filters.items() if value is not None}

    async def note(connection: Connection) -> None:
        await accounts.audit(connection, caller.name, "audit.read", what, detail=told, source=caller.source)

    await database.write(note)
