"""Floor plans: hand one in, list those around a place or a device, look at one, pin devices on it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from console import floor_plans
from console.access import Data, must_see
from console.auth import Me
from console.database import Connection
from console.pictures import KINDS, MEDIA_TYPE, wash
from console.problems import Invalid
from console.schemas import Instant, Wire
from console.wishes import Wish
from console.writing import Answer, Once

router = APIRouter(prefix="/api/floor-plans", tags=["floor plans"])

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS},
    }
}
_Code = Annotated[str | None, Query(max_length=64)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Pin(Wire):
    """A device on a plan; x from the left and y from the top, as shares of the picture."""

    device: str
    name_zh: str
    name_en: str
    profile: str
    online: bool | None
    x: float
    y: float


class FloorPlan(Wire):
    """The plan of a place and the devices on it; the picture is asked for by itself."""

    place: str
    kind: str
    name_zh: str
    name_en: str
    sha256: str
    width: int
    height: int
    by_whom: str
    at: Instant
    pins: list[Pin]


class FloorPlans(Wire):
    """Plans, the narrowest around the place first, then those of places in it."""

    items: list[FloorPlan]


class PinWish(Wish):
    """Where on the plan a device is, as shares of the picture's width and height."""

    x: Share
    y: Share


@router.get("", response_model=FloorPlans)
async def list_floor_plans(
    database: Data, caller: Me, place: _Code = None, device: _Code = None
) -> dict[str, Any]:
    """List the plans around a place, or around a device; name one of the two."""
    if device is not None:
        return {"items": await floor_plans.of_device(database, caller, device)}
    if place is None:
        raise Invalid({"place": "name a place, or a device"})
    await must_see(database, caller, place)
    return {"items": await floor_plans.listed(database, caller, place)}


@router.put("/{place}", response_model=FloorPlan, openapi_extra=_BODY)
async def put_floor_plan(
    request: Request, database: Data, caller: Me, place: str, writer: Once
) -> JSONResponse:
    """Keep a plan of a place, encoded anew; one that was there is replaced and its pins stay."""
    await must_see(database, caller, place)
    kind = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    picture = await wash(await request.body(), kind)

    async def work(connection: Connection) -> Answer:
        return _answer(await floor_plans.put(connection, caller, place, picture))

    return await writer.once(work)


@router.get("/{place}/picture", response_class=Response)
async def floor_plan_picture(database: Data, caller: Me, place: str) -> Response:
    """Show the picture of a plan."""
    content = await floor_plans.picture(database, caller, place)
    return Response(content, media_type=MEDIA_TYPE, headers={"Cache-Control": "private, no-cache"})


@router.delete("/{place}", status_code=HTTPStatus.NO_CONTENT)
async def drop_floor_plan(database: Data, caller: Me, place: str) -> None:
    """Delete a plan with its picture and its pins."""

    async def work(connection: Connection) -> None:
        await floor_plans.drop(connection, caller, place)

    await database.write(work)


@router.put("/{place}/pins/{device}", response_model=FloorPlan)
async def put_pin(caller: Me, place: str, device: str, wish: PinWish, writer: Once) -> JSONResponse:
    """Pin a device of the place on its plan, or move its pin."""

    async def work(connection: Connection) -> Answer:
        return _answer(await floor_plans.pin(connection, caller, place, device, at=(wish.x, wish.y)))

    return await writer.once(work)


@router.delete("/{place}/pins/{device}", response_model=FloorPlan)
async def drop_pin(caller: Me, place: str, device: str, writer: Once) -> JSONResponse:
    """Take a device off a plan."""

    async def work(connection: Connection) -> Answer:
        return _answer(await floor_plans.unpin(connection, caller, place, device))

    return await writer.once(work)


def _answer(body: dict[str, Any]) -> Answer:
    return Answer(body=FloorPlan.model_validate(body).model_dump(mode="json"))
