"""People: the list, one person, adding and changing, the phone with a reason, sheets, states, positions."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from console import organisation as org
from console import responders, revealing
from console.access import Data, Safe
from console.api.device_import import UPLOAD, uploaded
from console.auth import Me
from console.database import Connection
from console.device_import import BadRows, preview
from console.device_schemas import ImportPreview
from console.device_sheet import read_table, write_csv, write_xlsx
from console.device_wishes import Reason
from console.organisation import SQL
from console.organisation_schemas import PeopleImported, Person, PersonDetail
from console.organisation_wishes import ChangedPerson, NewPerson, NewState, Whereabouts
from console.paging import Cursor, Limit, after, page
from console.schemas import Page, Reveal
from console.sheet_out import SHEETS, Format, sheet_answer
from console.writing import Answer, Once
from devices import people_sheet
from devices.people_sheet import FIELDS, HEADINGS, REQUIRED
from devices.registry.sheet import Sheet

router = APIRouter(prefix="/api/people", tags=["people"])
EXAMPLE: Final = {
    "id": "gw-example",
    "name": "张三",
    "roles": "网格员",
    "place": "e1",
    "skills": "急救;助老照护",
    "phone": "10012345678",
    "org": "网格服务站",
}


@router.get("", response_model=Page[Person])
async def people(
    *,
    database: Data,
    caller: Me,
    role: str | None = None,
    place: str | None = None,
    grid: str | None = None,
    active: bool | None = True,
    q: Annotated[str | None, Query(max_length=100, description="part of an id or a name")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List people by id: what they are, how they stand to duty and what they do now; phones are masked."""
    (last,) = after(cursor, str)
    wanted = {"scope": caller.scope, "role": role, "place": place, "grid": grid, "active": active, "q": q}

    async def work(connection: Connection) -> dict[str, Any]:
        found = await connection.execute(SQL["people"], {**wanted, "after_id": last, "limit": limit + 1})
        rows = page(await found.fetchall(), limit, "id")
        return {**rows, "items": await responders.with_duty(connection, rows["items"])}

    return await database.write(work)


@router.get("/import/template", response_class=Response, responses=SHEETS)
async def people_template(format: Format = "xlsx") -> Response:  # noqa: A002 - the name of the parameter
    """Answer an empty sheet with one example."""
    return _sheet(format, [EXAMPLE], "people-template")


@router.get("/export", response_class=Response, responses=SHEETS)
async def export_people(
    *,
    database: Data,
    caller: Me,
    vault: Safe,
    format: Format = "xlsx",  # noqa: A002 - the name of the parameter
    reveal: Annotated[int | None, Query(description="of the caller's own: phones are whole")] = None,
) -> Response:
    """Answer people as a sheet; phones are masked but where a reveal opens them; each is on record."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        return await org.export_people(connection, caller, vault, reveal)

    return _sheet(format, await database.write(work), "people")


@router.post("/export/phones", response_model=Reveal)
async def reveal_sheet(database: Data, caller: Me, wish: Reason) -> dict[str, Any]:
    """Open the sheet of people with whole phones, for a while and a reason."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await revealing.begin(connection, caller, "sheet", "people", wish.reason)

    return await database.write(work)


@router.post("/import/preview", response_model=ImportPreview, openapi_extra=UPLOAD)
async def preview_people(request: Request, database: Data, caller: Me) -> dict[str, Any]:
    """Read a sheet and say what is wrong with it; nothing changes."""
    name, content = await uploaded(request)

    async def work(connection: Connection) -> dict[str, Any]:
        return preview(*await _inspect(connection, name, content, caller.scope), HEADINGS)

    return await database.write(work)


@router.post("/import", response_model=PeopleImported, status_code=HTTPStatus.CREATED, openapi_extra=UPLOAD)
async def import_people(request: Request, caller: Me, vault: Safe, writer: Once) -> JSONResponse:
    """Import a sheet: all of it, or nothing where any row is wrong."""
    name, content = await uploaded(request)

    async def work(connection: Connection) -> Answer:
        sheet, good = await _inspect(connection, name, content, caller.scope)
        if sheet.faults or not good:
            raise BadRows(sheet)
        for papers in good:
            await org.put_person(connection, caller, vault, papers)
        return Answer(status=HTTPStatus.CREATED, body={"added": len(good)})

    return await writer.once(work)


@router.post("", response_model=PersonDetail, status_code=HTTPStatus.CREATED)
async def add_person(caller: Me, vault: Safe, wish: NewPerson, writer: Once) -> JSONResponse:
    """Add somebody."""

    async def work(connection: Connection) -> Answer:
        await org.add_person(connection, caller, vault, wish.model_dump())
        return Answer(status=HTTPStatus.CREATED, body=await responders.detail(connection, caller, wish.id))

    return await writer.once(work)


@router.get("/{person_id}", response_model=PersonDetail)
async def person(database: Data, caller: Me, person_id: str) -> dict[str, Any]:
    """Show one person."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await responders.detail(connection, caller, person_id)

    return await database.write(work)


@router.patch("/{person_id}", response_model=PersonDetail)
async def change_person(
    caller: Me, vault: Safe, person_id: str, wish: ChangedPerson, writer: Once
) -> JSONResponse:
    """Change somebody's papers."""

    async def work(connection: Connection) -> Answer:
        await org.change_person(
            connection, caller, vault, person_id, changes=wish.changes(), version=wish.version
        )
        return Answer(body=await responders.detail(connection, caller, person_id))

    return await writer.once(work)


@router.post("/{person_id}/phone", response_model=Reveal)
async def reveal_phone(database: Data, caller: Me, person_id: str, wish: Reason) -> dict[str, Any]:
    """Open a phone number for a while and a reason, which is on record before; read it at /api/reveals."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await revealing.begin(connection, caller, "person", person_id, wish.reason)

    return await database.write(work)


@router.post("/{person_id}/state", response_model=PersonDetail)
async def set_responder(caller: Me, person_id: str, wish: NewState, writer: Once) -> JSONResponse:
    """Say what somebody is doing: their own state, or anybody's for the centre."""

    async def work(connection: Connection) -> Answer:
        await responders.set_state(connection, caller, person_id, wish.state, wish.reason)
        return Answer(body=await responders.detail(connection, caller, person_id))

    return await writer.once(work)


@router.post("/{person_id}/check-in", response_model=PersonDetail)
async def check_in(caller: Me, person_id: str, writer: Once) -> JSONResponse:
    """Say that all is well with somebody who works alone."""

    async def work(connection: Connection) -> Answer:
        await responders.check_in(connection, caller, person_id)
        return Answer(body=await responders.detail(connection, caller, person_id))

    return await writer.once(work)


@router.post("/{person_id}/position", response_model=PersonDetail)
async def put_position(caller: Me, person_id: str, wish: Whereabouts, writer: Once) -> JSONResponse:
    """Write down where somebody is, by one source's word; no other source's word is touched."""

    async def work(connection: Connection) -> Answer:
        await responders.locate(connection, caller, person_id, wish.model_dump())
        return Answer(body=await responders.detail(connection, caller, person_id))

    return await writer.once(work)


async def _inspect(
    connection: Connection, name: str, content: bytes, scope: str | None
) -> tuple[Sheet, list[dict[str, Any]]]:
    sheet = people_sheet.read(await read_table(name, content))
    known = await org.known_words(connection, [papers for _, papers in sheet.rows], scope)
    return sheet, people_sheet.check(sheet, known)


def _sheet(kind: Format, rows: list[dict[str, Any]], name: str) -> Response:
    content = (
        write_csv(rows, FIELDS)
        if kind == "csv"
        else write_xlsx(rows, title="人员", headings=HEADINGS, required=REQUIRED)
    )
    return sheet_answer(name, kind, content)
