"""Organisation: what stands beside the place tree, grids with their dated boundaries."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from console import organisation as org
from console.access import Data
from console.auth import Me
from console.database import Connection
from console.organisation import SQL
from console.organisation_schemas import Grid, Grids, Organisation
from console.organisation_wishes import ChangedGrid, NewBoundary, NewGrid
from console.writing import Answer, Once
from devices.organisation import RESOURCES, ROLES, SKILLS

router = APIRouter(prefix="/api", tags=["organisation"])


@router.get("/organisation", response_model=Organisation)
async def organisation(database: Data, caller: Me) -> dict[str, Any]:
    """Answer what belongs to each place, the regions next door, and the words for people and things."""
    about = {"scope": caller.scope}
    counts = await database.rows(SQL["counts"], about)
    divisions = await database.rows(SQL["divisions"], about)
    return {
        "counts": {
            row["place"]: {name: row[name] for name in ("people", "resources", "devices")} for row in counts
        },
        "divisions": {row["code"]: row["division"] for row in divisions},
        "neighbours": [row["body"] for row in await database.rows(SQL["neighbours"])],
        "roles": _words(ROLES),
        "skills": _words(SKILLS),
        "resource_kinds": _words(RESOURCES),
    }


@router.get("/grids", response_model=Grids)
async def grids(database: Data, caller: Me) -> dict[str, Any]:
    """List the grids, with the places that belong or belonged to each."""
    rows = await database.rows(SQL["grids"], {"scope": caller.scope, "code": None})
    return {"items": [row["body"] for row in rows]}


@router.post("/grids", response_model=Grid, status_code=HTTPStatus.CREATED)
async def add_grid(caller: Me, wish: NewGrid, writer: Once) -> JSONResponse:
    """Add a grid to a community."""

    async def work(connection: Connection) -> Answer:
        made = await org.add_grid(connection, caller, wish.model_dump(mode="json"))
        return Answer(status=HTTPStatus.CREATED, body=made)

    return await writer.once(work)


@router.patch("/grids/{code}", response_model=Grid)
async def change_grid(caller: Me, code: str, wish: ChangedGrid, writer: Once) -> JSONResponse:
    """Change a grid's name, kind and households; 409 where somebody else was faster."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await org.change_grid(connection, caller, code, wish.model_dump(mode="json")))

    return await writer.once(work)


@router.delete("/grids/{code}", response_model=Grid)
async def end_grid(caller: Me, code: str, writer: Once) -> JSONResponse:
    """End a grid; 409 while people answer for it."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await org.end_grid(connection, caller, code))

    return await writer.once(work)


@router.post("/grids/{code}/places", response_model=Grid)
async def move_boundary(caller: Me, code: str, wish: NewBoundary, writer: Once) -> JSONResponse:
    """Put a building into this grid from a moment on; older cases keep their grid."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await org.move_boundary(connection, caller, code, wish.place, wish.since))

    return await writer.once(work)


def _words(table: Any) -> list[dict[str, str]]:
    return [{"code": code, "name_zh": zh, "name_en": en} for code, (zh, en) in table.items()]
