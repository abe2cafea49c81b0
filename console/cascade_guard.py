"""A case that another centre keeps is moved there; here it can only be urged, supervised, sent back."""

from __future__ import annotations

from typing import Final

from console.database import Connection, fetch
from console.problems import Beaten
from ingest.store.sql import load
from rules.incident import Action

SQL: Final = load("ingest.store", "cascade.sql")
_OURS: Final = frozenset({Action.URGE, Action.SUPERVISE})


async def guard(connection: Connection, incident_id: int, action: Action) -> None:
    """Raise Beaten where the case is the copy of another centre's and the action is that centre's."""
    if action in _OURS:
        return
    if await fetch(connection, SQL["is_mirrored"], {"incident_id": incident_id}) is not None:
        raise Beaten(
            f"this case is moved by the centre below: {action} is theirs; urge, supervise or send it back",
            legal=("urge", "supervise"),
            last=None,
        )
