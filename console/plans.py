"""Dispatch plans on cases: chosen with a reason, run with one click, each step on record.

A run is rows: what is due is done in the transaction of whoever looks (the click, the duty process
when the run's timer fires, the move that confirms a fire), and what waits is a timer row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import psycopg
from psycopg.types.json import Jsonb

from console import accounts, feed
from console.advice import Scene, scene
from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from console.incident_log import write_log
from console.pace import pace
from console.plan_book import live_plans, steps_wire, wire
from console.plan_steps import SQL, Run, perform
from console.problems import Beaten
from devices.errors import NotFound, PlatformError
from rules.plan import (
    Choice,
    CodeMatch,
    Due,
    Facts,
    Plan,
    Verdict,
    choose,
    decide,
    next_look,
    parse,
    timetable,
)

_SETTLED: Final[Mapping[Verdict, str]] = {
    Verdict.NOT_NEEDED: "not_needed",
    Verdict.CASE_OVER: "case_over",
    Verdict.WITHHELD: "withheld",
}


async def show(connection: Connection, caller: Caller, kind: str, number: int) -> dict[str, Any]:
    """The plan that applies to an incident or alert, why, and how far it has been run.

    Raises NotFound outside the caller's places.
    """
    where = await scene(connection, kind, number, caller.scope)
    incident = number if kind == "incident" else where.row.get("incident_id")
    found = choose(await live_plans(connection), where.row["code"], where.path)
    return {
        "choice": _wire_choice(found) if found else None,
        "runs": await _runs(connection, incident) if incident else [],
        "incident_id": incident,
    }


def first_org(choice: Mapping[str, Any] | None) -> str | None:
    """Whom a plan sends first: they lead the case."""
    steps = choice["plan"]["steps"] if choice else ()
    return next((step["role"] for step in steps if step["do"] == "send"), None)


async def run(
    connection: Connection, caller: Caller, incident_id: int, plan: str | None = None
) -> dict[str, Any]:
    """Run a plan on a case: the one that applies, or the one that is named; twice is once.

    Raises NotFound outside the caller's places or for an unknown plan, Beaten where the case is over
    or another plan still runs.
    """
    where = await scene(connection, "incident", incident_id, caller.scope)
    if where.row["closed_at"] is not None:
        raise Beaten(f"incident {incident_id} is over", legal=(), last=None)
    plans = await live_plans(connection)
    found = choose(plans, where.row["code"], where.path) if plan is None else _named(plans, plan, where)
    if found is None:
        raise NotFound("plan", plan or where.row["code"])
    await connection.execute(SQL["lock_plan"], {"id": f"run:{incident_id}"})
    runs = await (await connection.execute(SQL["runs_of"], {"incident": incident_id})).fetchall()
    if not any(one["plan"] == found.plan.id for one in runs):
        if any(one["state"] == "running" for one in runs):
            raise Beaten("another plan is running on this case", legal=(), last=None)
        await _start(connection, caller, where, found)
    return await show(connection, caller, "incident", incident_id)


async def go_on(connection: Connection, caller: Caller, run_id: int) -> None:
    """Do what is due of a run and set its timer for the rest; safe to call at any time.

    The duty process calls it when a timer of kind `plan` fires (its subject is the run's id).
    """
    row = await fetch(connection, SQL["lock_run"], {"run": run_id})
    if row is None or row["state"] != "running":
        return
    speed = pace().time.speed
    confirmed = row["since_confirmed_s"]
    facts = Facts(
        elapsed_s=row["elapsed_s"] * speed,
        since_confirmed_s=None if confirmed is None else confirmed * speed,
        acknowledged=row["acknowledged"],
        arrived=row["arrived"],
        over=row["over"],
        drill=row["drill"],
    )
    if confirmed is not None:
        await connection.execute(SQL["note_confirmed"], {"run": run_id, "at": row["verdict_at"]})
    waiting = await _do_what_is_due(connection, caller, row, facts)
    look = next_look(waiting, facts)
    about = {"run": run_id, "subject": str(run_id), "seconds": (look or 0.0) / speed}
    await connection.execute(SQL["drop_timer" if look is None else "set_timer"], about)
    if not waiting:
        await connection.execute(SQL["finish_run"], about)
    await feed.publish(connection, incidents=[row["incident_id"]])


async def go_on_with(connection: Connection, caller: Caller, incident_id: int) -> None:
    """A case has moved (a fire was confirmed, somebody signed): look at its running plan again."""
    row = await fetch(connection, SQL["running_of"], {"incident": incident_id})
    if row is not None:
        await go_on(connection, caller, row["id"])


async def _do_what_is_due(
    connection: Connection, caller: Caller, row: Mapping[str, Any], facts: Facts
) -> list[Due]:
    """Settle every step that is due or no longer needed; answers those that wait."""
    plan = parse(row["source"], row["plan"])[0]
    states = await (await connection.execute(SQL["steps_of"], {"runs": [row["id"]]})).fetchall()
    open_ = {state["n"] for state in states if state["state"] == "waiting"}
    where = await scene(connection, "incident", row["incident_id"], None)
    which = Run(
        connection=connection,
        caller=caller,
        where=where,
        id=row["id"],
        incident=row["incident_id"],
        drill=row["drill"],
        case_code=row["case_code"],
    )
    waiting: list[Due] = []
    for due in (one for one in timetable(plan) if one.n in open_):
        verdict = decide(due, facts)
        if verdict is Verdict.WAIT:
            waiting.append(due)
            continue
        state, outcome = _SETTLED.get(verdict, "done"), {"reason": verdict.value}
        if verdict is Verdict.GO:
            state, outcome = await _carry_out(which, due)
        settled = {"run": row["id"], "n": due.n, "state": state, "outcome": Jsonb(outcome)}
        await connection.execute(SQL["settle_step"], settled)
    return waiting


async def _carry_out(which: Run, due: Due) -> tuple[str, dict[str, Any]]:
    """Do one step in a savepoint: a step that fails is on record and keeps no other from being done."""
    try:
        async with which.connection.transaction():
            return "done", await perform(which, due.n, due.step)
    except (PlatformError, psycopg.DataError, psycopg.IntegrityError) as exc:
        return "failed", {"reason": str(exc)}


async def _start(connection: Connection, caller: Caller, where: Scene, found: Choice) -> None:
    plan, incident = found.plan, where.row["id"]
    choice = {"code": found.code.value, "place": found.place, "beaten": list(found.beaten)}
    row = {
        "incident": incident,
        "plan": plan.id,
        "version": plan.version,
        "choice": Jsonb(choice),
        "source": plan.source,
        "drill": where.row["drill"],
        "by": caller.name,
    }
    number = (await fetch_one(connection, SQL["start_run"], row))["id"]
    for due in timetable(plan):
        await connection.execute(SQL["add_step"], {"run": number, "n": due.n})
    state = where.row["state"]
    detail = {"run": number, "plan": plan.id, "version": plan.version, "choice": choice}
    await write_log(
        connection,
        caller,
        incident,
        action="plan",
        before=state,
        after=state,
        reason=plan.name_zh,
        detail=detail,
    )
    await accounts.audit(connection, caller.name, "plan.run", plan.id, detail=detail, source=caller.source)
    await go_on(connection, caller, number)


async def _runs(connection: Connection, incident: int) -> list[dict[str, Any]]:
    rows = await (await connection.execute(SQL["runs_of"], {"incident": incident})).fetchall()
    about = {"runs": [row["id"] for row in rows]}
    states = await (await connection.execute(SQL["steps_of"], about)).fetchall()
    return [_wire_run(row, [state for state in states if state["run"] == row["id"]]) for row in rows]


def _wire_run(row: Mapping[str, Any], states: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    plan = parse(row["source"], row["plan"])[0]
    by_n = {state["n"]: state for state in states}
    return {
        "id": row["id"],
        "plan": row["plan"],
        "version": row["version"],
        "name_zh": plan.name_zh,
        "name_en": plan.name_en,
        "choice": row["choice"],
        "drill": row["drill"],
        "state": row["state"],
        "started_at": row["started_at"].isoformat(),
        "started_by": row["started_by"],
        "finished_at": row["finished_at"].isoformat() if row["finished_at"] else None,
        "steps": [
            {
                **step,
                "state": by_n[step["n"]]["state"],
                "at": at.isoformat() if (at := by_n[step["n"]]["at"]) else None,
                "outcome": by_n[step["n"]]["outcome"],
            }
            for step in steps_wire(plan)
        ],
    }


def _wire_choice(found: Choice) -> dict[str, Any]:
    return {
        "plan": wire(found.plan),
        "code": found.code.value,
        "place": found.place,
        "beaten": list(found.beaten),
    }


def _named(plans: Sequence[Plan], name: str, where: Scene) -> Choice | None:
    """A plan somebody chose by hand, if it is meant for this place."""
    plan = next((one for one in plans if one.id == name and one.place in (None, *where.path)), None)
    if plan is None:
        return None
    fitting = choose([plan], where.row["code"], where.path)
    return fitting or Choice(plan=plan, code=CodeMatch.ANY, place=plan.place)
