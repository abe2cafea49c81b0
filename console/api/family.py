"""The family's link: made, revoked, followed without an account; and the rating of a case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse

from console import family, family_word
from console.access import Data
from console.auth import Me, source_of
from console.case_wishes import FamilyVerdict, NewLink, NewRating
from console.database import Connection, Database
from console.paging import Cursor, Limit, after, page
from console.rates import SharedRate
from console.schemas import Instant, Page, Wire
from console.settings import ConsoleSettings
from console.writing import Answer, Once
from devices.errors import NotFound

public = APIRouter(prefix="/api/family", tags=["family"])
router = APIRouter(prefix="/api", tags=["family"])

Token = Annotated[str, Header(alias="X-Family-Token", min_length=20, max_length=100)]
_CACHE: Final = {"Cache-Control": "no-store"}


class Link(Wire):
    """A link, without its token."""

    id: int
    relation: str
    created_at: Instant
    created_by: str
    revoked_at: Instant | None
    revoked_by: str | None
    opened: int
    opened_at: Instant | None
    over: bool


class Contact(Wire):
    """Somebody who could get a link."""

    id: str
    name: str


class Links(Wire):
    """The links of a case."""

    items: list[Link]
    contacts: list[Contact]


class LinkMade(Wire):
    """A fresh link; the address is told once (null in a repeated answer)."""

    id: int
    relation: str
    sent: bool
    url: str | None


class ProgressStep(Wire):
    """A step in plain words, and when it was taken."""

    step: Literal["received", "called", "on_the_way", "arrived", "closed"]
    at: Instant | None


class Progress(Wire):
    """What a family sees: steps and times, nobody's name."""

    steps: list[ProgressStep]
    asks_until: Instant | None  # an alarm waits until then: is it real?
    answered: Literal["confirmed", "refuted"] | None
    closed: bool
    rateable: bool
    rated: int | None


class Rating(Wire):
    """A rating."""

    score: int
    words: str
    given_by: Literal["resident", "centre"]


class RatingRow(Rating):
    """A rating with its case."""

    incident_id: int
    case_code: str
    code: str
    place: str
    estate: str
    at: Instant


@router.get("/incidents/{incident_id}/links", response_model=Links)
async def links(database: Data, caller: Me, incident_id: int) -> dict[str, Any]:
    """List the links of a case and the contacts that could get one."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await family.links(connection, caller, incident_id)

    return await database.write(work)


@router.post("/incidents/{incident_id}/links", response_model=LinkMade, status_code=HTTPStatus.CREATED)
async def make_link(
    request: Request, caller: Me, incident_id: int, wish: NewLink, writer: Once
) -> JSONResponse:
    """Let a family contact follow the case."""
    settings: ConsoleSettings = request.app.state.settings
    address = settings.public_url.rstrip("/")

    async def work(connection: Connection) -> Answer:
        row, url = await family.invite(connection, caller, incident_id, wish, address)
        return Answer(status=HTTPStatus.CREATED, body={**row, "url": url}, kept={**row, "url": None})

    return await writer.once(work)


@router.post("/incidents/{incident_id}/links/{link_id}/revoke", response_model=Links)
async def revoke_link(caller: Me, incident_id: int, link_id: int, writer: Once) -> JSONResponse:
    """Close a link at once."""

    async def work(connection: Connection) -> Answer:
        await family.revoke(connection, caller, incident_id, link_id)
        return Answer(body=await family.links(connection, caller, incident_id))

    return await writer.once(work)


@router.post("/incidents/{incident_id}/rating", response_model=Rating, status_code=HTTPStatus.CREATED)
async def rate_incident(caller: Me, incident_id: int, wish: NewRating, writer: Once) -> JSONResponse:
    """Rate a closed case for the centre, once."""

    async def work(connection: Connection) -> Answer:
        body = await family.rate(connection, caller, incident_id, wish)
        return Answer(status=HTTPStatus.CREATED, body=body)

    return await writer.once(work)


@router.get("/ratings", response_model=Page[RatingRow])
async def ratings(
    database: Data,
    caller: Me,
    *,
    most: Annotated[int | None, Query(ge=1, le=5, description="at most this score")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List ratings, newest first."""
    at, number = after(cursor, datetime, int)
    wanted = {"scope": caller.scope, "most": most, "after_at": at, "after_id": number, "limit": limit + 1}
    return page(await database.rows(family.SQL["ratings"], wanted), limit, "at", "id")


@public.get("", response_model=Progress)
async def family_progress(request: Request, database: Data, token: Token) -> JSONResponse:
    """Show how far the helpers are, to whoever holds a link."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await family.progress(connection, token)

    async with _guessing(request, database):
        return JSONResponse(await database.write(work), headers=_CACHE)


@public.post("/rating", status_code=HTTPStatus.CREATED, response_model=None)
async def family_rating(request: Request, database: Data, token: Token, wish: NewRating) -> JSONResponse:
    """Rate the case behind a link, once."""

    async def work(connection: Connection) -> None:
        await family.rate_by_link(connection, token, wish)

    async with _guessing(request, database):
        await database.write(work)
    return JSONResponse({"score": wish.score}, HTTPStatus.CREATED)


@public.post("/verdict", response_model=Progress)
async def family_verdict(request: Request, database: Data, token: Token, wish: FamilyVerdict) -> JSONResponse:
    """Say whether the alarm is real: while it waits, once per link; 409 where nothing is asked any more."""

    async def work(connection: Connection) -> dict[str, Any]:
        await family_word.answer(connection, token, wish.verdict)
        return await family.progress(connection, token)

    async with _guessing(request, database):
        return JSONResponse(await database.write(work), headers=_CACHE)


@asynccontextmanager
async def _guessing(request: Request, database: Database) -> AsyncIterator[None]:
    """Count a token that opens nothing; whoever guesses waits: raises Locked."""
    tries: SharedRate = request.app.state.family_tries
    await tries.check(database, source_of(request))
    try:
        yield
    except NotFound:
        await tries.take(database, source_of(request))
        raise
