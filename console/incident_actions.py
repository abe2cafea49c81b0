"""Open incidents and move them: one row lock, one transaction, a record without gaps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from console import accounts, feed
from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from console.incident_log import write_log
from console.incident_orders import put_order, send_order
from console.incidents import CHECKS, SQL, legal_for, permission
from console.orgs import check_org
from console.problems import Beaten, Forbidden, Invalid
from console.wishes import IncidentAction
from devices.errors import IllegalMove, NotFound
from ingest.store.sql import load
from rules.alert import Outcome
from rules.incident import FIRST, OVER, Action, State, advance, case_code

__all__ = ["act", "open_incident", "send_order"]

_ALERTS: Final = load("console.store", "alerts.sql")
_OPENING: Final = (Action.ACCEPT, Action.ASSESS, Action.DISPATCH)
_NEEDS_REASON: Final = frozenset(
    {
        Action.REJECT,
        Action.RETURN,
        Action.SUSPEND,
        Action.ASK_EXTENSION,
        Action.REFUSE_EXTENSION,
        Action.REOPEN,
    }
)
_ORDER_STATES: Final[Mapping[Action, str]] = {
    Action.ACKNOWLEDGE: "acknowledged",
    Action.RETURN: "returned",
    Action.REPORT_BACK: "done",
}
_SENDS: Final = frozenset({Action.DISPATCH, Action.REOPEN})


async def open_incident(
    connection: Connection, caller: Caller, alert: DictRow, *, org: str, note: str | None
) -> int:
    """Open an incident for an alert and send `org`; answer its id."""
    state = FIRST
    for action in _OPENING:
        state = advance(state, action)
    row = {
        "case_code": await _next_case_code(connection, alert),
        "state": state,
        "severity": alert["severity"],
        "code": alert["code"],
        "estate": alert["estate"],
        "place": alert["place"],
        "lead_org": org,
        "opened_by": caller.name,
    }
    number: int = (await fetch_one(connection, SQL["open_incident"], row))["id"]
    detail = {"alert": alert["id"], "org": org}
    await write_log(
        connection,
        caller,
        number,
        action="report",
        before=None,
        after=FIRST,
        reason=alert["reason"],
        detail=detail,
    )
    state = FIRST
    for action in _OPENING:
        before, state = state, advance(state, action)
        reason = note or "" if action is Action.DISPATCH else ""
        await write_log(
            connection,
            caller,
            number,
            action=action,
            before=before,
            after=state,
            reason=reason,
            detail=detail,
        )
    await put_order(connection, caller, number, org=org)
    return number


async def act(
    connection: Connection, caller: Caller, incident_id: int, wish: IncidentAction
) -> dict[str, Any]:
    """Do one action and answer the incident as it is then.

    Raises NotFound outside the caller's places, Forbidden for the wrong person, Invalid for a wish
    that lacks something, Beaten where the action is not possible (any more).
    """
    about = {"id": incident_id, "scope": caller.scope}
    if await fetch(connection, SQL["lock_incident"], about) is None:
        raise NotFound("incident", str(incident_id))
    incident = await fetch_one(connection, SQL["locked_incident"], about)
    action = _action(wish.action)
    target = _judge(caller, incident, action, wish.version)
    _check(action, wish, incident)
    await _move(connection, caller, incident, action=action, wish=wish, target=target)
    ended: list[int] = []
    if target in OVER and incident["closed_at"] is None:
        ended = await _end_alerts(connection, caller, incident, wish)
    await accounts.audit(
        connection, caller.name, f"incident.{action}", incident["case_code"], source=caller.source
    )
    await feed.publish(connection, alerts=ended, incidents=[incident_id])
    body: dict[str, Any] = (await fetch_one(connection, SQL["incident"], about))["body"]
    return body


def _action(name: str) -> Action:
    try:
        return Action(name)
    except ValueError as exc:
        raise Invalid({"action": f"there is no action {name!r}: take one of {', '.join(Action)}"}) from exc


def _judge(caller: Caller, incident: DictRow, action: Action, version: int | None) -> State:
    state, workers = State(incident["state"]), frozenset({incident["assignee"], incident["reporter"]})
    possible, subject = legal_for(caller, state, workers=workers), f"incident {incident['case_code']}"
    if not caller.may(permission(action)):
        raise Forbidden
    if version is not None and version != incident["version"]:
        raise Beaten(
            f"{subject} has changed: version {incident['version']} is not {version}",
            legal=possible,
            last=incident["last"],
        )
    try:
        target = advance(state, action, subject)
    except IllegalMove as exc:
        text = str(IllegalMove(subject, state, action, possible))
        raise Beaten(text, legal=possible, last=incident["last"]) from exc
    if action in CHECKS and caller.name in workers:
        raise Forbidden("Somebody else must check the work: you signed for it or reported it done.")
    if action not in possible:
        raise Beaten(f"{action} is not possible here yet", legal=possible, last=incident["last"])
    return target


def _check(action: Action, wish: IncidentAction, incident: DictRow) -> None:
    if action in _NEEDS_REASON and not wish.reason:
        raise Invalid({"reason": f"say why: {action} needs a reason"})
    if action is Action.CLOSE and not (wish.outcome or incident["outcome"]):
        raise Invalid({"outcome": f"say what it was: one of {', '.join(Outcome)}"})
    if wish.org is not None:
        check_org(wish.org)


async def _move(
    connection: Connection,
    caller: Caller,
    incident: DictRow,
    *,
    action: Action,
    wish: IncidentAction,
    target: State,
) -> None:
    number, assignee = incident["id"], incident["assignee"]
    if action is Action.ACKNOWLEDGE:
        assignee = caller.name
    elif action in _SENDS or action is Action.RETURN:
        assignee = None
    row = {
        "id": number,
        "state": target,
        "assignee": assignee,
        "outcome": wish.outcome,
        "lead_org": wish.org if action in _SENDS else None,
        "over": target in OVER,
    }
    await connection.execute(SQL["move_incident"], row)
    if action in _SENDS:
        await put_order(connection, caller, number, org=wish.org or incident["lead_org"])
    if action in _ORDER_STATES:
        await connection.execute(SQL["mark_order"], {"id": number, "order_state": _ORDER_STATES[action]})
    wanted = {"outcome": wish.outcome, "org": wish.org}
    detail = {name: value for name, value in wanted.items() if value}
    await write_log(
        connection,
        caller,
        number,
        action=action,
        before=incident["state"],
        after=target,
        reason=wish.reason or "",
        detail=detail,
    )


async def _end_alerts(
    connection: Connection, caller: Caller, incident: DictRow, wish: IncidentAction
) -> list[int]:
    outcome = wish.outcome or incident["outcome"] or Outcome.OTHER
    cursor = await connection.execute(SQL["end_alerts"], {"id": incident["id"], "outcome": outcome})
    alerts = await cursor.fetchall()
    for alert in alerts:
        row = {
            "id": alert["id"],
            "action": "close",
            "actor": caller.name,
            "from_state": alert["state"],
            "to_state": alert["state"],
            "reason": wish.reason or "",
            "detail": Jsonb({"outcome": outcome, "incident_id": incident["id"], "source": caller.source}),
        }
        await connection.execute(_ALERTS["log_alert"], row)
    return [alert["id"] for alert in alerts]


async def _next_case_code(connection: Connection, alert: DictRow) -> str:
    numbers = await fetch_one(connection, SQL["case_numbers"], {"place": alert["place"]})
    await connection.execute(SQL["lock_case_numbers"], numbers)
    last: int = (await fetch_one(connection, SQL["last_case_number"], numbers))["seq"]
    source = "06" if alert["profile"] == "camera" else "01"
    return case_code(numbers["county"], numbers["day"], source, last + 1)
