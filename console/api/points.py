"""Responsibility points: the lists, the ledger, its reviews, and the totals over four levels."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from console import points as ledger
from console.access import Data, must_see
from console.api.kpi_board import Moment, Month, Node
from console.auth import Me
from console.case_wishes import NewPoints, PointsCorrection, PointsReview, PointsRule
from console.database import Connection
from console.kpi_board import node_of, period_of
from console.paging import Cursor, Limit, after, page
from console.points import EVERYTHING, SQL
from console.schemas import Instant, Page, Step, Wire
from console.sheet_out import CSV, csv_answer
from console.writing import Answer, Once
from ingest.clock import system_clock
from rules.points import Stand

router = APIRouter(prefix="/api/points", tags=["points"])

_MOST: Final = 100_000  # rows of a sheet
_HEADING: Final = (
    "编号", "时间", "姓名", "身份", "家庭", "地点编码", "规则",
    "积分", "理由", "案件", "更正", "状态", "提出人",
)  # fmt: skip


class ListRule(Wire):
    """A line of the positive or the negative list."""

    code: str
    points: int
    name_zh: str
    name_en: str
    active: bool


class ReviewRow(Wire):
    """A step that was taken."""

    step: Literal["first", "second", "publish"]
    decision: Literal["approve", "refuse"]
    note: str
    at: Instant
    by: str


class PointsEntry(Wire):
    """An entry of the ledger; it counts once it is published."""

    id: int
    at: Instant
    holder: str
    holder_kind: Literal["volunteer", "leader", "grid_worker"]
    family: str
    place: str
    rule: str
    rule_zh: str
    rule_en: str
    points: int
    reason: str
    incident_id: int | None
    corrects: int | None
    corrected_by: int | None
    proposed_by: str
    stand: Stand
    reviews: list[ReviewRow]


class PlacePoints(Step):
    """The points of a place and everything below it."""

    own: bool
    points: int
    earned: int
    lost: int
    holders: int


class NamedPoints(Wire):
    """The points of somebody, or of a family."""

    name: str
    kind: str
    points: int
    entries: int


class Totals(Wire):
    """What was published in a period."""

    path: list[Step]
    places: list[PlacePoints]
    holders: list[NamedPoints]
    families: list[NamedPoints]


@router.get("/rules", response_model=list[ListRule])
async def points_rules(database: Data) -> list[dict[str, Any]]:
    """Show the positive and the negative list."""
    return await database.rows(SQL["rules"])


@router.post("/rules", response_model=PointsRule)
async def set_points_rule(caller: Me, wish: PointsRule, writer: Once) -> JSONResponse:
    """Put a line onto the lists, or change one."""

    async def work(connection: Connection) -> Answer:
        await ledger.set_rule(connection, caller, wish)
        return Answer(body=wish.model_dump())

    return await writer.once(work)


@router.get("", response_model=Page[PointsEntry])
async def points_entries(
    *,
    database: Data,
    caller: Me,
    node: Node = None,
    holder: Annotated[str | None, Query(max_length=64)] = None,
    stand: Stand | Literal["waiting"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List the ledger, newest first."""
    (before,) = after(cursor, int)
    await must_see(database, caller, node)
    wanted = {**EVERYTHING, "scope": caller.scope, "node": node, "holder": holder, "stand": stand}
    return page(
        await database.rows(SQL["entries"], {**wanted, "before": before, "limit": limit + 1}), limit, "id"
    )


@router.get("/entries.csv", response_class=Response, responses=CSV)
async def points_csv(database: Data, caller: Me, node: Node = None) -> Response:
    """Answer the ledger as a sheet."""
    await must_see(database, caller, node)
    wanted = {**EVERYTHING, "scope": caller.scope, "node": node, "limit": _MOST}
    names = (
        "id", "at", "holder", "holder_kind", "family", "place", "rule_zh", "points", "reason", "incident_id",
        "corrects", "stand", "proposed_by",
    )  # fmt: skip
    rows = [row["body"] for row in await database.rows(SQL["entries"], wanted)]
    return csv_answer("points", _HEADING, ([row[name] for name in names] for row in rows))


@router.get("/totals", response_model=Totals)
async def points_totals(
    *,
    database: Data,
    caller: Me,
    node: Node = None,
    month: Month = None,
    start: Moment = None,
    end: Moment = None,
) -> dict[str, Any]:
    """Add the published points up: by place over the levels, by person, by family."""
    code, path = await node_of(database, caller, node)
    about = {"node": code, **period_of(month, start, end, system_clock()).params}
    return {
        "path": path,
        "places": await database.rows(SQL["by_place"], about),
        "holders": await database.rows(SQL["by_holder"], about),
        "families": await database.rows(SQL["by_family"], about),
    }


@router.post("", response_model=PointsEntry, status_code=HTTPStatus.CREATED)
async def propose_points(database: Data, caller: Me, wish: NewPoints, writer: Once) -> JSONResponse:
    """Propose points for somebody; two other people review it before it is published."""
    await must_see(database, caller, wish.place)

    async def work(connection: Connection) -> Answer:
        return Answer(status=HTTPStatus.CREATED, body=await ledger.propose(connection, caller, wish))

    return await writer.once(work)


@router.post("/{entry_id}/reviews", response_model=PointsEntry)
async def review_points(caller: Me, entry_id: int, wish: PointsReview, writer: Once) -> JSONResponse:
    """Take the next step of an entry."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await ledger.review(connection, caller, entry_id, wish))

    return await writer.once(work)


@router.post("/{entry_id}/corrections", response_model=PointsEntry, status_code=HTTPStatus.CREATED)
async def correct_points(caller: Me, entry_id: int, wish: PointsCorrection, writer: Once) -> JSONResponse:
    """Take a published entry back by a counter-entry."""

    async def work(connection: Connection) -> Answer:
        body = await ledger.correct(connection, caller, entry_id, wish)
        return Answer(status=HTTPStatus.CREATED, body=body)

    return await writer.once(work)
