"""Acknowledge, dispatch and close alerts: one row lock, one transaction, one winner."""

from __future__ import annotations

import logging
from typing import Any, Final

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from console import accounts, feed, repairs
from console.alert_moves import AlertVerb, legal, move
from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from console.incident_opening import open_incident
from console.orgs import LEAD, check_org
from console.pace import pace
from console.problems import Beaten, Invalid
from console.wishes import AlertAction
from devices.errors import IllegalMove, NotFound
from ingest.deliver import outbox
from ingest.logs import bound
from ingest.store.sql import load
from ingest.tracing import trace_id
from rules.alert import AlertState, Outcome
from rules.verdict import Cause

log = logging.getLogger(__name__)

SQL: Final = load("console.store", "alerts.sql")
_CLOCKS: Final = load("console.store", "clocks.sql")


async def act(connection: Connection, caller: Caller, alert_id: int, wish: AlertAction) -> dict[str, Any]:
    """Do one action and answer the alert as it is then.

    Raises NotFound outside the caller's places, Invalid for a wish that lacks something, Beaten
    where the action is not possible (any more).
    """
    about = {"id": alert_id, "scope": caller.scope}
    if await fetch(connection, SQL["lock_alert"], about) is None:
        raise NotFound("alert", str(alert_id))
    alert = await fetch_one(connection, SQL["locked_alert"], about)
    target = _judge(alert, wish)
    _check(wish)
    incident_id = (
        await _dispatch(connection, caller, alert, wish) if wish.action is AlertVerb.DISPATCH else None
    )
    row = {
        "id": alert_id,
        "state": target,
        "actor": caller.name,
        "ends": wish.action is AlertVerb.CLOSE,
        "outcome": wish.outcome if wish.action is AlertVerb.CLOSE else None,
        "incident_id": incident_id,
    }
    await connection.execute(SQL["move_alert"], row)
    await _quieten(connection, caller, alert, target)
    await _record(connection, caller, alert, wish, target=target, incident_id=incident_id)
    await repairs.consider(connection, [alert_id])
    await feed.publish(connection, alerts=[alert_id], incidents=[incident_id] if incident_id else [])
    with bound(trace=trace_id(alert["trace"]), alert=alert_id):
        log.info("%s by %s", wish.action, caller.name, extra={"action": "alert_moved"})
    body: dict[str, Any] = (await fetch_one(connection, SQL["alert_body"], about))["body"]
    return body


def _judge(alert: DictRow, wish: AlertAction) -> AlertState:
    state, ended = AlertState(alert["state"]), alert["ended_at"] is not None
    possible = legal(state, ended=ended, tied=alert["tied"])
    if wish.version is not None and wish.version != alert["version"]:
        raise Beaten(
            f"alert {alert['id']} has changed: version {alert['version']} is not {wish.version}",
            legal=possible,
            last=alert["last"],
        )
    try:
        return move(
            f"alert {alert['id']}", state, wish.action, ended=ended, tied=alert["tied"], outcome=wish.outcome
        )
    except IllegalMove as exc:
        raise Beaten(str(exc), legal=exc.legal, last=alert["last"]) from exc


def _check(wish: AlertAction) -> None:
    missing: dict[str, str] = {}
    if wish.action is AlertVerb.CLOSE and wish.outcome is None:
        missing["outcome"] = f"say what it was: one of {', '.join(Outcome)}"
    if wish.action is AlertVerb.CLOSE and wish.cause is None:
        missing["cause"] = f"say why it happened: one of {', '.join(Cause)}"
    if missing:
        raise Invalid(missing)
    if wish.org is not None:
        check_org(wish.org)


async def _dispatch(connection: Connection, caller: Caller, alert: DictRow, wish: AlertAction) -> int:
    return await open_incident(connection, caller, alert, org=wish.org or LEAD, note=wish.note)


async def _quieten(connection: Connection, caller: Caller, alert: DictRow, target: AlertState) -> None:
    """Stop the paging in the transaction that takes the alert; an acknowledgement has an end.

    The alert's own timer goes by itself (ingest/store/schema.sql, alert_waits).
    """
    await outbox.cancel(connection, alert_id=alert["id"], reason="taken", actor=caller.name)
    if target is AlertState.ACKNOWLEDGED and not alert["tied"]:
        until = alert["now"] + pace().lapse(alert["severity"])
        await connection.execute(SQL["hold_alert"], {"id": alert["id"], "until": until})
        timer = {"kind": "ack", "subject": str(alert["id"]), "due_at": until}
        await connection.execute(_CLOCKS["set_timer"], timer)


async def _record(
    connection: Connection,
    caller: Caller,
    alert: DictRow,
    wish: AlertAction,
    *,
    target: AlertState,
    incident_id: int | None,
) -> None:
    wanted = {
        "outcome": wish.outcome,
        "cause": wish.cause,
        "org": wish.org,
        "incident_id": incident_id,
        "source": caller.source,
    }
    detail = {name: value for name, value in wanted.items() if value}
    row = {
        "id": alert["id"],
        "action": wish.action,
        "actor": caller.name,
        "from_state": alert["state"],
        "to_state": target,
        "reason": wish.note or "",
        "detail": Jsonb(detail),
    }
    await connection.execute(SQL["log_alert"], row)
    await accounts.audit(
        connection, caller.name, f"alert.{wish.action}", str(alert["id"]), detail=detail, source=caller.source
    )
