"""Rosters: the week with its gaps, shifts and hand-overs, leave, and who is on duty."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from console import duty_roster
from console.access import Data
from console.advice import SQL as ADVICE
from console.advice import scene
from console.auth import Me
from console.database import Connection, fetch_one
from console.organisation_schemas import DutyAnswer, HandOver, Number, Post, Roster
from console.organisation_wishes import ChangedPost, NewLeave, NewPost, NewShift, ShiftAction
from console.problems import Invalid
from console.writing import Answer, Once

router = APIRouter(prefix="/api", tags=["rosters"])
LONGEST: Final = timedelta(days=42)
Moment = Annotated[datetime, Query(description="with its offset: 2026-11-26T00:00:00+08:00")]


@router.get("/roster", response_model=Roster)
async def roster(
    database: Data, caller: Me, start: Moment, end: Moment, place: str | None = None
) -> dict[str, Any]:
    """Show posts with shifts and gaps, leave, and who is planned twice, between two moments."""
    if start.tzinfo is None or end.tzinfo is None:
        raise Invalid({"start": "write the offset: 2026-11-26T00:00:00+08:00"})
    if not timedelta(0) < end - start <= LONGEST:
        raise Invalid({"end": f"at most {LONGEST.days} days after the start"})
    return await duty_roster.week(database, caller, start=start, end=end, place=place)


@router.get("/duty", response_model=DutyAnswer)
async def duty(
    database: Data, caller: Me, role: str, place: str, at: datetime | None = None
) -> dict[str, Any]:
    """Say who is on duty for a role at a place at a moment, the nearest post first."""
    if at is not None and at.tzinfo is None:
        raise Invalid({"at": "write the offset: 2026-11-26T00:00:00+08:00"})

    async def work(connection: Connection) -> dict[str, Any]:
        where = await scene(connection, "place", place, caller.scope)
        moment = at or (await fetch_one(connection, ADVICE["now"]))["now"]
        standings = await duty_roster.Standings.read(connection, moment)
        return {"items": standings.on_duty(role, where.path, moment)}

    return await database.write(work)


@router.post("/posts", response_model=Post, status_code=HTTPStatus.CREATED)
async def add_post(caller: Me, wish: NewPost, writer: Once) -> JSONResponse:
    """Add a post that so many people must hold."""

    async def work(connection: Connection) -> Answer:
        made = await duty_roster.add_post(connection, caller, wish.model_dump())
        return Answer(status=HTTPStatus.CREATED, body=made)

    return await writer.once(work)


@router.patch("/posts/{code}", response_model=Post)
async def change_post(caller: Me, code: str, wish: ChangedPost, writer: Once) -> JSONResponse:
    """Change how many people hold a post, when, and what it is called; 409 where somebody was faster."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await duty_roster.change_post(connection, caller, code, wish.model_dump()))

    return await writer.once(work)


@router.delete("/posts/{code}", response_model=Post)
async def end_post(caller: Me, code: str, writer: Once) -> JSONResponse:
    """End a post; its shifts that have not begun are cancelled."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await duty_roster.end_post(connection, caller, code))

    return await writer.once(work)


@router.post("/roster", response_model=Number, status_code=HTTPStatus.CREATED)
async def add_shift(caller: Me, wish: NewShift, writer: Once) -> JSONResponse:
    """Put somebody on a post for a time; 409 where they are on another post then, or away."""

    async def work(connection: Connection) -> Answer:
        made = await duty_roster.add_shift(connection, caller, wish.model_dump())
        return Answer(status=HTTPStatus.CREATED, body=made)

    return await writer.once(work)


@router.post("/roster/{shift_id}/actions", response_model=HandOver)
async def act_on_shift(caller: Me, shift_id: int, wish: ShiftAction, writer: Once) -> JSONResponse:
    """Hand a shift over with a note, take it over, or cancel it."""

    async def work(connection: Connection) -> Answer:
        moved = await duty_roster.act_on_shift(connection, caller, shift_id, wish.action, wish.note)
        return Answer(body=moved)

    return await writer.once(work)


@router.post("/leaves", response_model=Number, status_code=HTTPStatus.CREATED)
async def add_leave(caller: Me, wish: NewLeave, writer: Once) -> JSONResponse:
    """Write down that somebody is away; the roster shows the gap."""

    async def work(connection: Connection) -> Answer:
        made = await duty_roster.add_leave(connection, caller, wish.model_dump())
        return Answer(status=HTTPStatus.CREATED, body=made)

    return await writer.once(work)


@router.delete("/leaves/{leave_id}", response_model=Number)
async def cancel_leave(caller: Me, leave_id: int, writer: Once) -> JSONResponse:
    """Take leave back."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await duty_roster.cancel_leave(connection, caller, leave_id))

    return await writer.once(work)
