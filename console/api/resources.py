"""Resources, and who and what is nearest to a place, an alert or a case."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from console import resources as things
from console.access import Data
from console.advice import MOST_RESOURCES, Scene, advise, nearest_resources, scene, useful_for
from console.auth import Caller, Me
from console.database import Connection
from console.organisation_schemas import Advised, NearResources, Resource, Resources
from console.organisation_wishes import ChangedResource, CorrectedResource, NewResource
from console.plan_book import live_plans
from console.problems import Invalid
from console.writing import Answer, Once
from devices.organisation import RESOURCES, ROLES
from rules.plan import choose, needs

router = APIRouter(prefix="/api", tags=["resources"])


@router.get("/resources", response_model=Resources)
async def resources(
    database: Data, caller: Me, kind: str | None = None, place: str | None = None
) -> dict[str, Any]:
    """List resources with state, and position with its source and age."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        return await things.listed(connection, caller, kind=kind, place=place)

    return {"items": await database.write(work)}


@router.get("/resources/nearest", response_model=NearResources)
async def nearest(
    database: Data,
    caller: Me,
    place: str,
    kind: Annotated[list[str] | None, Query()] = None,
    code: str | None = None,
) -> dict[str, Any]:
    """List what is nearest to a place: of some kinds, or what helps with an alert's code."""
    if strange := [one for one in kind or () if one not in RESOURCES]:
        raise Invalid({"kind": f"there is no kind {strange[0]!r}: take of {', '.join(RESOURCES)}"})

    async def work(connection: Connection) -> list[dict[str, Any]]:
        where = await scene(connection, "place", place, caller.scope)
        wanted = kind or (useful_for(code) if code else None)
        return await nearest_resources(connection, caller, where, wanted)

    return {"items": await database.write(work)}


@router.post("/resources", response_model=Resource, status_code=HTTPStatus.CREATED)
async def add_resource(caller: Me, wish: NewResource, writer: Once) -> JSONResponse:
    """Add a resource where it is installed or kept."""

    async def work(connection: Connection) -> Answer:
        made = await things.add(connection, caller, wish.model_dump())
        return Answer(status=HTTPStatus.CREATED, body=made)

    return await writer.once(work)


@router.put("/resources/{resource_id}", response_model=Resource)
async def correct_resource(
    caller: Me, resource_id: str, wish: CorrectedResource, writer: Once
) -> JSONResponse:
    """Write a resource's papers anew; coordinates are those of whoever mounted it."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await things.correct(connection, caller, resource_id, wish.model_dump()))

    return await writer.once(work)


@router.delete("/resources/{resource_id}", response_model=Resource)
async def retire_resource(caller: Me, resource_id: str, writer: Once) -> JSONResponse:
    """Take a resource off the list."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await things.retire(connection, caller, resource_id))

    return await writer.once(work)


@router.patch("/resources/{resource_id}", response_model=Resource)
async def change_resource(caller: Me, resource_id: str, wish: ChangedResource, writer: Once) -> JSONResponse:
    """Write down what an inspection found."""

    async def work(connection: Connection) -> Answer:
        sent = wish.model_dump(exclude_unset=True)
        return Answer(body=await things.change(connection, caller, resource_id, sent))

    return await writer.once(work)


@router.get("/incidents/{incident_id}/recommended", response_model=Advised)
async def recommended_for_incident(database: Data, caller: Me, incident_id: int) -> dict[str, Any]:
    """Say who and what to send to a case, with the reasons and what is missing."""
    return await _advised(database, caller, "incident", incident_id)


@router.get("/alerts/{alert_id}/recommended", response_model=Advised)
async def recommended_for_alert(database: Data, caller: Me, alert_id: int) -> dict[str, Any]:
    """Say who and what to send to an alert, with the reasons and what is missing."""
    return await _advised(database, caller, "alert", alert_id)


@router.get("/people/nearest/{role}", response_model=Advised)
async def nearest_people(
    *,
    database: Data,
    caller: Me,
    role: str,
    place: str,
    count: Annotated[int, Query(ge=1, le=20)] = 3,
    skill: Annotated[list[str] | None, Query()] = None,
) -> dict[str, Any]:
    """Say who of a role is nearest to a place, with the reasons."""
    if role not in ROLES:
        raise Invalid({"role": f"there is no role {role!r}: take one of {', '.join(ROLES)}"})

    async def work(connection: Connection) -> dict[str, Any]:
        where = await scene(connection, "place", place, caller.scope)
        people = await advise(connection, caller, where, [(role, count, tuple(skill or ()))])
        return {"grid": where.row["grid"], "people": people, "resources": []}

    return await database.write(work)


async def _advised(
    database: Data, caller: Caller, kind: Literal["incident", "alert"], number: int
) -> dict[str, Any]:
    async def work(connection: Connection) -> dict[str, Any]:
        where: Scene = await scene(connection, kind, number, caller.scope)
        found = choose(await live_plans(connection), where.row["code"], where.path)
        wanted = needs(found.plan) if found else ()
        near = await nearest_resources(connection, caller, where, useful_for(where.row["code"]))
        return {
            "grid": where.row["grid"],
            "people": await advise(connection, caller, where, wanted),
            "resources": [one for one in near if one["own"]][:MOST_RESOURCES],
        }

    return await database.write(work)
