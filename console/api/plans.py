"""Dispatch plans: the book, and running one on an alert or a case."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from console import alert_actions, family, plan_book, plans
from console.access import Data
from console.alert_moves import AlertVerb
from console.auth import Me
from console.database import Connection
from console.organisation_schemas import CasePlan, PlanBack, PlanCheck, PlanDetail, Plans
from console.organisation_wishes import NewPlan, PlanAction, PlanRunWish, PlanText
from console.orgs import LEAD
from console.wishes import AlertAction
from console.writing import Answer, Once

router = APIRouter(prefix="/api", tags=["plans"])


@router.get("/plans", response_model=Plans)
async def list_plans(database: Data, caller: Me) -> dict[str, Any]:
    """List every plan in force for the caller's places."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        return await plan_book.listed(connection, caller)

    return {"items": await database.write(work)}


@router.post("/plans/validate", response_model=PlanCheck)
async def validate_plan(wish: PlanText) -> dict[str, Any]:
    """Read a plan: what it says and forgets, or line and column of what is wrong; nothing changes."""
    return plan_book.check(wish.source)


@router.get("/plans/{plan_id}", response_model=PlanDetail)
async def plan(database: Data, caller: Me, plan_id: str) -> dict[str, Any]:
    """Show one plan with its versions."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await plan_book.detail(connection, caller, plan_id)

    return await database.write(work)


@router.post("/plans", response_model=PlanCheck, status_code=HTTPStatus.CREATED)
async def save_plan(caller: Me, wish: NewPlan, writer: Once) -> JSONResponse:
    """Put a plan into force as the next version of its name."""

    async def work(connection: Connection) -> Answer:
        made = await plan_book.save(connection, caller, wish.source, wish.reason)
        return Answer(status=HTTPStatus.CREATED, body=made)

    return await writer.once(work)


@router.post("/plans/{plan_id}/actions", response_model=PlanBack)
async def act_on_plan(caller: Me, plan_id: str, wish: PlanAction, writer: Once) -> JSONResponse:
    """Take the own version out of force: the one before it, or the shipped one, comes back."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await plan_book.roll_back(connection, caller, plan_id, wish.reason))

    return await writer.once(work)


@router.get("/incidents/{incident_id}/plan", response_model=CasePlan)
async def incident_plan(database: Data, caller: Me, incident_id: int) -> dict[str, Any]:
    """Show the plan for a case, why it is this one, and how far it has been run."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await plans.show(connection, caller, "incident", incident_id)

    return await database.write(work)


@router.post("/incidents/{incident_id}/plan", response_model=CasePlan)
async def run_plan(caller: Me, incident_id: int, wish: PlanRunWish, writer: Once) -> JSONResponse:
    """Run the plan on a case; a second time changes nothing."""

    async def work(connection: Connection) -> Answer:
        return Answer(body=await plans.run(connection, caller, incident_id, wish.plan))

    return await writer.once(work)


@router.get("/alerts/{alert_id}/plan", response_model=CasePlan)
async def alert_plan(database: Data, caller: Me, alert_id: int) -> dict[str, Any]:
    """Show the plan for an alert, and how far it has been run on its case."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await plans.show(connection, caller, "alert", alert_id)

    return await database.write(work)


@router.post("/alerts/{alert_id}/plan", response_model=CasePlan)
async def run_alert_plan(
    request: Request, caller: Me, alert_id: int, wish: PlanRunWish, writer: Once
) -> JSONResponse:
    """One click: dispatch the alert to whom the plan names first, and run the plan."""
    address = request.app.state.settings.public_url.rstrip("/")

    async def work(connection: Connection) -> Answer:
        known = await plans.show(connection, caller, "alert", alert_id)
        if known["incident_id"] is None:
            first = plans.first_org(known["choice"]) or LEAD
            asked = AlertAction(action=AlertVerb.DISPATCH, org=first)
            moved = await alert_actions.act(connection, caller, alert_id, asked)
            known["incident_id"] = moved["incident_id"]
            await family.invite_contacts(connection, caller, moved["incident_id"], address)
        return Answer(body=await plans.run(connection, caller, known["incident_id"], wish.plan))

    return await writer.once(work)
