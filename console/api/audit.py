"""Who did what: the record, for the audit administrator alone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from console import accounts, auditing
from console.access import Data
from console.auth import Me
from console.database import Connection
from console.paging import Cursor, Limit, after, page
from console.schemas import AuditRow, AuditVerdict, Page

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
        told = {name: value for name, value in filters.items() if value is not None}

        async def note(connection: Connection) -> None:
            await accounts.audit(
                connection, caller.name, "audit.read", "audit_log", detail=told, source=caller.source
            )

        await database.write(note)
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
