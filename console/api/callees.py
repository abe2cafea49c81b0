"""Whom to call about a device or a place: who, in which order and what for; numbers open with a reason."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from console import callees
from console.access import Data
from console.auth import Me
from console.database import Connection
from console.schemas import Wire
from console.wishes import Code, Wish
from console.writing import Answer, Once
from devices.registry.record import MOST_CALLEES

router = APIRouter(prefix="/api", tags=["devices"])


class Callee(Wire):
    """Somebody to call; `place` is whose list they stand on, none for the device's own.

    `own`: of the caller's own places, so that the number can be opened at /api/people/{person}/phone.
    """

    person: str
    name: str
    roles: list[str]
    org: str | None
    note: str
    place: str | None
    place_zh: str | None
    place_en: str | None
    own: bool
    phone_masked: str | None


class Callees(Wire):
    """Whom to call, the first one first."""

    items: list[Callee]


class CalleeWish(Wish):
    """Somebody of the list of people, and what for."""

    person: Code
    note: Annotated[str, Field(max_length=100)] = ""


class CalleesWish(Wish):
    """A whole list, the first one to call in front."""

    callees: Annotated[list[CalleeWish], Field(max_length=MOST_CALLEES)]

    def rows(self) -> list[dict[str, str]]:
        """Answer the entries in their order."""
        return [one.model_dump() for one in self.callees]


@router.get("/devices/{device_id}/callees", response_model=Callees)
async def device_callees(database: Data, caller: Me, device_id: str) -> dict[str, Any]:
    """List whom to call about a device: its own people, then those of the places around it."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await callees.listed(connection, caller, device=device_id)

    return await database.write(work)


@router.put("/devices/{device_id}/callees", response_model=Callees)
async def set_device_callees(caller: Me, device_id: str, wish: CalleesWish, writer: Once) -> JSONResponse:
    """Write a device's own list anew; those of its places stay."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await callees.of_device(connection, caller, device_id, wish.rows()))

    return await writer.once(work)


@router.get("/places/{place}/callees", response_model=Callees)
async def place_callees(database: Data, caller: Me, place: str) -> dict[str, Any]:
    """List whom to call about a place: its own people, then those of the places around it."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await callees.listed(connection, caller, place=place)

    return await database.write(work)


@router.put("/places/{place}/callees", response_model=Callees)
async def set_place_callees(caller: Me, place: str, wish: CalleesWish, writer: Once) -> JSONResponse:
    """Write a place's list anew."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await callees.of_place(connection, caller, place, wish.rows()))

    return await writer.once(work)
