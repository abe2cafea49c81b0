"""Confirm before 119: bounded to a minute, with a way past it; silence counts as real.

Whatever confirms an alarm sends the orders of `roles_after_confirm` in the same transaction. Nothing here
waits for anybody: a confirmed fire is forwarded at once, and a drill never is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from psycopg.rows import DictRow

from console import accounts, feed, plans
from console.auth import PLATFORM, Caller
from console.database import Connection, fetch, fetch_one
from console.duty.alerts import dispatch, lock_alert, log_alert
from console.duty.letters import Page, call_outside, tell
from console.duty.timers import SQL, Due
from console.incident_actions import send_order
from console.orgs import ORGS
from console.pace import Pace, entry
from console.problems import Forbidden, Invalid
from devices.errors import Conflict, NotFound
from devices.organisation import OUTSIDE
from ingest.store.sql import load
from rules.duty import SURE, Verdict, settled

_ALERTS: Final = load("console.store", "alerts.sql")
_REAL: Final = frozenset({Verdict.CONFIRMED, Verdict.ASSUMED, Verdict.BYPASSED})


async def decide(
    connection: Connection, caller: Caller, alert_id: int, verdict: Verdict, *, note: str = ""
) -> dict[str, Any]:
    """Take a person's word on an alarm and do what follows; answers the alert.

    Everybody on the spot may say that it is real, or go past the waiting; only the centre may call it
    off. Raises NotFound outside the caller's places, Conflict where there is nothing to decide any more.
    """
    if verdict is Verdict.ASSUMED:
        raise Invalid({"verdict": "that is what the clock says, not a person"})
    if verdict is Verdict.REFUTED and not caller.may("incident.centre"):
        raise Forbidden("Only the centre may call an alarm off.")
    about = {"id": alert_id, "scope": caller.scope}
    if await fetch(connection, _ALERTS["lock_alert"], about) is None:
        raise NotFound("alert", str(alert_id))
    alert = await lock_alert(connection, str(alert_id))
    if alert is None:
        raise Conflict(f"alert {alert_id} is over")
    if alert["verdict"] is not None:
        who, what = alert["verdict_by"], alert["verdict"]
        raise Conflict(f"alert {alert_id} has been decided: {what}, by {who}")
    if not forwards(alert):
        raise Conflict(f"nothing hangs on a confirmation of {alert['code']}: nobody outside is called for it")
    await settle(connection, caller, alert, verdict, now=alert["now"], note=note)
    await accounts.audit(connection, caller.name, f"alert.{verdict}", str(alert_id), source=caller.source)
    body: dict[str, Any] = (await fetch_one(connection, _ALERTS["alert_body"], about))["body"]
    return body


def forwards(alert: DictRow) -> tuple[str, ...]:
    """Whom a confirmed alarm is forwarded to."""
    known = entry(alert["code"])
    return tuple(org for org in (known.roles_after_confirm if known else ()) if org in ORGS)


async def settle(
    connection: Connection,
    caller: Caller,
    alert: DictRow,
    verdict: Verdict,
    *,
    now: datetime,
    note: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Write the verdict down and, unless it is a false alarm, call those outside at once."""
    row = {"id": alert["id"], "verdict": verdict, "actor": caller.name}
    await connection.execute(SQL["verdict"], row)
    await connection.execute(SQL["drop_timer"], {"kind": "confirm", "subject": str(alert["id"])})
    await log_alert(connection, alert, verdict, reason=note, detail=detail, actor=caller.name)
    incident = await _forward(connection, caller, alert, note, now) if verdict in _REAL else alert["case_id"]
    await feed.publish(connection, alerts=[alert["id"]], incidents=[incident] if incident else [])


async def _forward(connection: Connection, caller: Caller, alert: DictRow, note: str, now: datetime) -> int:
    """Send the orders that waited for the confirmation; a drill goes on record, and nowhere else."""
    number = alert["case_id"] or await dispatch(
        connection, caller, alert, note=note or "确认警情", detail={}, now=now
    )
    await plans.go_on_with(connection, caller, number)  # its steps after the confirmation come first
    rows = await (await connection.execute(SQL["orders_of"], {"id": number})).fetchall()
    sent = {row["org"] for row in rows}
    for org in forwards(alert):
        if org in sent:
            continue
        if alert["drill"]:
            await log_alert(
                connection, alert, "forward_withheld", detail={"org": org, "why": "drill"}, actor=caller.name
            )
        else:
            await send_order(connection, caller, number, org=org, note="确认警情，立即转报")
        page = Page(
            about=alert,
            template="outside" if org in OUTSIDE else "order",
            note=("已确认警情", "Confirmed"),
            key=f"forward/{alert['id']}",
            incident_id=number,
        )
        if org in OUTSIDE:
            await call_outside(connection, org, page)
        else:
            await tell(connection, (org,), page, now=now)
    return int(number)


async def on_confirm(connection: Connection, timer: Due, pace: Pace) -> datetime | None:
    """The minute is over, or another device has spoken: decide."""
    alert = await lock_alert(connection, timer.subject)
    if alert is None or alert["verdict"] is not None:
        return None
    known = entry(alert["code"])
    until = alert["confirm_until"] or alert["raised_at"] + pace.confirm
    answered, surer = alert["cleared_at"] is not None, (alert["confidence"] or 0) > SURE
    hazard = known.hazard if known else ""
    verdict = settled(answered=answered, hazard=hazard, surer=surer, now=timer.now, until=until)
    if verdict is None:
        return until if timer.now < until else None
    await settle(connection, PLATFORM, alert, verdict, now=timer.now, detail=timer.detail)
    return None
