"""Consents and what people ask of us: access, copy, correction, deletion, each with a deadline."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from console import subjects
from console.access import Data, Safe
from console.auth import Me
from console.database import Connection
from console.paging import Cursor, Limit, after, page
from console.privacy_schemas import (
    Consents,
    DataAnswer,
    DataRequest,
    NewConsent,
    NewDataRequest,
    PersonCopy,
    Purpose,
)
from console.schemas import Page
from console.writing import Answer, Once

router = APIRouter(prefix="/api/privacy", tags=["privacy"])


@router.get("/requests", response_model=Page[DataRequest])
async def data_requests(
    database: Data,
    caller: Me,
    state: Literal["open", "done", "refused"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List what people asked for, newest first."""
    (before,) = after(cursor, int)
    about = {"scope": caller.scope, "state": state, "id": None, "before": before, "limit": limit + 1}
    return page(await database.rows(subjects.SQL["requests"], about), limit, "id")


@router.post("/requests", response_model=DataRequest, status_code=HTTPStatus.CREATED)
async def ask_for_data(caller: Me, wish: NewDataRequest, writer: Once) -> JSONResponse:
    """Take a request; it is due in fifteen days."""

    async def work(connection: Connection) -> Answer:
        body = await subjects.ask(connection, caller, wish.kind, wish.person, wish.note)
        return Answer(status=HTTPStatus.CREATED, body=body)

    return await writer.once(work)


@router.post("/requests/{request_id}/answer", response_model=DataRequest)
async def answer_data_request(caller: Me, request_id: int, wish: DataAnswer, writer: Once) -> JSONResponse:
    """Close a request; a deletion that is done erases the person at once, with a proof."""

    async def work(connection: Connection) -> Answer:
        return Answer(
            body=await subjects.answer(connection, caller, request_id, state=wish.state, words=wish.answer)
        )

    return await writer.once(work)


@router.post("/requests/{request_id}/copy", response_model=PersonCopy)
async def copy_of_person(database: Data, caller: Me, vault: Safe, request_id: int) -> dict[str, Any]:
    """Hand out everything that is stored about whoever asked; the look is on record."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await subjects.copy(connection, caller, vault, request_id)

    return await database.write(work)


@router.get("/people/{person_id}/consents", response_model=Consents)
async def consents(database: Data, caller: Me, person_id: str) -> dict[str, Any]:
    """Show what a person agreed to and took back."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        return await subjects.consents(connection, caller, person_id)

    return {"items": await database.write(work)}


@router.post("/people/{person_id}/consents", response_model=Consents, status_code=HTTPStatus.CREATED)
async def give_consent(caller: Me, person_id: str, wish: NewConsent, writer: Once) -> JSONResponse:
    """Write a consent down, with the words it was given to."""

    async def work(connection: Connection) -> Answer:
        items = await subjects.consent(connection, caller, person_id, wish.model_dump())
        return Answer(status=HTTPStatus.CREATED, body={"items": items})

    return await writer.once(work)


@router.delete("/people/{person_id}/consents/{purpose}", response_model=Consents)
async def withdraw_consent(caller: Me, person_id: str, purpose: Purpose, writer: Once) -> JSONResponse:
    """Take consent back; what it allowed is erased within a minute."""

    async def work(connection: Connection) -> Answer:
        return Answer(body={"items": await subjects.withdraw(connection, caller, person_id, purpose)})

    return await writer.once(work)
