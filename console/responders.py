"""What people do now: states, lone workers' check-ins, positions; orders move states by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from console import accounts, feed
from console.advice import SQL as ADVICE
from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from console.duty_roster import Standings
from console.incident_log import write_log
from console.organisation import SQL, person, put_position
from console.pace import pace
from console.problems import Beaten, Invalid
from devices.errors import NotFound
from rules.position import Source
from rules.recommend import ResponderState, late_in_state

_BY_ORDERS: Final = frozenset({ResponderState.ASSIGNED, ResponderState.EN_ROUTE, ResponderState.ON_SCENE})


async def with_duty(connection: Connection, people: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add to each person how they stand to duty and whether they are late in their state."""
    now: datetime = (await fetch_one(connection, ADVICE["now"]))["now"]
    standings = await Standings.read(connection, now)
    return [
        {**one, "standing": standings.of(one["id"], now).value, "state_late": _late(one, now)}
        for one in people
    ]


async def detail(connection: Connection, caller: Caller, person_id: str) -> dict[str, Any]:
    """One person with duty and the last moves.

    Raises NotFound outside the caller's places, unless it is the caller.
    """
    shown = await person(connection, await _reach(connection, caller, person_id), person_id)
    (with_standing,) = await with_duty(connection, [shown])
    log = await (await connection.execute(SQL["responder_log"], {"person": person_id})).fetchall()
    return {**with_standing, "log": [row["body"] for row in log]}


async def set_state(
    connection: Connection, caller: Caller, person_id: str, state: ResponderState, reason: str
) -> None:
    """Say that somebody rests, is off or is there again.

    Raises Invalid for states that follow from orders, Beaten while somebody has one, NotFound for
    anybody else but the centre.
    """
    await _must_be_own_or_centre(connection, caller, person_id)
    if state in _BY_ORDERS:
        raise Invalid({"state": f"{state} follows from orders: sign for one or arrive"})
    row = await fetch(connection, SQL["responder"], {"person": person_id})
    if row is not None and row["state"] in _BY_ORDERS:
        raise Beaten(f"{person_id} has an order: hand it back or finish it first", legal=(), last=None)
    about = {"person": person_id, "state": state.value, "incident": None, "actor": caller.name}
    await connection.execute(SQL["move_responder"], about)
    detail_ = {"state": state.value, "reason": reason}
    await accounts.audit(
        connection, caller.name, "person.state", person_id, detail=detail_, source=caller.source
    )


async def check_in(connection: Connection, caller: Caller, person_id: str) -> None:
    """A lone worker is well: the next question comes later.

    Raises Beaten where nobody is asked.
    """
    await _must_be_own_or_centre(connection, caller, person_id)
    seconds = pace().check_in.total_seconds()
    row = await fetch(connection, SQL["answer_check_in"], {"person": person_id, "seconds": seconds})
    if row is None:
        raise Beaten(f"{person_id} is not on the scene: there is nothing to answer", legal=(), last=None)
    await connection.execute(SQL["renew_check_in"], {"person": person_id, "due_at": row["check_in_at"]})


async def check_in_due(connection: Connection, caller: Caller, person_id: str) -> None:
    """A lone worker has not answered: it is on the case's record and on the page.

    The duty process calls it when a timer of kind `check_in` fires (its subject is the person).
    """
    row = await fetch(connection, SQL["miss_check_in"], {"person": person_id})
    if row is None or row["incident_id"] is None:
        return
    state = (await fetch_one(connection, SQL["state_of"], {"incident": row["incident_id"]}))["state"]
    await write_log(
        connection,
        caller,
        row["incident_id"],
        action="check_in_missed",
        before=state,
        after=state,
        detail={"person": person_id},
    )
    await feed.publish(connection, incidents=[row["incident_id"]])


async def locate(connection: Connection, caller: Caller, person_id: str, where: Mapping[str, Any]) -> None:
    """Write down where somebody is; without a place it is the one they are responsible for.

    Raises Invalid without any position, NotFound.
    """
    await _must_be_own_or_centre(connection, caller, person_id)
    if where["place"] is None and where["lat"] is None and where["x"] is None:
        raise Invalid({"place": "say a place, or lat and lon, or x and y"})
    if (where["lat"] is None) != (where["lon"] is None) or (where["x"] is None) != (where["y"] is None):
        raise Invalid({"lat": "lat and lon, and x and y, go together"})
    row = await fetch_one(connection, SQL["home_of"], {"person": person_id, "place": where["place"]})
    if row["place"] is None:
        raise NotFound("place", str(where["place"]))
    now = (await fetch_one(connection, ADVICE["now"]))["now"]
    source = Source(where["source"])
    spot = {**where, "place": row["place"]}
    await put_position(connection, f"person:{person_id}", source, spot, at=now, by=caller.name)


async def _must_be_own_or_centre(connection: Connection, caller: Caller, person_id: str) -> None:
    own = await fetch(connection, SQL["person_of"], {"name": caller.name})
    if own is not None and own["id"] == person_id:
        return
    if not caller.may("incident.centre"):
        raise NotFound("person", person_id)  # only the centre speaks for somebody else
    await person(connection, caller, person_id)


async def _reach(connection: Connection, caller: Caller, person_id: str) -> Caller:
    """The caller, who sees themselves wherever their places lie; field staff see nobody else."""
    own = await fetch(connection, SQL["person_of"], {"name": caller.name})
    if own is not None and own["id"] == person_id:
        return replace(caller, scope=None)
    if not caller.may("people"):
        raise NotFound("person", person_id)
    return caller


def _late(one: Mapping[str, Any], now: datetime) -> bool:
    since = one["state_since"]
    return since is not None and late_in_state(
        ResponderState(one["state"]), datetime.fromisoformat(since), now
    )
