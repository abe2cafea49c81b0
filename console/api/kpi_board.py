"""Indicators by level and period, the monthly report, and the targets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from console import accounts
from console.access import Data, must_see
from console.auth import Me
from console.database import Connection, Database
from console.kpi_board import (
    HEADING,
    SQL,
    Period,
    board,
    lines,
    month_in_figures,
    node_of,
    period_of,
    rankings,
)
from console.problems import Invalid
from console.recent import Recent
from console.schemas import Instant, Step, Wire
from console.sheet_out import CSV, csv_answer
from console.wishes import Code, Title, Wish
from console.writing import Answer, Once
from devices.errors import NotFound
from ingest.clock import system_clock
from rules.kpis import KPIS, Better, Unit

router = APIRouter(prefix="/api/kpi", tags=["indicators"])

Month = Annotated[str | None, Query(max_length=7, description="a month as 2026-11; default: this one")]
Node = Annotated[str | None, Query(max_length=64, description="a place code; default: the caller's own")]
Moment = Annotated[datetime | None, Query(description="with the other end: any span, instead of a month")]


class Figure(Wire):
    """A value and what it was made of."""

    value: float | None
    numerator: float | None
    denominator: int
    met: bool | None


class NodeFigure(Figure, Step):
    """The same of a place right below."""


class Indicator(Figure):
    """An indicator of a place in a period."""

    id: str
    name_zh: str
    name_en: str
    formula_zh: str
    formula_en: str
    unit: Unit
    better: Better
    target: float | None
    target_source: str
    children: list[NodeFigure]


class FalseRow(Wire):
    """How often a rule or a device was wrong."""

    ref: str
    code: str
    name_zh: str | None
    name_en: str | None
    false: int
    judged: int


class Board(Wire):
    """The indicators of a place and a period."""

    path: list[Step]
    start: Instant
    end: Instant
    as_of: Instant
    kpis: list[Indicator]
    false_by_rule: list[FalseRow]
    false_by_device: list[FalseRow]


class DayFigures(Wire):
    """A day of the county's calendar."""

    day: str
    alerts: int
    opened: int
    closed: int


class CodeCount(Wire):
    """How many alerts of a code."""

    code: str
    n: int


class SeverityCount(Wire):
    """How many alerts of a severity."""

    severity: str
    n: int


class CountedOut(Wire):
    """Cases the indicators leave out."""

    drill: int
    merged: int
    rejected: int


class Report(Board):
    """A month on paper."""

    by_day: list[DayFigures]
    by_code: list[CodeCount]
    by_severity: list[SeverityCount]
    counted_out: CountedOut
    made_at: Instant
    made_by: str


class Target(Wish):
    """A target for a place and everything below it; percentages run from 0 to 100."""

    kpi: Annotated[str, Field(max_length=64)]
    place: Code
    target: Annotated[float, Field(allow_inf_nan=False)]
    source: Title


@router.get("/board", response_model=Board)
async def kpi_board(
    request: Request,
    *,
    database: Data,
    caller: Me,
    node: Node = None,
    month: Month = None,
    start: Moment = None,
    end: Moment = None,
) -> Response:
    """Show every indicator with its formula and target, and the same of each place right below.

    A county's month costs the database up to seconds, so an answer is remembered for half a minute
    (`board_age_s`); `as_of` says when it was made.
    """
    code, path = await node_of(database, caller, node)
    period = period_of(month, start, end, system_clock())

    async def make() -> bytes:
        body = await _board(database, code, path, period)
        return Board.model_validate(body).model_dump_json().encode()

    boards: Recent[bytes] = request.app.state.boards
    known = await boards.get((path[0]["code"], code, period.start, period.end), make)
    return Response(known, media_type="application/json")


async def _board(database: Database, code: str, path: list[dict[str, Any]], period: Period) -> dict[str, Any]:
    return {
        "path": path,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "as_of": period.as_of.isoformat(),
        "kpis": await board(database, code, period),
        **await rankings(database, code, period),
    }


@router.get("/board.csv", response_class=Response, responses=CSV)
async def kpi_board_csv(
    *,
    database: Data,
    caller: Me,
    node: Node = None,
    month: Month = None,
    start: Moment = None,
    end: Moment = None,
) -> Response:
    """Answer the board as a sheet."""
    code, path = await node_of(database, caller, node)
    period = period_of(month, start, end, system_clock())
    rows = lines(path[-1], await board(database, code, period))
    return csv_answer(f"kpi-{code}-{period.start:%Y-%m-%d}", HEADING, rows)


@router.get("/report", response_model=Report)
async def kpi_report(database: Data, caller: Me, node: Node = None, month: Month = None) -> dict[str, Any]:
    """Answer what the monthly report prints."""
    now = system_clock()
    code, path = await node_of(database, caller, node)
    period = period_of(month, None, None, now)
    return {
        **await _board(database, code, path, period),
        **await month_in_figures(database, code, period),
        "made_at": now.isoformat(),
        "made_by": caller.display_name,
    }


@router.post("/targets", response_model=Target)
async def set_target(
    request: Request, database: Data, caller: Me, wish: Target, writer: Once
) -> JSONResponse:
    """Set a target for a place and everything below it."""
    kpi = KPIS.get(wish.kpi)
    if kpi is None:
        raise NotFound("indicator", wish.kpi)
    await must_see(database, caller, wish.place)
    problem = kpi.problem_with(wish.target)
    if problem is not None:
        raise Invalid({"target": problem})

    async def work(connection: Connection) -> Answer:
        row = {**wish.model_dump(), "unit": kpi.unit, "by": caller.name}
        await connection.execute(SQL["set_target"], row)
        await accounts.audit(
            connection, caller.name, "kpi.target", f"{wish.kpi} {wish.place}",
            detail={"target": wish.target, "source": wish.source}, source=caller.source,
        )  # fmt: skip
        return Answer(body=wish.model_dump())

    answer = await writer.once(work)
    request.app.state.boards.forget()
    return answer
