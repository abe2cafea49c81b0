"""What a step does beside changing the state: assignee, orders, clocks, wishes, alerts, the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from console import incident_clocks, repairs
from console.auth import Caller
from console.database import Connection
from console.incident_log import write_log
from console.incident_orders import ASSIST, mark_order, put_order, recall_orders
from console.incidents import SQL
from console.limits import sla_of
from console.pace import pace
from console.wishes import IncidentAction
from ingest.store.sql import load
from rules.alert import Outcome
from rules.incident import OVER, Action, State
from rules.incident_guards import GUARDS
from rules.sla import LADDER

_ALERTS: Final = load("console.store", "alerts.sql")
_SENDS: Final = frozenset({Action.DISPATCH, Action.REOPEN, Action.REASSIGN})
_ORDER_STATES: Final[Mapping[Action, str]] = MappingProxyType(
    {
        Action.ACKNOWLEDGE: "acknowledged",
        Action.ARRIVE: "on_scene",
        Action.RETURN: "returned",
        Action.REPORT_BACK: "done",
    }
)
_DETAIL: Final = (
    "outcome",
    "cause",
    "org",
    "person",
    "order",
    "key",
    "x",
    "y",
    "lat",
    "lon",
    "accuracy_m",
    "place",
    "attachments",
    "other",
    "hours",
    "grade",
    "severity",
    "code",
)
_MOST_AWAY: Final = timedelta(hours=24)  # what was done longer ago than this counts as done now


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """What else the feed must tell of."""

    alerts: tuple[int, ...] = ()
    incidents: tuple[int, ...] = ()


async def carry_out(
    connection: Connection,
    caller: Caller,
    incident: DictRow,
    wish: IncidentAction,
    *,
    action: Action,
    target: State,
    now: datetime,
    detail: Mapping[str, Any] = MappingProxyType({}),
) -> Changed:
    """Write the step and everything that follows from it."""
    when = acted_at(wish, incident, now)
    await connection.execute(
        SQL["move_incident"], _columns(caller, incident, wish, action=action, target=target, when=when)
    )
    await _orders(connection, caller, incident, wish, action=action, when=when)
    await _clocks(connection, incident, wish, action=action, when=when)
    await write_log(
        connection,
        caller,
        incident["id"],
        action=action,
        before=incident["state"],
        after=target,
        reason=wish.reason or "",
        detail={**detail_of(wish, incident, action), **detail},
    )
    if action is Action.MERGE:
        return await _merge(connection, caller, incident, wish)
    if target in OVER and incident["closed_at"] is None:
        return Changed(alerts=tuple(await _end_alerts(connection, caller, incident, wish)))
    return Changed()


def acted_at(wish: IncidentAction, incident: Mapping[str, Any], now: datetime) -> datetime:
    """When it was really done: a phone without a network may say so later, within reason."""
    if wish.at is None or not max(incident["opened_at"], now - _MOST_AWAY) <= wish.at <= now:
        return now
    return wish.at


def detail_of(wish: IncidentAction, incident: Mapping[str, Any], action: Action) -> dict[str, Any]:
    """What the record keeps of a wish beside its reason."""
    given = wish.model_dump(mode="json", include=set(_DETAIL), exclude_none=True)
    detail = {name: given[name] for name in _DETAIL if given.get(name)}
    if wish.at is not None:
        detail["acted_at"] = wish.at.isoformat()
    asked = incident["wish"]
    if GUARDS[action].settles is not None and asked:
        detail["asked"] = asked
    return detail


def _columns(
    caller: Caller,
    incident: DictRow,
    wish: IncidentAction,
    *,
    action: Action,
    target: State,
    when: datetime,
) -> dict[str, Any]:
    assignee, guard = incident["assignee"], GUARDS[action]
    if action is Action.ACKNOWLEDGE:
        assignee = wish.person or caller.name
    elif action in _SENDS or action is Action.RETURN:
        assignee = None
    asked = incident["wish"]
    if guard.asks is not None:
        asked = {"kind": guard.asks, "by": caller.name, "reason": wish.reason, "at": when.isoformat()}
        asked |= {"hours": wish.hours} if wish.hours else {}
    elif guard.settles is not None or target in OVER or action in _SENDS:
        asked = None
    climbs = action in (Action.ESCALATE, Action.TRANSFER_UP)
    return {
        "id": incident["id"],
        "state": target,
        "assignee": assignee,
        "outcome": Outcome.DUPLICATE if action is Action.MERGE else wish.outcome,
        "cause": wish.cause,
        "lead_org": wish.org if action in _SENDS else None,
        "severity": wish.severity if action is Action.ASSESS else None,
        "code": wish.code if action is Action.ASSESS else None,
        "grade": wish.grade if action is Action.GRADE else None,
        "merged_into": wish.other if action is Action.MERGE else None,
        "accepted_at": when if action in (Action.ACCEPT, Action.DISPATCH) else None,
        "signed_at": when if action is Action.ACKNOWLEDGE else None,
        "arrived_at": when if action is Action.ARRIVE else None,
        "ladder": min(incident["ladder"] + climbs, len(LADDER) - 1),
        "supervised_at": when if action is Action.SUPERVISE else None,
        "returns": int(action is Action.RETURN),
        "wish": Jsonb(asked) if asked else None,
        "over": target in OVER,
    }


async def _orders(
    connection: Connection,
    caller: Caller,
    incident: DictRow,
    wish: IncidentAction,
    *,
    action: Action,
    when: datetime,
) -> None:
    number = incident["id"]
    if action in _SENDS or action in (Action.REJECT, Action.MERGE, Action.CLOSE):
        await recall_orders(connection, number)
    if action in _SENDS:
        org = wish.org or incident["lead_org"]
        await put_order(connection, caller, number, org=org, person=wish.person, note=wish.reason or "")
    elif action is Action.WHISTLE and wish.org is not None:
        await put_order(
            connection, caller, number, org=wish.org, person=wish.person, role=ASSIST, note=wish.reason or ""
        )
    if action in _ORDER_STATES:
        await mark_order(
            connection, number, wish.order, state=_ORDER_STATES[action], actor=caller.name, at=when
        )


async def _clocks(
    connection: Connection, incident: DictRow, wish: IncidentAction, *, action: Action, when: datetime
) -> None:
    number, time = incident["id"], pace()
    await incident_clocks.meet(connection, number, incident_clocks.MEETS.get(action, ()), pace=time, now=when)
    if (clocks := incident_clocks.STARTS.get(action)) is not None:
        sla = await sla_of(connection, incident["code"], incident["severity"])
        await incident_clocks.start(connection, incident, clocks, sla=sla, pace=time, now=when)
    if action is Action.SUSPEND:
        await incident_clocks.stop(connection, number, pace=time, now=when)
    elif action is Action.RESUME:
        await incident_clocks.go_on(connection, number, pace=time, now=when)
    elif action is Action.GRANT_EXTENSION:
        hours = timedelta(hours=wish.hours or incident["wish"]["hours"]) / time.time.speed
        await incident_clocks.extend(connection, number, hours, pace=time, now=when)


async def _merge(connection: Connection, caller: Caller, incident: DictRow, wish: IncidentAction) -> Changed:
    """Let the alerts go over to the case that goes on, and put it on that one's record as well."""
    number, other = incident["id"], int(wish.other or 0)
    moved = await (await connection.execute(SQL["move_alerts"], {"id": number, "other": other})).fetchall()
    state = (await (await connection.execute(SQL["touch_incident"], {"id": other})).fetchall())[0]["state"]
    await write_log(
        connection,
        caller,
        other,
        action="merged_in",
        before=state,
        after=state,
        reason=wish.reason or "",
        detail={"other": number, "case_code": incident["case_code"], "alerts": [row["id"] for row in moved]},
    )
    return Changed(alerts=tuple(row["id"] for row in moved), incidents=(other,))


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
    ended = [alert["id"] for alert in alerts]
    await repairs.consider(connection, ended)
    return ended
