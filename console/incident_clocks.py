"""The clocks of a case: started, met, stopped and started again in the transaction of the move itself.

Each level that is still to come (80, 100, 150 %) is a row of `timers`, which `shequ duty` fires.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from psycopg.rows import DictRow

from console.database import Connection
from console.pace import Pace
from ingest.store.sql import load
from rules.incident import Action
from rules.ruleset import Sla
from rules.sla import LEVELS, RED, Clock, Promise, due, extended, paused, promised, reached, resumed

SQL: Final = load("console.store", "clocks.sql")

MEETS: Final[Mapping[Action, tuple[Clock, ...]]] = MappingProxyType(
    {
        Action.ACCEPT: (Clock.ACCEPT,),
        Action.DISPATCH: (Clock.ACCEPT, Clock.SIGN),
        Action.REASSIGN: (Clock.SIGN,),
        Action.REOPEN: (Clock.SIGN, Clock.ARRIVE),
        Action.RETURN: (Clock.SIGN,),
        Action.ACKNOWLEDGE: (Clock.SIGN,),
        Action.ARRIVE: (Clock.SIGN, Clock.ARRIVE),
        Action.HANDLE: (Clock.SIGN, Clock.ARRIVE),  # where nobody has to go there
        Action.REPORT_BACK: (Clock.SIGN, Clock.ARRIVE),
        Action.REJECT: tuple(Clock),
        Action.MERGE: tuple(Clock),
        Action.CLOSE: tuple(Clock),
    }
)
"""Which promises a step keeps, or makes pointless."""

STARTS: Final[Mapping[Action, tuple[Clock, ...]]] = MappingProxyType(
    {
        Action.DISPATCH: (Clock.SIGN,),
        Action.REASSIGN: (Clock.SIGN,),
        Action.REOPEN: (Clock.SIGN, Clock.ARRIVE),
    }
)
"""Which promises a step gives anew."""

FIRST: Final = (Clock.ACCEPT, Clock.ARRIVE, Clock.CLOSE)
"""Given when the case is opened."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """One row of `incident_clocks`."""

    clock: Clock
    seq: int
    promise: Promise
    began_at: datetime
    met_at: datetime | None = None
    breached_at: datetime | None = None
    level: int = 0


async def read(connection: Connection, incident_id: int) -> dict[Clock, Running]:
    """Answer the newest promise of each kind."""
    rows = await (await connection.execute(SQL["clocks"], {"id": incident_id})).fetchall()
    return {Clock(row["clock"]): _running(row) for row in rows}


async def start(
    connection: Connection,
    incident: Mapping[str, Any],
    clocks: Iterable[Clock],
    *,
    sla: Sla,
    pace: Pace,
    now: datetime,
) -> dict[Clock, Running]:
    """Give promises of a case from `now` on; answers them."""
    severity = incident["severity"]
    before = await read(connection, incident["id"])
    given: dict[Clock, Running] = {}
    for clock in clocks:
        limit = promised(clock, sla)
        if limit is None:
            continue
        promise = Promise(
            limit=pace.time.limit(limit, severity), working=pace.time.working(severity), running_since=now
        )
        seq = before[clock].seq + 1 if clock in before else 1
        given[clock] = Running(clock=clock, seq=seq, promise=promise, began_at=now)
    await _write(connection, incident["id"], given.values(), pace)
    return given


async def meet(
    connection: Connection, incident_id: int, clocks: Iterable[Clock], *, pace: Pace, now: datetime
) -> None:
    """Note that promises are kept, or are not needed any more; late ones stay late."""
    standing = await read(connection, incident_id)
    ended = []
    for clock in clocks:
        row = standing.get(clock)
        if row is None or row.met_at is not None:
            continue
        red = due(row.promise, RED, pace.time.hours)
        late = red if red is not None and red < now else None
        ended.append(replace(row, met_at=now, breached_at=row.breached_at or late))
    await _write(connection, incident_id, ended, pace)


async def stop(connection: Connection, incident_id: int, *, pace: Pace, now: datetime) -> None:
    """Let every clock of the case stand still."""
    rows = (await read(connection, incident_id)).values()
    stopped = [
        replace(row, promise=paused(row.promise, now, pace.time.hours)) for row in rows if row.met_at is None
    ]
    await _write(connection, incident_id, stopped, pace)


async def go_on(connection: Connection, incident_id: int, *, pace: Pace, now: datetime) -> None:
    """Let every clock run again from where it stood."""
    rows = (await read(connection, incident_id)).values()
    running = [replace(row, promise=resumed(row.promise, now)) for row in rows if row.met_at is None]
    await _write(connection, incident_id, running, pace)


async def extend(
    connection: Connection, incident_id: int, by: timedelta, *, pace: Pace, now: datetime
) -> None:
    """Give more time to close the case; levels that lie ahead again are counted again."""
    row = (await read(connection, incident_id)).get(Clock.CLOSE)
    if row is not None and row.met_at is None:
        promise = extended(row.promise, by)
        longer = replace(row, promise=promise, level=reached(promise, now, pace.time.hours))
        await _write(connection, incident_id, [longer], pace)


async def reach(connection: Connection, incident_id: int, row: Running, level: int, *, pace: Pace) -> None:
    """Note that a level has been acted on."""
    red = due(row.promise, RED, pace.time.hours)
    breached = row.breached_at or (red if level >= RED else None)
    await _write(connection, incident_id, [replace(row, level=level, breached_at=breached)], pace)


def subject(incident_id: int, row: Running, level: int) -> str:
    """Name the timer of a level."""
    return f"{incident_id}/{row.clock}/{row.seq}/{level}"


async def _write(connection: Connection, incident_id: int, rows: Iterable[Running], pace: Pace) -> None:
    """Write promises, and the timers of what is still to come."""
    for row in rows:
        hours = pace.time.hours
        moments = {level: due(row.promise, level, hours) for level in LEVELS}
        values = {
            "id": incident_id,
            "clock": row.clock,
            "seq": row.seq,
            "limit_s": row.promise.limit.total_seconds(),
            "working": row.promise.working,
            "began_at": row.began_at,
            "from_at": row.promise.running_since,
            "spent_s": row.promise.spent.total_seconds(),
            "amber_at": moments[LEVELS[0]],
            "due_at": moments[LEVELS[1]],
            "supervise_at": moments[LEVELS[2]],
            "met_at": row.met_at,
            "breached_at": row.breached_at,
            "level": row.level,
        }
        await connection.execute(SQL["put_clock"], values)
        names = [subject(incident_id, row, level) for level in LEVELS]
        await connection.execute(SQL["forget_levels"], {"subjects": names})
        if row.met_at is not None:
            continue
        for level, moment in moments.items():
            if moment is not None and level > row.level:
                timer = {"kind": "sla", "subject": subject(incident_id, row, level), "due_at": moment}
                await connection.execute(SQL["set_timer"], timer)


def _running(row: DictRow) -> Running:
    promise = Promise(
        limit=timedelta(seconds=row["limit_s"]),
        working=row["working"],
        running_since=row["from_at"],
        spent=timedelta(seconds=row["spent_s"]),
    )
    return Running(
        clock=Clock(row["clock"]),
        seq=row["seq"],
        promise=promise,
        began_at=row["began_at"],
        met_at=row["met_at"],
        breached_at=row["breached_at"],
        level=row["level"],
    )
