"""What indicators are measured against: targets that differ, and the points that cameras must cover."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from console import accounts
from console.access import Data
from console.auth import Caller, Me
from console.database import Connection, fetch
from console.kpi_board import SQL
from console.problems import Invalid
from console.schemas import Instant, Wire
from console.wishes import Code, Title, Wish
from console.writing import Answer, Once
from devices.errors import Conflict, NotFound

router = APIRouter(prefix="/api/kpi", tags=["indicators"])


class SetTarget(Wire):
    """A target somebody set for a place and everything below it."""

    kpi: str
    place: str
    name_zh: str
    name_en: str
    target: float
    source: str
    set_by: str
    set_at: Instant


class SetTargets(Wire):
    """Every target that was set."""

    items: list[SetTarget]


class PointPapers(Wish):
    """A point that a camera must cover: a key road section (天网), a required point of a community (雪亮)."""

    network: Literal["xueliang", "tianwang"]
    place: Code
    name_zh: Title
    name_en: Title
    device: Code | None = None


class NewCoveragePoint(PointPapers):
    """A point to add."""

    code: Code


class CoveragePoint(Wire):
    """A point, and whether a camera of its network in use covers it."""

    code: str
    network: Literal["xueliang", "tianwang"]
    place: str
    place_zh: str
    place_en: str
    name_zh: str
    name_en: str
    device: str | None
    device_zh: str | None
    device_en: str | None
    covered: bool
    set_by: str
    set_at: Instant


class CoveragePoints(Wire):
    """Every point the caller sees."""

    items: list[CoveragePoint]


@router.get("/targets", response_model=SetTargets)
async def targets(database: Data, caller: Me) -> dict[str, Any]:
    """List the targets that were set; the others are those the platform ships with."""
    rows = await database.rows(SQL["targets_within"], {"scope": caller.scope})
    return {"items": [{**row, "set_at": row["set_at"].isoformat()} for row in rows]}


@router.delete("/targets/{kpi}/{place}", response_model=SetTargets)
async def drop_target(request: Request, caller: Me, kpi: str, place: str, writer: Once) -> JSONResponse:
    """Take a target back: the next one up the tree holds again; answers those that are left."""

    async def work(connection: Connection) -> Answer:
        await _must_see(connection, caller, place)
        gone = await fetch(connection, SQL["drop_target"], {"kpi": kpi, "place": place})
        if gone is None:
            raise NotFound("target", f"{kpi} {place}")
        await accounts.audit(
            connection, caller.name, "kpi.untarget", f"{kpi} {place}", detail=gone, source=caller.source
        )
        left = await (await connection.execute(SQL["targets_within"], {"scope": caller.scope})).fetchall()
        return Answer(body={"items": [{**row, "set_at": row["set_at"].isoformat()} for row in left]})

    answer = await writer.once(work)
    request.app.state.boards.forget()
    return answer


@router.get("/points", response_model=CoveragePoints)
async def coverage_points(database: Data, caller: Me) -> dict[str, Any]:
    """List the points that cameras must cover."""
    rows = await database.rows(SQL["coverage_points"], {"scope": caller.scope, "code": None})
    return {"items": [{**row, "set_at": row["set_at"].isoformat()} for row in rows]}


@router.post("/points", response_model=CoveragePoint, status_code=HTTPStatus.CREATED)
async def add_coverage_point(caller: Me, wish: NewCoveragePoint, writer: Once) -> JSONResponse:
    """Add a point that a camera must cover."""

    async def work(connection: Connection) -> Answer:
        await _check(connection, caller, wish)
        row = {**wish.model_dump(), "by": caller.name}
        if await fetch(connection, SQL["add_coverage_point"], row) is None:
            raise Conflict(f"there is a point {wish.code!r} already")
        await accounts.audit(connection, caller.name, "coverage.add", wish.code, source=caller.source)
        return Answer(status=HTTPStatus.CREATED, body=await _point(connection, caller, wish.code))

    return await writer.once(work)


@router.put("/points/{code}", response_model=CoveragePoint)
async def change_coverage_point(caller: Me, code: str, wish: PointPapers, writer: Once) -> JSONResponse:
    """Write a point's papers anew, its camera among them."""

    async def work(connection: Connection) -> Answer:
        before = await _point(connection, caller, code)
        await _check(connection, caller, wish)
        row = {**wish.model_dump(), "code": code, "by": caller.name}
        await connection.execute(SQL["change_coverage_point"], row)
        detail = {name: [before[name], value] for name, value in wish.model_dump().items()}
        await accounts.audit(
            connection, caller.name, "coverage.change", code, detail=detail, source=caller.source
        )
        return Answer(body=await _point(connection, caller, code))

    return await writer.once(work)


@router.delete("/points/{code}", response_model=CoveragePoint)
async def drop_coverage_point(caller: Me, code: str, writer: Once) -> JSONResponse:
    """Take a point off the list; the audit log keeps what it was."""

    async def work(connection: Connection) -> Answer:
        point = await _point(connection, caller, code)
        await connection.execute(SQL["drop_coverage_point"], {"code": code})
        await accounts.audit(
            connection, caller.name, "coverage.drop", code, detail=point, source=caller.source
        )
        return Answer(body=point)

    return await writer.once(work)


async def _point(connection: Connection, caller: Caller, code: str) -> dict[str, Any]:
    row = await fetch(connection, SQL["coverage_points"], {"scope": caller.scope, "code": code})
    if row is None:
        raise NotFound("point", code)
    return {**row, "set_at": row["set_at"].isoformat()}


async def _check(connection: Connection, caller: Caller, wish: PointPapers) -> None:
    await _must_see(connection, caller, wish.place)
    about = {"device": wish.device, "scope": caller.scope}
    if wish.device is not None and await fetch(connection, SQL["visible_camera"], about) is None:
        raise Invalid({"device": f"there is no camera {wish.device!r}"})


async def _must_see(connection: Connection, caller: Caller, place: str) -> None:
    if await fetch(connection, SQL["node"], {"node": place, "scope": caller.scope}) is None:
        raise NotFound("place", place)
