"""Nobody has seen them: family contact, then the grid worker, then community police and an ambulance."""

from __future__ import annotations

from datetime import datetime

from psycopg.rows import DictRow

from console import feed
from console.auth import PLATFORM
from console.database import Connection
from console.duty.alerts import dispatch, lock_alert, log_alert
from console.duty.letters import Page, Told, call_outside, tell
from console.duty.timers import SQL, Due
from console.incident_actions import send_order
from console.pace import Pace
from devices.organisation import OUTSIDE
from rules.duty import Verdict


async def on_care(connection: Connection, timer: Due, pace: Pace) -> datetime | None:
    """Ask the next ones of the chain; answers when those after them are due."""
    alert = await lock_alert(connection, timer.subject)
    found = alert is None or alert["verdict"] == Verdict.REFUTED or alert["case_arrived"] is not None
    if alert is None or found or timer.step >= len(pace.care):
        return None
    step = pace.care[timer.step]
    for role in step.roles:
        await _ask(connection, alert, role, timer)
    case = (await _case(connection, alert))["case_id"]
    await feed.publish(connection, alerts=[alert["id"]], incidents=[case] if case else [])
    if timer.step + 1 == len(pace.care):
        return None
    return timer.due_at + pace.care[timer.step + 1].after - step.after


async def _ask(connection: Connection, alert: DictRow, role: str, timer: Due) -> None:
    case = (await _case(connection, alert))["case_id"]
    told = Told()
    withheld = alert["drill"] and role in (*OUTSIDE, "CP")
    if role != "FAM":
        if case is None:
            note = "家属未回应，网格员上门"
            case = await dispatch(connection, PLATFORM, alert, note=note, detail=timer.detail, now=timer.now)
        rows = await (await connection.execute(SQL["orders_of"], {"id": case})).fetchall()
        if not withheld and role not in {row["org"] for row in rows}:
            await send_order(connection, PLATFORM, case, org=role, note="关爱对象失联，请上门或到场")
    outside = role in OUTSIDE
    page = Page(
        about=alert,
        template="outside" if outside else "care",
        note=("关爱对象失联，请核实", "A person under care cannot be reached, please check"),
        key=f"care/{alert['id']}/{timer.step}",
        facts_of=alert["id"],
        incident_id=case,
    )
    if outside:
        await call_outside(connection, role, page)
    else:
        told = await tell(connection, (role,), page, now=timer.now)
    detail = {**timer.detail, "role": role, **told.detail}
    await log_alert(connection, alert, "care_withheld" if withheld else "care_step", detail=detail)


async def _case(connection: Connection, alert: DictRow) -> DictRow:
    """The alert as it is now: a step before may have opened its case."""
    now = await lock_alert(connection, str(alert["id"]))
    return alert if now is None else now
