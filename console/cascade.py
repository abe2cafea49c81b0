"""What crosses a link into this centre: moves of cases below, words of the centre above (ADR 022)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from console import accounts, feed
from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from console.deliver_schemas import CascadeCase, CascadeMove, CascadeOrder, CascadeStep
from console.duty.letters import Page, Words, tell
from console.duty.timers import SQL as DUTY
from console.incident_actions import note
from console.problems import Beaten, Invalid
from devices.errors import NotFound
from ingest.deliver.cascade import DOWNWARDS, source
from ingest.deliver.endpoint import Cascade
from ingest.store.sql import load
from rules.incident import OVER, State

SQL: Final = load("ingest.store", "cascade.sql")
_INCIDENTS: Final = load("console.store", "incidents.sql")
_WORDS: Final[Mapping[str, Words]] = {
    "urge": ("上级催办", "The centre above urges"),
    "supervise": ("上级督办", "Under supervision by the centre above"),
    "send_back": ("上级退回", "Sent back by the centre above"),
}


async def take(connection: Connection, link: str, settings: Cascade, wish: CascadeMove) -> dict[str, Any]:
    """Write a move down, once; answers where it stands here."""
    if wish.case is None or wish.move is None:
        return {"incident_id": None, "seq": None, "known": True}
    about = {"link": link, "case_code": wish.case.case_code}
    await connection.execute(SQL["lock_case"], about)
    known = await fetch(connection, SQL["known_case"], about)
    if known is None:
        if settings.direction == "up":
            raise NotFound("case", wish.case.case_code)
        known = await _mirror(connection, link, settings, wish.case)
    row = {**about, "incident_id": known["incident_id"], "remote_seq": wish.move.seq}
    written = await fetch(connection, SQL["new_move"], row)
    if written is None:
        return {"incident_id": known["incident_id"], "seq": None, "known": True}
    await _follow(connection, known, wish.case, wish.move, row={**row, "seq": written["seq"]})
    await feed.publish(connection, incidents=[known["incident_id"]])
    return {"incident_id": known["incident_id"], "seq": written["seq"], "known": False}


async def _follow(
    connection: Connection, known: DictRow, case: CascadeCase, move: CascadeStep, *, row: dict[str, Any]
) -> None:
    """Put the row on our record; a copy follows its original, an original stays where its people are."""
    if not known["mirrored"] and move.action not in DOWNWARDS:
        raise Invalid({"action": f"from above come {', '.join(DOWNWARDS)}"})
    follows = known["mirrored"] and move.seq > known["state_seq"]
    after, link = move.to if follows else known["state"], row["link"]
    told = {
        **row,
        "action": move.action,
        "actor": f"{move.actor}@{link}"[:200],
        "from_state": known["state"],
        "to_state": after,
        "reason": move.reason,
        "detail": Jsonb({"link": link, "remote_seq": move.seq, "remote_at": move.at.isoformat()}),
        "source": source(link),
    }
    await connection.execute(SQL["note_move"], told)
    if follows:
        moved = {**row, "state": after, "outcome": case.outcome, "over": move.to in OVER}
        await connection.execute(SQL["follow_state"], moved)
        await connection.execute(SQL["followed"], row)
    else:
        heeded = await fetch_one(connection, SQL["heed_above"], {**row, "action": move.action})
        if not known["mirrored"]:
            await _tell(connection, row, move, now=heeded["now"])


async def _tell(connection: Connection, row: dict[str, Any], move: CascadeStep, *, now: datetime) -> None:
    """Let the shift leader know what the centre above says; it stands on the record already."""
    incident = await fetch_one(connection, DUTY["incident"], {"id": row["incident_id"]})
    if State(incident["state"]) in OVER:
        return
    page = Page(
        about=incident,
        template="clock",
        note=_WORDS[move.action],
        key=f"above/{row['link']}/{row['case_code']}/{row['remote_seq']}",
        incident_id=row["incident_id"],
    )
    await tell(connection, ("SL",), page, now=now)


async def _mirror(connection: Connection, link: str, settings: Cascade, case: CascadeCase) -> DictRow:
    """Open our copy of a case of theirs."""
    where = {"estate": case.estate, "fallback": settings.place or ""}
    place = await fetch(connection, SQL["place_for"], where)
    if place is None:
        raise Invalid({"estate": f"we have no place {case.estate!r}: name one in the link's settings"})
    taken = await fetch(connection, SQL["taken_code"], {"case_code": case.case_code})
    row = {
        **case.model_dump(
            include={"severity", "code", "lead_org", "opened_at", "drill", "kind", "title", "source"}
        ),
        "local_code": case.case_code if taken is None else f"{case.case_code}@{link}",
        "state": case.state,
        "place": place["code"],
        "by": source(link),
    }
    number = (await fetch_one(connection, SQL["mirror_case"], row))["id"]
    about = {"link": link, "case_code": case.case_code, "incident_id": number}
    await connection.execute(SQL["tie_case"], about)
    return await fetch_one(connection, SQL["known_case"], about)


async def order(
    connection: Connection, caller: Caller, incident_id: int, wish: CascadeOrder
) -> list[dict[str, Any]]:
    """Urge, supervise or send back a case of the centre below; answers its ties.

    Raises NotFound outside the caller's places, Beaten where the case is our own or over.
    """
    about = {"id": incident_id, "scope": caller.scope, "incident_id": incident_id}
    if await fetch(connection, _INCIDENTS["lock_incident"], about) is None:
        raise NotFound("incident", str(incident_id))
    incident = await fetch_one(connection, _INCIDENTS["locked_incident"], about)
    ties = await (await connection.execute(SQL["links_of"], about)).fetchall()
    if not any(tie["mirrored"] for tie in ties):
        raise Beaten("this case is our own: use its actions", legal=(), last=None)
    if incident["closed_at"] is not None:
        raise Beaten("this case is closed there", legal=(), last=None)
    await note(connection, caller, incident, action=wish.action, reason=wish.reason)
    await accounts.audit(
        connection, caller.name, f"cascade.{wish.action}", incident["case_code"], source=caller.source
    )
    await feed.publish(connection, incidents=[incident_id])
    return ties
