"""Moves from the phone: each happens once, whenever it arrives, and none is lost.

A phone without network queues its moves and sends them later under keys of its own. A move that
is no longer possible then (the order went to a colleague, the case was closed) is answered with
what happened meanwhile, and stands in the case's record as a note.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from console import accounts, feed, incident_actions
from console.attachments import SQL as ATTACHMENTS
from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from console.field_orders import SQL, my_order
from console.field_schemas import OrderMove
from console.incident_log import write_log
from console.incidents import SQL as INCIDENTS
from console.organisation import SQL as PEOPLE
from console.organisation import put_position
from console.problems import Beaten, Forbidden, Invalid
from console.whistling import whistle
from console.wishes import IncidentAction
from devices.errors import Conflict, NotFound
from rules.acted import Acted, acted
from rules.field_move import ALWAYS, CASE_MOVES, NEEDS_TEXT, FieldAction
from rules.incident import OVER, State
from rules.position import Source

KEPT: Final = "kept_note"  # the action in the record of a move that came too late


@dataclass(frozen=True, kw_only=True, slots=True)
class _Move:
    """A move as it arrived."""

    order: DictRow
    wish: OrderMove
    when: Acted
    received: datetime

    def step(self) -> IncidentAction:
        """The same as the case knows it; who arrives without a position arrives where the case is."""
        wish, where = self.wish, self.wish.position
        lost = wish.action is FieldAction.ARRIVE and where is None
        return IncidentAction(
            action=CASE_MOVES.get(wish.action, wish.action),
            reason=wish.text,
            order=None if wish.action in ALWAYS else self.order["id"],
            key=wish.key,
            at=self.when.at,
            lat=where.lat if where else None,
            lon=where.lon if where else None,
            accuracy_m=where.accuracy_m if where else None,
            place=self.order["place"] if lost else None,
            attachments=tuple(wish.attachments) or None,
            hours=wish.hours,
        )

    def detail(self) -> dict[str, Any]:
        """What the record keeps of a row that is no move of the case."""
        kept = {"key", "lat", "lon", "accuracy_m", "attachments", "hours"}
        detail = self.step().model_dump(mode="json", include=kept, exclude_none=True)
        flags = {"flags": list(self.when.flags)} if self.when.flags else {}
        return {**detail, **flags, "order": self.order["id"], "acted_at": self.when.at.isoformat()}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Late:
    """Why a move was no longer possible."""

    why: str
    last: dict[str, Any] | None = None


async def move(connection: Connection, caller: Caller, order_id: int, wish: OrderMove) -> dict[str, Any]:
    """Do one move, or say what became of it before.

    Raises NotFound for an order that never was the caller's, Invalid for a move that lacks something
    or a key that was used for another one.
    """
    about = {"id": order_id, "user_name": caller.name, "scope": caller.scope}
    order = await fetch(connection, SQL["my_order"], about) or await fetch(connection, SQL["was_mine"], about)
    if order is None:
        raise NotFound("order", str(order_id))
    await connection.execute(SQL["lock_order"], about)
    key = {"actor": caller.name, "key": wish.key}
    earlier = await fetch(connection, SQL["earlier_move"], key)
    request = _fingerprint(order_id, wish)
    if earlier is not None:
        if earlier["request"] != request:
            raise Invalid({"key": "this key has been used for another move: take a new one"})
        body: dict[str, Any] = earlier["answer"]
        return body
    await _check(connection, order["incident_id"], wish)
    now: datetime = (await fetch_one(connection, ATTACHMENTS["now"]))["now"]
    when = acted(wish.at, now)
    came_to = await _try(connection, caller, _Move(order=order, wish=wish, when=when, received=now))
    late, told = (came_to, ()) if isinstance(came_to, _Late) else (None, came_to)
    await _locate(connection, caller, order, wish, when.at)
    answer = {
        "key": wish.key,
        "action": wish.action,
        "outcome": "kept" if late else "done",
        "acted_at": when.at.isoformat(),
        "received_at": now.isoformat(),
        "flags": list(when.flags),
        "why": late.why if late else None,
        "last": late.last if late else None,
        "told": await _names(connection, told),
        "order": await my_order(connection, caller, order_id),
    }
    row = {
        **key,
        "order_id": order_id,
        "incident_id": order["incident_id"],
        "action": wish.action,
        "request": request,
        "acted_at": when.at,
        "claimed_at": wish.at,
        "received_at": now,
        "flags": list(when.flags),
        "outcome": answer["outcome"],
        "answer": Jsonb(answer),
    }
    await connection.execute(SQL["keep_move"], row)
    return answer


async def _names(connection: Connection, people: tuple[str, ...]) -> list[str]:
    rows = await (await connection.execute(SQL["names_of"], {"people": list(people)})).fetchall()
    return [row["name"] for row in rows]


async def _locate(
    connection: Connection, caller: Caller, order: DictRow, wish: OrderMove, at: datetime
) -> None:
    """Where the phone said it was is where its owner was last seen; who is near next time is known by it."""
    own = await fetch(connection, PEOPLE["person_of"], {"name": caller.name})
    if wish.position is not None and own is not None:
        where = {"place": order["place"], **wish.position.model_dump()}
        await put_position(connection, f"person:{own['id']}", Source.GPS, where, at=at, by=caller.name)


async def _check(connection: Connection, incident_id: int, wish: OrderMove) -> None:
    if wish.action in NEEDS_TEXT and not wish.text:
        raise Invalid({"text": f"say it in words: {wish.action} needs a text"})
    if wish.attachments:
        about = {"incident_id": incident_id, "ids": wish.attachments}
        known = await (await connection.execute(SQL["known_photos"], about)).fetchall()
        if missing := set(wish.attachments) - {row["id"] for row in known}:
            raise Invalid({"attachments": f"not photos of this case: {', '.join(map(str, sorted(missing)))}"})


async def _try(connection: Connection, caller: Caller, made: _Move) -> _Late | tuple[str, ...]:
    """Do the move in a savepoint; where it is not possible any more, write it down as a note."""
    try:
        async with connection.transaction():
            return await _do(connection, caller, made)
    except (Beaten, Conflict, Forbidden) as exc:
        last = dict(exc.last) if isinstance(exc, Beaten) and exc.last else None
        late = _Late(why=str(exc) or type(exc).__name__, last=last)
        await _record(connection, caller, made, KEPT, wanted=made.wish.action, why=late.why)
        return late


async def _do(connection: Connection, caller: Caller, made: _Move) -> tuple[str, ...]:
    """Do it; answers who was told, where it calls for help."""
    order, wish = made.order, made.wish
    now = await fetch_one(connection, SQL["lock_order"], {"id": order["id"]})
    _still_open(order, now)
    if wish.action is FieldAction.ASK_HELP:
        await _record(connection, caller, made, wish.action)
        own = await fetch(connection, PEOPLE["person_of"], {"name": caller.name})
        asker = own["id"] if own else None
        told = await whistle(
            connection,
            order["incident_id"],
            wish.text or "",
            asker=asker,
            key=wish.key,
            now=made.received,
        )
        return told.people
    # Whoever is sent by name from next door may do this order's work, and reads no more of the case.
    doer = replace(caller, scope=None) if order["named"] else caller
    await incident_actions.act(connection, doer, order["incident_id"], made.step())
    return ()


def _still_open(order: DictRow, now: DictRow) -> None:
    if State(now["incident_state"]) in OVER:
        raise Beaten(f"case {order['case_code']} is over", legal=(), last=None)
    replaced = order["role"] == "lead" and now["leading"] != order["id"]
    if replaced or now["state"] in {"returned", "recalled"}:
        raise Beaten("this order is no longer yours: it was handed back or taken back", legal=(), last=None)


async def _record(connection: Connection, caller: Caller, made: _Move, action: str, **more: str) -> None:
    """Write a row that leaves the case's state alone."""
    number, text = made.order["incident_id"], made.wish.text or ""
    state = (await fetch_one(connection, INCIDENTS["touch_incident"], {"id": number}))["state"]
    await write_log(
        connection,
        caller,
        number,
        action=action,
        before=state,
        after=state,
        reason=text,
        detail=made.detail() | more,
    )
    await accounts.audit(
        connection, caller.name, f"order.{action}", made.order["case_code"], source=caller.source
    )
    await feed.publish(connection, incidents=[number])


def _fingerprint(order_id: int, wish: OrderMove) -> str:
    return hashlib.sha256(f"{order_id} {wish.model_dump_json()}".encode()).hexdigest()
