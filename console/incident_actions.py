"""Move incidents on: one row lock, one transaction, a record without gaps, clocks included."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg.rows import DictRow

from console import accounts, feed
from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from console.incident_effects import Changed, acted_at, carry_out, detail_of
from console.incident_log import write_log
from console.incident_needs import check_needs
from console.incident_opening import open_incident, report_incident
from console.incident_orders import act_on_order, find_order, send_order
from console.incidents import SQL, actor_of, moves_for, standing
from console.organisation import put_arrival
from console.problems import Beaten, Forbidden, Invalid, Unfit
from console.wishes import IncidentAction
from devices.errors import IllegalMove, NotFound
from ingest.logs import bound
from ingest.tracing import trace_id
from rules.incident import MOVES, TRANSITIONS, Action, State, advance
from rules.incident_guards import WHY_NAMES, Why, objection

log = logging.getLogger(__name__)

__all__ = ["act", "open_incident", "report_incident", "send_order"]

_WAITING: Final = frozenset({Why.NO_WISH, Why.WISH_WAITS, Why.BELOW})
"""What lies with the case; everything else is about the person."""


async def act(
    connection: Connection,
    caller: Caller,
    incident_id: int,
    wish: IncidentAction,
    *,
    now: datetime | None = None,
    detail: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Do one action and answer the incident as it is then.

    `now` is the database's clock unless a timer that fires says otherwise. Raises NotFound outside the
    caller's places, Unfit for the wrong person, Invalid for a wish that lacks something, Beaten where the
    action is not possible (any more).
    """
    about = {"id": incident_id, "scope": caller.scope}
    action = action_of(wish.action)
    if (
        action is Action.MERGE and wish.other is not None
    ):  # both in one order: two merges cannot wait in a ring
        await connection.execute(SQL["lock_pair"], {"ids": sorted({incident_id, wish.other})})
    if await fetch(connection, SQL["lock_incident"], about) is None:
        raise NotFound("incident", str(incident_id))
    incident = await fetch_one(connection, SQL["locked_incident"], about)
    with bound(trace=trace_id(incident["trace"]), case=incident["case_code"]):
        body = await _move(connection, caller, incident, wish, action=action, now=now, detail=detail)
        log.info("%s by %s", action, caller.name, extra={"action": "case_moved"})
    return body


async def _move(
    connection: Connection,
    caller: Caller,
    incident: DictRow,
    wish: IncidentAction,
    *,
    action: Action,
    now: datetime | None,
    detail: Mapping[str, Any] | None,
) -> dict[str, Any]:
    moment = now or incident["now"]
    order = await find_order(connection, incident["id"], wish.order)
    if order is not None and order["role"] != "lead":
        changed = Changed()
        await act_on_order(
            connection,
            caller,
            incident,
            order,
            action=action,
            reason=wish.reason,
            detail=detail_of(wish, incident, action),
            at=acted_at(wish, incident, moment),
        )
    else:
        target = _judge(caller, incident, action, wish.version)
        await check_needs(connection, caller, incident, action, wish)
        changed = await carry_out(
            connection, caller, incident, wish, action=action, target=target, now=moment, detail=detail or {}
        )
    if action is Action.ARRIVE:
        await put_arrival(connection, caller, incident, wish, acted_at(wish, incident, moment))
    await accounts.audit(
        connection, caller.name, f"incident.{action}", incident["case_code"], source=caller.source
    )
    await feed.publish(connection, alerts=changed.alerts, incidents=[incident["id"], *changed.incidents])
    about = {"id": incident["id"], "scope": caller.scope}
    body: dict[str, Any] = (await fetch_one(connection, SQL["incident_body"], about))["body"]
    return body


async def note(
    connection: Connection,
    caller: Caller,
    incident: DictRow,
    *,
    action: str,
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Put on the record what changes no state: a level that was reached, a letter that was withheld."""
    await connection.execute(SQL["touch_incident"], {"id": incident["id"]})
    await write_log(
        connection,
        caller,
        incident["id"],
        action=action,
        before=incident["state"],
        after=incident["state"],
        reason=reason,
        detail=detail or {},
    )


def action_of(name: str) -> Action:
    """Read an action's name; raises Invalid naming the known ones."""
    try:
        return Action(name)
    except ValueError as exc:
        raise Invalid({"action": f"there is no action {name!r}: take one of {', '.join(Action)}"}) from exc


def _judge(caller: Caller, incident: DictRow, action: Action, version: int | None) -> State:
    """Say where the action leads; raises Beaten or Unfit with what is possible instead."""
    subject = f"incident {incident['case_code']}"
    offered = moves_for(caller, incident)
    if not offered and not caller.may("incident.field"):
        raise Forbidden
    possible = [move.action for move in offered if move.why is None]
    if version is not None and version != incident["version"]:
        raise Beaten(
            f"{subject} has changed: version {incident['version']} is not {version}",
            legal=possible,
            last=incident["last"],
        )
    state, case = State(incident["state"]), standing(incident)
    why = objection(action, actor_of(caller), case) if case.mirrored else None
    if why is Why.BELOW:
        raise Beaten(f"{action}: {WHY_NAMES[why][1]}", legal=possible, last=incident["last"])
    try:
        target = advance(state, action, subject)
    except IllegalMove as exc:
        told = IllegalMove(subject, state, action, tuple(possible))
        text = f"{told}; {action} is possible in: {_where(action)}"
        raise Beaten(text, legal=possible, last=incident["last"]) from exc
    why = objection(action, actor_of(caller), case)
    if why in _WAITING:
        raise Beaten(f"{action}: {WHY_NAMES[why][1]}", legal=possible, last=incident["last"])
    if why is not None:
        raise Unfit(f"{action}: {WHY_NAMES[why][1]}", why=why, legal=possible)
    return target


def _where(action: Action) -> str:
    states = [state for state, known, _ in MOVES if known is action]
    states += [state for state, known in TRANSITIONS if known is action and state not in states]
    return ", ".join(states)
