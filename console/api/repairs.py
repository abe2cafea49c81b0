"""Repairs and hints: what the verdicts say of devices and rules, and what is to be done."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from console import repairs as repairing
from console.access import Data
from console.auth import Me
from console.case_wishes import RepairAction
from console.database import Connection, Database
from console.paging import Cursor, Limit, after, page
from console.repairs import EVERYTHING, SQL, shown
from console.schemas import Instant, Page, Wire
from console.writing import Answer, Once
from rules.repairs import advice_for, due

router = APIRouter(prefix="/api", tags=["repairs"])


class Facts(Wire):
    """The count that asked for a repair."""

    false_alarms: int
    days: int


class Repair(Wire):
    """A repair order, or a visit."""

    id: int
    estate: str
    place: str
    device: str
    name_zh: str
    name_en: str
    profile: str
    rule: str
    kind: str
    advice_zh: str
    advice_en: str
    state: Literal["open", "assigned", "done", "dismissed"]
    facts: Facts
    assignee: str | None
    note: str
    created_at: Instant
    moved_at: Instant
    moved_by: str
    closed_at: Instant | None
    version: int
    legal: list[Literal["assign", "done", "dismiss"]]


class Hint(Wire):
    """A device that was wrong lately, and what helps; `due`: it has been ordered."""

    device: str
    name_zh: str
    name_en: str
    rule: str
    code: str
    estate: str
    place: str
    false_alarms: int
    days: int
    advice_zh: str
    advice_en: str
    due: bool


class Verdicts(Wire):
    """How the alerts of a device or a rule were judged; `rate` in per cent, null without verdicts."""

    days: int
    true_alarm: int
    false_alarm: int
    apart: int
    unjudged: int
    rate: float | None
    hints: list[Hint]
    repairs: list[Repair]


class NeedsMe(Wire):
    """What waits for somebody."""

    repairs: int
    hints: int
    supervised: int
    waiting: int
    unrated: int
    points: int


@router.get("/repairs", response_model=Page[Repair])
async def repairs(
    database: Data,
    caller: Me,
    state: Literal["open", "closed", "all"] = "open",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List repair orders and visits, newest first."""
    (before,) = after(cursor, int)
    wanted = {**EVERYTHING, "scope": caller.scope, "state": state, "before": before, "limit": limit + 1}
    rows = await database.rows(SQL["repairs"], wanted)
    return page([{**row, "body": shown(row["body"])} for row in rows], limit, "id")


@router.post("/repairs/{repair_id}/actions", response_model=Repair)
async def act_on_repair(caller: Me, repair_id: int, wish: RepairAction, writer: Once) -> JSONResponse:
    """Assign a repair, report it done, or say why nothing needs to be done."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await repairing.act(connection, caller, repair_id, wish))

    return await writer.once(work)


@router.get("/hints", response_model=list[Hint])
async def hints(database: Data, caller: Me) -> list[dict[str, Any]]:
    """List the devices with false alarms in the last seven days, and what helps."""
    return await _hints(database, caller.scope)


@router.get("/verdicts", response_model=Verdicts)
async def verdicts(
    database: Data, caller: Me, device: str | None = None, rule: str | None = None
) -> dict[str, Any]:
    """Show how the alerts of a device or a rule were judged in the last thirty days."""
    about = {"scope": caller.scope, "device": device, "rule": rule, "days": repairing.DAYS}
    counts = await database.row(SQL["verdicts"], about)
    wanted = {**EVERYTHING, **about, "state": "all", "limit": 20}
    figures: dict[str, int] = dict(counts or {})
    judged = figures["true_alarm"] + figures["false_alarm"]
    return {
        **figures,
        "days": repairing.DAYS,
        "rate": 100 * figures["false_alarm"] / judged if judged else None,
        "hints": await _hints(database, caller.scope, device, rule),
        "repairs": [shown(row["body"]) for row in await database.rows(SQL["repairs"], wanted)],
    }


@router.get("/needs-me", response_model=NeedsMe)
async def needs_me(database: Data, caller: Me) -> dict[str, Any]:
    """Count what waits for somebody within the caller's places."""
    about = {"scope": caller.scope}
    wanted = {**EVERYTHING, **about, "state": "open", "limit": 1000}
    points = await database.row(SQL["points_waiting"], about)
    return {
        **(await database.row(SQL["supervised_cases"], about) or {}),
        "repairs": len(await database.rows(SQL["repairs"], wanted)),
        "hints": sum(hint["due"] for hint in await _hints(database, caller.scope)),
        "points": points["n"] if points else 0,
    }


async def _hints(
    database: Database, scope: str | None, device: str | None = None, rule: str | None = None
) -> list[dict[str, Any]]:
    rows = await database.rows(SQL["noisy"], {"scope": scope, "device": device, "rule": rule})
    return [_hint(row) for row in rows]


def _hint(row: dict[str, Any]) -> dict[str, Any]:
    asked = due(row["profile"], row["n"])
    advice = asked[-1] if asked else advice_for(row["profile"])[0]
    kept = {name: row[name] for name in ("device", "name_zh", "name_en", "rule", "code", "estate", "place")}
    return {
        **kept,
        "false_alarms": row["n"],
        "days": advice.within.days,
        "advice_zh": advice.zh,
        "advice_en": advice.en,
        "due": bool(asked),
    }
