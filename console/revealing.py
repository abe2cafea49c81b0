"""Personal data in full: a reveal opens one subject to one account, for a reason, for minutes.

Asking for one writes the reason down and answers a number; reading by that number is on record too, and the
server ends it, whoever reads. Rights and places are looked at each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, LiteralString

from console import accounts
from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from devices.errors import NotFound
from ingest.store import personal
from ingest.store.sql import load
from ingest.vault import Vault

SHOWN_FOR: Final = timedelta(minutes=2)
"""After this the server answers nothing more, and a page hides what it was told."""
SQL: Final = load("console.store", "reveals.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of subject: whose right it is, what the record calls it, and the query that finds it."""

    permission: str
    action: str
    seen: LiteralString  # answers `label`, and in `plain` what is kept unsealed


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "person": Kind(permission="reveal_phone", action="person.phone", seen=SQL["person"]),
        "incident": Kind(permission="show_reporter", action="incident.reporter", seen=SQL["incident"]),
        "organ": Kind(permission="reveal_officers", action="organ.officers", seen=SQL["organ"]),
        "sheet": Kind(permission="reveal_sheet", action="people.sheet", seen=SQL["sheet"]),
        "residents": Kind(permission="reveal_residents", action="alert.residents", seen=SQL["residents"]),
        "event": Kind(permission="reveal_plate", action="event.plate", seen=SQL["event"]),
    }
)


async def begin(
    connection: Connection, caller: Caller, kind: str, id_: str, reason: str | None
) -> dict[str, Any]:
    """Write down why, and answer the number that opens it for a while; no reason: the subject's own name.

    Raises NotFound outside the caller's places.
    """
    found = await fetch(connection, KINDS[kind].seen, {"id": id_, "scope": caller.scope})
    if found is None:
        raise NotFound(kind, id_)
    why = reason or found["label"]
    await accounts.note(connection, caller, KINDS[kind].action, found["label"], {"reason": why})
    about = {"who": caller.name, "subject": f"{kind}:{id_}", "reason": why, "shown": SHOWN_FOR}
    body: dict[str, Any] = (await fetch_one(connection, SQL["add"], about))["body"]
    return body


async def read(connection: Connection, caller: Caller, vault: Vault, number: int) -> dict[str, Any]:
    """Answer the fields that a reveal opens.

    Raises NotFound where it is somebody else's or over, and where right or place are gone since.
    """
    row, found = await opened(connection, caller, number)
    subject: str = row["subject"]
    sealed = (await personal.unseal(connection, vault, [subject])).get(subject, {})
    fields = {name: text for name, text in {**found["plain"], **sealed}.items() if text is not None}
    return {"fields": fields, "until": row["until"]}


async def opened(
    connection: Connection, caller: Caller, number: int, kind: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write a reading down; answers the reveal's row and its subject's. With `kind`, of that kind only.

    Raises NotFound as `read` does.
    """
    row = await fetch(connection, SQL["use"], {"id": number, "who": caller.name})
    if row is None:
        raise NotFound("reveal", str(number))
    subject: str = row["subject"]
    of, _, id_ = subject.partition(":")
    found = await fetch(connection, KINDS[of].seen, {"id": id_, "scope": caller.scope})
    if found is None or kind not in (None, of) or not caller.may(KINDS[of].permission):
        raise NotFound("reveal", str(number))
    about = {"reveal": number, "subject": subject}
    await accounts.note(connection, caller, "reveal.read", found["label"], about)
    return row, found
