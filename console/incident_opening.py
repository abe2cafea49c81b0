"""How a case begins: from an alert that is dispatched, or from what people report."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from psycopg.rows import DictRow

from console import accounts, feed, incident_clocks
from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from console.incident_log import write_log
from console.incident_orders import put_order
from console.incidents import SQL
from console.limits import sla_of
from console.pace import pace
from console.problems import Invalid
from console.wishes import IncidentReport
from ingest.store import personal
from ingest.vault import Vault
from rules.incident import FIRST, SOURCES, Action, State, advance, case_code
from rules.sla import Clock

REPORTED: Final = "REPORT"
"""The code of a case that no alert began and the catalogue has no word for."""

_OPENING: Final = (Action.ACCEPT, Action.ASSESS, Action.DISPATCH)


async def open_incident(
    connection: Connection, caller: Caller, alert: DictRow, *, org: str, note: str | None = None
) -> int:
    """Open an incident for an alert and send `org`; answers its id.

    The promises count from the moment the alert was raised, the one to sign from now.
    """
    state = FIRST
    for action in _OPENING:
        state = advance(state, action)
    row = {
        "source": "06" if alert["profile"] == "camera" else "01",
        "kind": "alert",
        "title": "",
        "summary": "",
        "state": state,
        "severity": alert["severity"],
        "code": alert["code"],
        "estate": alert["estate"],
        "place": alert["place"],
        "lead_org": org,
        "drill": alert["drill"],
    }
    incident = await _open(connection, caller, row)
    number: int = incident["id"]
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
    before = FIRST
    for action in _OPENING:
        after = advance(before, action)
        reason = note or "" if action is Action.DISPATCH else ""
        await write_log(
            connection,
            caller,
            number,
            action=action,
            before=before,
            after=after,
            reason=reason,
            detail=detail,
        )
        before = after
    await _promise(connection, incident, since=alert["raised_at"], now=incident["opened_at"])
    await put_order(connection, caller, number, org=org, note=note or "")
    return number


async def _promise(connection: Connection, incident: DictRow, *, since: datetime, now: datetime) -> None:
    sla, time = await sla_of(connection, incident["code"], incident["severity"]), pace()
    number = incident["id"]
    await incident_clocks.start(connection, incident, incident_clocks.FIRST, sla=sla, pace=time, now=since)
    await incident_clocks.meet(connection, number, (Clock.ACCEPT,), pace=time, now=now)
    await incident_clocks.start(connection, incident, (Clock.SIGN,), sla=sla, pace=time, now=now)


async def report_incident(
    connection: Connection, caller: Caller, vault: Vault, report: IncidentReport
) -> dict[str, Any]:
    """Open a case for what somebody saw or was told; the centre has yet to take it.

    Raises Invalid for a place outside the caller's, a place of no estate, or an unknown source.
    """
    if report.source not in SOURCES:
        raise Invalid({"source": f"take one of {', '.join(SOURCES)}"})
    about = {"place": report.place, "scope": caller.scope}
    place = await fetch(connection, SQL["place_of_report"], about)
    if place is None:
        raise Invalid({"place": "name a place of an estate that you see"})
    row = {
        **report.model_dump(exclude={"code", "reporter", "reporter_phone"}),
        "code": report.code or REPORTED,
        "state": FIRST,
        "estate": place["estate"],
        "lead_org": None,
    }
    incident = await _open(connection, caller, row)
    number = incident["id"]
    told = {"reporter": report.reporter, "reporter_phone": report.reporter_phone}
    await personal.put(connection, vault, personal.incident(number), told)
    await write_log(
        connection,
        caller,
        number,
        action="report",
        before=None,
        after=FIRST,
        reason=report.title,
        detail={"source": report.source, "kind": report.kind},
    )
    await incident_clocks.start(
        connection,
        incident,
        incident_clocks.FIRST,
        sla=await sla_of(connection, incident["code"], incident["severity"]),
        pace=pace(),
        now=incident["opened_at"],
    )
    await accounts.audit(
        connection, caller.name, "incident.report", incident["case_code"], source=caller.source
    )
    await feed.publish(connection, incidents=[number])
    body: dict[str, Any] = (await fetch_one(connection, SQL["incident_body"], {"id": number}))["body"]
    return body


async def _open(connection: Connection, caller: Caller, row: dict[str, Any]) -> DictRow:
    numbers = await fetch_one(connection, SQL["case_numbers"], {"place": row["place"]})
    await connection.execute(SQL["lock_case_numbers"], numbers)
    last: int = (await fetch_one(connection, SQL["last_case_number"], numbers))["seq"]
    code = case_code(numbers["county"], numbers["day"], row["source"], last + 1)
    accepted = row["state"] != State.REPORTED
    return await fetch_one(
        connection,
        SQL["open_incident"],
        {**row, "case_code": code, "opened_by": caller.name, "accepted": accepted},
    )
