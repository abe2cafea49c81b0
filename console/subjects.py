"""What people may ask of whoever holds their data: access, copy, correction, deletion, consent taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, LiteralString

from console import accounts
from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from devices.errors import Conflict, NotFound
from ingest.clock import system_clock
from ingest.store import personal
from ingest.store.sql import load
from ingest.store.sweeping import prove
from ingest.vault import Vault

SQL: Final = load("console.store", "privacy.sql")
WITHIN: Final = timedelta(days=15)
"""To answer a request (个保法 art. 50: in time; fifteen days as the app rules have it)."""
ERASES: Final[Mapping[str, LiteralString]] = MappingProxyType(
    {"contact": SQL["erase_contact"], "position": SQL["erase_position"]}
)
"""What goes when consent to a purpose is withdrawn."""


async def ask(connection: Connection, caller: Caller, kind: str, person: str, note: str) -> dict[str, Any]:
    """Take a request.

    Raises NotFound outside the caller's places.
    """
    await _seen(connection, caller, person)
    row = {"kind": kind, "person": person, "note": note, "by": caller.name, "within": WITHIN}
    number: int = (await fetch_one(connection, SQL["add_request"], row))["id"]
    await accounts.note(connection, caller, "request.ask", person, {"request": number, "kind": kind})
    return await _request(connection, caller, number)


async def answer(
    connection: Connection, caller: Caller, number: int, *, state: str, words: str
) -> dict[str, Any]:
    """Close a request; a deletion that is done erases the person in the same transaction.

    Raises NotFound outside the caller's places, Conflict where it is closed or a case is still open.
    """
    row = await fetch(connection, SQL["lock_request"], {"id": number, "scope": caller.scope})
    if row is None:
        raise NotFound("request", str(number))
    if row["state"] != "open":
        raise Conflict("the request is answered already")
    if row["kind"] == "delete" and state == "done":
        await _erase(connection, row["person"])
    about = {"id": number, "state": state, "answer": words, "by": caller.name}
    await connection.execute(SQL["answer_request"], about)
    await accounts.note(
        connection, caller, "request.answer", row["person"], {"request": number, "state": state}
    )
    return await _request(connection, caller, number)


async def copy(connection: Connection, caller: Caller, vault: Vault, number: int) -> dict[str, Any]:
    """Answer everything that is stored about whoever asked, the look on record first.

    Raises NotFound outside the caller's places, Conflict where nobody asked for a copy.
    """
    row = await fetch(connection, SQL["lock_request"], {"id": number, "scope": caller.scope})
    if row is None:
        raise NotFound("request", str(number))
    if row["kind"] not in ("access", "copy") or row["state"] != "open":
        raise Conflict("a copy is made for an open request for access or a copy")
    await accounts.note(connection, caller, "request.copy", row["person"], {"request": number})
    body: dict[str, Any] = (await fetch_one(connection, SQL["copy"], {"person": row["person"]}))["body"]
    subject = personal.person(row["person"])
    return {**body, "sealed": (await personal.unseal(connection, vault, [subject])).get(subject, {})}


async def consent(
    connection: Connection, caller: Caller, person: str, wish: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Write a consent down, a new version each time.

    Raises NotFound outside the caller's places.
    """
    await _seen(connection, caller, person)
    await connection.execute(SQL["add_consent"], {**wish, "person": person, "by": caller.name})
    await accounts.note(connection, caller, "consent.give", person, {"purpose": wish["purpose"]})
    return await consents(connection, caller, person)


async def withdraw(connection: Connection, caller: Caller, person: str, purpose: str) -> list[dict[str, Any]]:
    """Take consent back; what it allowed is erased within a minute (console/privacy.py), a day at most.

    Raises NotFound outside the caller's places, Conflict where there is nothing to take back.
    """
    await _seen(connection, caller, person)
    about = {"person": person, "purpose": purpose, "by": caller.name}
    if await fetch(connection, SQL["withdraw"], about) is None:
        raise Conflict("there is no consent to take back")
    await accounts.note(connection, caller, "consent.withdraw", person, {"purpose": purpose})
    return await consents(connection, caller, person)


async def consents(connection: Connection, caller: Caller, person: str) -> list[dict[str, Any]]:
    """Answer a person's consents, newest first.

    Raises NotFound outside the caller's places.
    """
    await _seen(connection, caller, person)
    about = {"person": person, "scope": caller.scope}
    return [row["body"] for row in await (await connection.execute(SQL["consents"], about)).fetchall()]


async def erase_withdrawn(connection: Connection) -> int:
    """Erase what withdrawn consents allowed, with a proof each; answers how many."""
    rows = await (await connection.execute(SQL["to_erase"])).fetchall()
    for row in rows:
        if not (await fetch_one(connection, SQL["given_anew"], row))["anew"]:
            await _proven(connection, f"consent.{row['purpose']}", ERASES[row["purpose"]], row["person"])
        await connection.execute(SQL["erased"], row)
    return len(rows)


async def _erase(connection: Connection, person: str) -> None:
    held = await fetch(connection, SQL["at_work"], {"person": person})
    if held is not None:
        raise Conflict(f"the case {held['case_code']} is still open: delete after its close")
    for query in (*ERASES.values(), SQL["erase_person"]):
        await _proven(connection, "request.delete", query, person)


async def _proven(connection: Connection, class_: str, query: LiteralString, person: str) -> None:
    gone = await fetch_one(connection, query, {"person": person})
    if gone["rows"]:
        await prove(
            connection, class_, person, before=system_clock(), rows=gone["rows"], digest=gone["digest"]
        )


async def _request(connection: Connection, caller: Caller, number: int) -> dict[str, Any]:
    about = {"id": number, "scope": caller.scope, "state": None, "before": None, "limit": 1}
    body: dict[str, Any] = (await fetch_one(connection, SQL["requests"], about))["body"]
    return body


async def _seen(connection: Connection, caller: Caller, person: str) -> None:
    if await fetch(connection, SQL["seen_person"], {"person": person, "scope": caller.scope}) is None:
        raise NotFound("person", person)
