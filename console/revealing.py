"""Personal data in full, for one person, one reason and a short while; the row of the record comes first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from console import accounts
from console.auth import Caller
from console.database import Connection, fetch
from console.incidents import SQL
from devices.errors import NotFound
from ingest.store import personal
from ingest.vault import Vault

SHOWN_FOR: Final = timedelta(minutes=2)
"""After this a page hides again what it was told."""


async def reveal_who_reported(
    connection: Connection, caller: Caller, vault: Vault, incident_id: int, reason: str | None
) -> dict[str, Any]:
    """Answer who reported a case and how to call back.

    Raises NotFound outside the caller's places.
    """
    row = await fetch(connection, SQL["reporter"], {"id": incident_id, "scope": caller.scope})
    if row is None:
        raise NotFound("incident", str(incident_id))
    await accounts.audit(
        connection,
        caller.name,
        "incident.reporter",
        row["case_code"],
        detail={"reason": reason or row["case_code"]},
        source=caller.source,
    )
    subject = personal.incident(incident_id)
    known = (await personal.unseal(connection, vault, [subject])).get(subject, {})
    return {name: known.get(name) or row[name] for name in ("reporter", "reporter_phone")}
