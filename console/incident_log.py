"""The record of a case: one row for each move, numbered without gaps, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from console.auth import Caller
from console.database import Connection
from console.incidents import SQL
from rules.incident import State


async def write_log(
    connection: Connection,
    caller: Caller,
    incident_id: int,
    *,
    action: str,
    before: State | str | None,
    after: State | str,
    reason: str = "",
    detail: Mapping[str, Any],
) -> None:
    """Write one row; the incident is locked by whoever calls."""
    row = {
        "id": incident_id,
        "action": action,
        "actor": caller.name,
        "from_state": before,
        "to_state": after,
        "reason": reason,
        "detail": Jsonb(dict(detail)),
        "source": caller.source,
    }
    await connection.execute(SQL["log_incident"], row)
