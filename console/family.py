"""What a family sees of a case, by a link without an account; and what is said of the case afterwards.

The token is 32 random bytes; the database holds its SHA-256 only. It ends with the case, a day later for the
rating. The page shows steps and times: no name, no address, no device.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from typing import Any, Final

from console import accounts
from console.auth import PLATFORM, Caller
from console.case_wishes import NewLink, NewRating
from console.database import Connection, fetch, fetch_one
from console.incident_actions import act
from console.permissions import Role
from console.problems import Beaten, Invalid
from console.wishes import IncidentAction
from devices.errors import NotFound
from ingest.deliver.outbox import Channel, Letter, post
from ingest.store.sql import load
from rules.incident import Action, State

SQL: Final = load("console.store", "family.sql")
GRACE_H: Final = 24  # hours a link outlives its case
_CALLS: Final = ("SOS-", "CARE-")  # alerts about a person, whose family is told at once
_STEPS: Final = ("received", "called", "on_the_way", "arrived", "closed")


def token_hash(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


async def invite(
    connection: Connection, caller: Caller, incident_id: int, wish: NewLink, address: str
) -> tuple[dict[str, Any], str]:
    """Make a link and, where somebody is named, post it; answers its row and its address (told once).

    Raises NotFound outside the caller's places, Invalid for a case that is over or a person nobody knows.
    """
    case = await _case(connection, caller, incident_id)
    if case["closed_at"] is not None:
        raise Invalid({"incident": "the case is closed: there is no progress to follow"})
    if wish.person is not None:
        about = {"person": wish.person, "scope": caller.scope}
        if await fetch(connection, SQL["known_person"], about) is None:
            raise Invalid({"person": f"there is nobody {wish.person!r} on the lists"})
    token = secrets.token_urlsafe(32)
    row = {
        "id": incident_id,
        "token_hash": token_hash(token),
        "relation": wish.relation,
        "by": caller.name,
    }
    made = await fetch_one(connection, SQL["add_link"], row)
    url = f"{address}/family#{token}"
    sent = False
    if wish.person is not None or wish.phone is not None:
        letter = Letter(
            key=f"family-{made['id']}",
            channel=Channel.SMS,
            to=wish.phone or "",
            body={"text": f"【综治中心】您的家人已求助，处理进展请看：{url}（结案后 {GRACE_H} 小时失效）"},
            estate=case["estate"],
            incident_id=incident_id,
            person=wish.person,
            party="FAM",
            severity=1,
            drill=case["drill"],
            actor=caller.name,
        )
        sent = bool(await post(connection, [letter]))
    await accounts.audit(
        connection,
        caller.name,
        "family.invite",
        case["case_code"],
        detail={"link": made["id"], "sent": sent},
        source=caller.source,
    )
    return {"id": made["id"], "relation": wish.relation, "sent": sent}, url


async def invite_contacts(connection: Connection, caller: Caller, incident_id: int, address: str) -> int:
    """Post a link to every family contact of whoever called for help; answers to how many."""
    case = await _case(connection, caller, incident_id)
    if not case["code"].startswith(_CALLS) or case["drill"]:
        return 0
    about = {"id": incident_id, "grace_h": GRACE_H}
    contacts = await (await connection.execute(SQL["contacts"], about)).fetchall()
    for contact in contacts:
        await invite(connection, caller, incident_id, NewLink(relation="家属", person=contact["id"]), address)
    return len(contacts)


async def links(connection: Connection, caller: Caller, incident_id: int) -> dict[str, Any]:
    """Answer the links of a case and the family contacts that could get one."""
    await _case(connection, caller, incident_id)
    about = {"id": incident_id, "grace_h": GRACE_H}
    rows = await (await connection.execute(SQL["links"], about)).fetchall()
    contacts = await (await connection.execute(SQL["contacts"], about)).fetchall()
    return {"items": [_plain(row) for row in rows], "contacts": contacts}


async def revoke(connection: Connection, caller: Caller, incident_id: int, link: int) -> None:
    """Close a link at once; raises NotFound where there is none that is open."""
    about = {"id": incident_id, "link": link, "scope": caller.scope, "by": caller.name}
    if await fetch(connection, SQL["revoke_link"], about) is None:
        raise NotFound("link", str(link))
    await accounts.audit(connection, caller.name, "family.revoke", str(link), detail={}, source=caller.source)


async def progress(connection: Connection, token: str) -> dict[str, Any]:
    """Answer what the family may see; raises NotFound for a token that is not, or no longer, good."""
    link = await opened(connection, token)
    times = await fetch_one(connection, SQL["steps"], {"id": link["incident_id"]})
    rated = await fetch(connection, SQL["rating"], {"id": link["incident_id"]})
    asks = None
    if link["answered_at"] is None:
        asks = await fetch(connection, SQL["asked"], {"id": link["incident_id"]})
    return {
        "asks_until": asks["until"].isoformat() if asks else None,
        "answered": link["answer"],
        "steps": [{"step": step, "at": times[step].isoformat() if times[step] else None} for step in _STEPS],
        "closed": link["closed_at"] is not None,
        "rateable": link["state"] == State.CLOSED and rated is None,
        "rated": rated["score"] if rated else None,
    }


def resident(link: int) -> Caller:
    """Whoever holds a link, as an actor on the record."""
    name = f"link:{link}"
    return replace(PLATFORM, name=name, display_name="居民", role=Role.OPERATOR, platform=False, source="")


async def rate_by_link(connection: Connection, token: str, wish: NewRating) -> None:
    """Let a resident rate the case, once."""
    link = await opened(connection, token)
    await rate(connection, resident(link["id"]), link["incident_id"], wish, given_by="resident")


async def rate(
    connection: Connection, caller: Caller, incident_id: int, wish: NewRating, *, given_by: str = "centre"
) -> dict[str, Any]:
    """Rate a closed case once, and move it on to rated.

    Raises NotFound outside the caller's places, Beaten where it is not closed or rated already.
    """
    await _case(connection, caller, incident_id)
    case = await fetch_one(connection, SQL["lock_case"], {"id": incident_id})
    if case["state"] not in (State.CLOSED, State.RATED):
        raise Beaten("a case is rated after it was closed", legal=(), last=None)
    row = {"id": incident_id, **wish.model_dump(), "given_by": given_by, "actor": caller.name}
    if await fetch(connection, SQL["rate"], row) is None:
        raise Beaten("this case has been rated already", legal=(), last=None)
    if case["state"] == State.CLOSED:
        stars = IncidentAction(action=Action.RATE, reason=f"{wish.score}/5")
        await act(connection, caller, incident_id, stars)
    return {"score": wish.score, "words": wish.words, "given_by": given_by}


async def _case(connection: Connection, caller: Caller, incident_id: int) -> dict[str, Any]:
    case = await fetch(connection, SQL["case_of"], {"id": incident_id, "scope": caller.scope})
    if case is None:
        raise NotFound("incident", str(incident_id))
    return case


async def opened(connection: Connection, token: str) -> dict[str, Any]:
    """Answer the link of a token; raises NotFound for one that is not, or no longer, good."""
    about = {"token_hash": token_hash(token), "grace_h": GRACE_H}
    link = await fetch(connection, SQL["open_link"], about)
    if link is None:
        raise NotFound("link", "yours")
    return link


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
