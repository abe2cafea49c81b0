"""An alert that waits for somebody: paged, dispatched by itself, escalated; acknowledgements that lapse."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from console import alert_actions, family, feed, plans
from console.alert_moves import AlertVerb
from console.auth import PLATFORM, Caller
from console.database import Connection, fetch, fetch_one
from console.duty.letters import LADDER_ROLES, Page, Told, Words, tell
from console.duty.timers import SQL, Due
from console.incident_orders import send_order
from console.limits import sla_of
from console.orgs import LEAD, ORGS
from console.pace import Pace, entry, public_address
from console.wishes import AlertAction
from ingest.store.sql import load
from rules.alert import AlertState
from rules.duty import SURE, Step, again, must_confirm, waits

_ALERTS: Final = load("console.store", "alerts.sql")
_NOBODY_TO_SEND: Final = frozenset({"OP", "FAM"})  # they are called, not sent


async def lock_alert(connection: Connection, number: str) -> DictRow | None:
    """Lock an alert and read it as it is then; None where it is over."""
    about = {"id": int(number)}
    if await fetch(connection, SQL["lock_alert"], about) is None:
        return None
    alert = await fetch_one(connection, SQL["alert"], about)
    return alert if alert["ended_at"] is None else None


async def log_alert(
    connection: Connection,
    alert: DictRow,
    action: str,
    *,
    reason: str = "",
    detail: dict[str, Any] | None = None,
    to: str | None = None,
    actor: str = PLATFORM.name,
) -> None:
    """Put on the alert's record what duty did."""
    row = {
        "id": alert["id"],
        "action": action,
        "actor": actor,
        "from_state": alert["state"],
        "to_state": to or alert["state"],
        "reason": reason,
        "detail": Jsonb(detail or {}),
    }
    await connection.execute(_ALERTS["log_alert"], row)


async def on_waiting(connection: Connection, timer: Due, pace: Pace) -> datetime | None:
    """Do the next step of an alert's timetable; answers when the one after is due."""
    alert = await lock_alert(connection, timer.subject)
    if alert is None or alert["state"] != AlertState.OPEN:
        return None
    accept = (await sla_of(connection, alert["code"], alert["severity"])).accept
    table = waits(timer.set_at, alert["severity"], accept, pace.unattended, pace.time)
    step = table[timer.step].step if timer.step < len(table) else Step.AGAIN
    await _STEPS[step](connection, alert, timer, pace)
    if step is Step.DISPATCH:
        return None
    if timer.step + 1 < len(table):
        return table[timer.step + 1].at
    return timer.now + again(accept, pace.time, alert["severity"])


async def _raised(connection: Connection, alert: DictRow, timer: Due, pace: Pace) -> None:
    """Arm what hangs on the alert beside its own timetable."""
    known = entry(alert["code"])
    if known is None:
        return
    number = str(alert["id"])
    if alert["verdict"] is None and must_confirm(known.hazard, alert["severity"], known.roles_after_confirm):
        until = alert["raised_at"] + pace.confirm
        await connection.execute(SQL["await_confirmation"], {"id": alert["id"], "until": until})
        due = timer.now if (alert["confidence"] or 0) > SURE else until
        await connection.execute(SQL["set_timer"], {"kind": "confirm", "subject": number, "due_at": due})
        await feed.publish(connection, alerts=[alert["id"]])
    if known.hazard == "care" and "FAM" in known.roles:
        first = timer.set_at + pace.care[0].after
        await connection.execute(SQL["set_timer"], {"kind": "care", "subject": number, "due_at": first})


async def _dispatch(connection: Connection, alert: DictRow, timer: Due, _: Pace) -> None:
    """Send those whom the catalogue names, because no operator did."""
    note = "无人接警，平台自动派单"
    await dispatch(connection, PLATFORM, alert, note=note, detail=timer.detail, now=timer.now)


async def dispatch(
    connection: Connection,
    caller: Caller,
    alert: DictRow,
    *,
    note: str,
    detail: dict[str, Any],
    now: datetime,
) -> int:
    """Open a case for an alert and run its plan, as the platform or who confirmed it; answers the case.

    Without a plan, everybody the catalogue names is sent.
    """
    known = entry(alert["code"])
    roles = [role for role in (known.roles if known else ()) if role in ORGS and role not in _NOBODY_TO_SEND]
    choice = (await plans.show(connection, caller, "alert", alert["id"]))["choice"]
    lead = plans.first_org(choice) or (roles[0] if roles else LEAD)
    wish = AlertAction(action=AlertVerb.DISPATCH, org=lead, note=note)
    body = await alert_actions.act(connection, caller, alert["id"], wish)
    number: int = body["incident_id"]
    await family.invite_contacts(connection, caller, number, public_address())
    told = Told()
    if choice is not None:
        await plans.run(connection, caller, number)
    else:
        for org in roles[1:]:
            await send_order(connection, caller, number, org=org, note=note)
        page = Page(
            about=alert,
            template="order",
            note=("请立即处置。", "Please act at once."),
            key=f"dispatch/{number}",
            incident_id=number,
        )
        told = await tell(connection, tuple(roles), page, now=now)
    row = {**alert, "state": body["state"]}
    detail = {**detail, "plan": choice["plan"]["id"] if choice else None, **told.detail}
    action = "auto_dispatch" if caller.platform else "sent"
    await log_alert(connection, row, action, reason=note, detail=detail, actor=caller.name)
    await feed.publish(connection, alerts=[alert["id"]], incidents=[number])
    return number


async def _amber(connection: Connection, alert: DictRow, timer: Due, _: Pace) -> None:
    await log_alert(connection, alert, Step.AMBER, detail=timer.detail)


async def _page(
    connection: Connection, alert: DictRow, timer: Due, _: Pace, *, step: Step, rung: int, lead: Words
) -> None:
    """Tell a rung of the ladder."""
    number = alert["id"]
    key = f"page/{number}/{alert['lapses']}/{timer.step}"
    page = Page(about=alert, template="page", note=lead, key=key, alert_id=number)
    told = await tell(connection, LADDER_ROLES[rung], page, now=timer.now, rung=rung)
    await log_alert(connection, alert, step, detail={**timer.detail, **told.detail, "rung": rung})


_STEPS: Final[Mapping[Step, Callable[[Connection, DictRow, Due, Pace], Awaitable[None]]]] = {
    Step.RAISED: _raised,
    Step.DISPATCH: _dispatch,
    Step.AMBER: _amber,
    Step.RED: partial(_page, step=Step.RED, rung=1, lead=("告警超时未接", "Nobody has taken this in time")),
    Step.SUPERVISE: partial(
        _page, step=Step.SUPERVISE, rung=2, lead=("告警严重超时，请督办", "Long overdue, please see to it")
    ),
    Step.AGAIN: partial(_page, step=Step.AGAIN, rung=3, lead=("告警仍无人接", "Still nobody has taken this")),
}


async def on_lapse(connection: Connection, timer: Due, _: Pace) -> datetime | None:
    """An acknowledgement that nothing followed is void: the alert waits again, and pages again."""
    alert = await lock_alert(connection, timer.subject)
    if alert is None or alert["state"] != AlertState.ACKNOWLEDGED or alert["case_id"] is not None:
        return None
    await connection.execute(SQL["lapse"], {"id": alert["id"]})
    detail = {**timer.detail, "acked_by": alert["acked_by"]}
    await log_alert(connection, alert, "lapse", to=AlertState.OPEN, detail=detail)
    await feed.publish(connection, alerts=[alert["id"]])
    return None
