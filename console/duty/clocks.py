"""A promise that runs out: amber, red with one step up the ladder, 督办."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from psycopg.rows import DictRow

from console import feed, incident_clocks
from console.auth import PLATFORM
from console.database import Connection, fetch, fetch_one
from console.duty.letters import LADDER_ROLES, Page, Told, clock_words, tell
from console.duty.timers import SQL, Due
from console.incident_actions import act, note
from console.incidents import SQL as INCIDENTS
from console.pace import Pace
from console.wishes import IncidentAction
from rules.incident import OVER, Action, State
from rules.sla import AMBER, LADDER, RED, SUPERVISE, Clock

_LEADS: Final = {
    AMBER: ("即将超时", "Due soon"),
    RED: ("已超时", "Overdue"),
    SUPERVISE: ("严重超时，督办", "Long overdue, under supervision"),
}


async def on_level(connection: Connection, timer: Due, pace: Pace) -> datetime | None:
    """Act on a level that a clock has reached, unless it was met, moved or stopped meanwhile."""
    number, name, seq, percent = timer.subject.split("/")
    incident_id, level = int(number), int(percent)
    if await fetch(connection, INCIDENTS["lock_incident"], {"id": incident_id, "scope": None}) is None:
        return None
    row = (await incident_clocks.read(connection, incident_id)).get(Clock(name))
    incident = await fetch_one(connection, SQL["incident"], {"id": incident_id})
    over = State(incident["state"]) in OVER
    if row is None or over or row.seq != int(seq) or row.met_at is not None or row.level >= level:
        return None
    rung = min(incident["ladder"] + (level == RED), len(LADDER) - 1)
    rung = 0 if level == AMBER else rung
    page = Page(
        about=incident,
        template="clock",
        note=clock_words(row.clock, _LEADS[level]),
        key=f"sla/{timer.subject}",
        incident_id=incident_id,
    )
    told = await tell(connection, LADDER_ROLES[rung], page, now=timer.now, rung=rung)
    await _climb(connection, incident, row.clock, level, timer, told=told)
    await incident_clocks.reach(connection, incident_id, row, level, pace=pace)
    await feed.publish(connection, incidents=[incident_id])
    return None


async def _climb(
    connection: Connection, incident: DictRow, clock: Clock, level: int, timer: Due, *, told: Told
) -> None:
    """Put the level on the case's record: one step of the ladder with every breach."""
    detail = {"clock": clock, "level": level, **timer.detail, **told.detail}
    if level == AMBER:
        await note(connection, PLATFORM, incident, action="amber", detail=detail)
        return
    action = Action.ESCALATE if level == RED else Action.SUPERVISE
    wish = IncidentAction(action=action, reason=f"clock:{clock}/{level}")
    await act(connection, PLATFORM, incident["id"], wish, now=timer.now, detail=detail)
