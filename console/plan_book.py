"""The book of dispatch plans: those in force, written and taken back by people, as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from console import accounts
from console.advice import scene
from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from console.plan_steps import SQL
from console.problems import Invalid
from console.rulebook import told
from devices.errors import NotFound, RuleError
from ingest.store.sql import load
from rules.plan import Plan, mismatches, parse, shipped, timetable
from rules.plan_spec import Step
from rules.ruleset import load_catalogue

_BLANK: Final[Mapping[str, Any]] = {
    "role": None,
    "people": 1,
    "skills": [],
    "to": None,
    "by": None,
    "text": None,
    "profile": None,
    "name": None,
    "args": {},
    "within": None,
    "most": None,
}
PLACES: Final = load("console.store", "devices.sql")


async def live_plans(connection: Connection) -> list[Plan]:
    """Every plan in force: an own version of a name stands in for the shipped one."""
    rows = await (await connection.execute(SQL["live_plans"])).fetchall()
    own = {row["id"]: replace(parse(row["source"], row["id"])[0], version=row["version"]) for row in rows}
    return [*(plan for plan in shipped() if plan.id not in own), *own.values()]


async def listed(connection: Connection, caller: Caller) -> list[dict[str, Any]]:
    """Every plan for the caller's places, as the page lists them."""
    found = []
    for plan in await live_plans(connection):
        about = {"code": plan.place, "scope": caller.scope}
        if plan.place is None or await fetch(connection, PLACES["visible_place"], about) is not None:
            found.append(wire(plan))
    return found


async def detail(connection: Connection, caller: Caller, plan_id: str) -> dict[str, Any]:
    """One plan with what it forgets and its versions.

    Raises NotFound outside the caller's places.
    """
    plan = next((one for one in await listed(connection, caller) if one["id"] == plan_id), None)
    if plan is None:
        raise NotFound("plan", plan_id)
    rows = await (await connection.execute(SQL["plan_versions"], {"id": plan_id})).fetchall()
    names = ("version", "state", "author", "reason", "source")
    versions = [
        {**{name: row[name] for name in names}, "created_at": row["created_at"].isoformat()} for row in rows
    ]
    return {**plan, "warnings": check(plan["source"])["warnings"], "versions": versions}


def check(source: str) -> dict[str, Any]:
    """Read a plan as somebody wrote it: what it says and what it forgets, or where it is wrong."""
    try:
        plans = parse(source, "plan")
    except RuleError as exc:
        return {"errors": [told(exc)], "warnings": [], "plan": None}
    if len(plans) != 1:
        fault = told(RuleError("plan", 1, 1, "write one plan at a time"))
        return {"errors": [fault], "warnings": [], "plan": None}
    return {"errors": [], "warnings": list(mismatches(plans[0], load_catalogue())), "plan": wire(plans[0])}


async def save(connection: Connection, caller: Caller, source: str, reason: str) -> dict[str, Any]:
    """Put a plan into force as the next version of its name.

    Raises Invalid for a wrong plan, NotFound for a place outside the caller's places (or for everywhere).
    """
    found = check(source)
    if found["plan"] is None:
        first = found["errors"][0]
        raise Invalid({"source": f"line {first['line']}, column {first['column']}: {first['problem']}"})
    (plan,) = parse(source, "plan")
    await _must_reach(connection, caller, plan.place)
    standing = next((one for one in await live_plans(connection) if one.id == plan.id), None)
    if standing is not None and standing.place != plan.place:
        raise Invalid({"source": f"there is a plan {plan.id!r} for another place: take another id"})
    await connection.execute(SQL["lock_plan"], {"id": plan.id})
    await connection.execute(SQL["retire_plan"], {"id": plan.id})
    row = {"id": plan.id, "source": source, "place": plan.place, "author": caller.name, "reason": reason}
    version = (await fetch_one(connection, SQL["add_plan"], row))["version"]
    detail = {"version": version, "reason": reason}
    await accounts.audit(connection, caller.name, "plan.save", plan.id, detail=detail, source=caller.source)
    return {**found, "version": version}


async def roll_back(connection: Connection, caller: Caller, plan_id: str, reason: str) -> dict[str, Any]:
    """Take the own version of a plan out of force: the one before it, or the shipped one, comes back.

    Raises NotFound where there is no own version or it is not the caller's.
    """
    plan = next((one for one in await live_plans(connection) if one.id == plan_id and one.version), None)
    if plan is None:
        raise NotFound("plan", plan_id)
    await _must_reach(connection, caller, plan.place)
    await connection.execute(SQL["lock_plan"], {"id": plan_id})
    await connection.execute(SQL["retire_plan"], {"id": plan_id})
    about = {"id": plan_id, "version": plan.version}
    before = await fetch(connection, SQL["revive_plan"], about)
    detail = {"from": plan.version, "to": before["version"] if before else 0, "reason": reason}
    await accounts.audit(
        connection, caller.name, "plan.roll_back", plan_id, detail=detail, source=caller.source
    )
    return {"id": plan_id, "version": detail["to"]}


def wire(plan: Plan) -> dict[str, Any]:
    """A plan as the HTTP contract shows it."""
    return {
        "id": plan.id,
        "version": plan.version,
        "name_zh": plan.name_zh,
        "name_en": plan.name_en,
        "codes": list(plan.codes),
        "place": plan.place,
        "steps": steps_wire(plan),
        "source": plan.source,
    }


def steps_wire(plan: Plan) -> list[dict[str, Any]]:
    """Every step with when it is due, in words and numbers."""
    return [
        {
            **_said(due.step),
            "n": due.n,
            "stage": due.stage,
            "when": due.when.value,
            "after_s": due.after_s,
            "order": plan.stages[due.stage].order.value,
            "until": due.until.value if due.until else None,
        }
        for due in timetable(plan)
    ]


def _said(step: Step) -> dict[str, Any]:
    """What a step says, with what it leaves to the default."""
    plain = {name: getattr(step, name, blank) for name, blank in _BLANK.items()}
    return {**msgspec.to_builtins(plain), "do": step.__struct_config__.tag}


async def _must_reach(connection: Connection, caller: Caller, place: str | None) -> None:
    """A plan for everywhere is for whoever sees everything."""
    if place is None and caller.scope is None:
        return
    if place is None:
        raise NotFound("place", "*")
    await scene(connection, "place", place, caller.scope)
