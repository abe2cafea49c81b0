"""Channel tests and contacts: who is told how, and whether it would arrive."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import psycopg
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from console import accounts
from console.access import Data, Safe
from console.api.deliver import SQL
from console.auth import Caller, Me
from console.database import Connection, Database, fetch, fetch_one
from console.deliver_schemas import (
    ChannelTest,
    Contact,
    Contacts,
    NewTest,
    NewTestPlan,
    TestPlans,
)
from console.paging import Cursor, Limit, after, page
from console.problems import Invalid
from console.schemas import Page
from console.settings import ConsoleSettings
from console.writing import Answer, Once
from devices.errors import Conflict, NotFound
from ingest.clock import system_clock
from ingest.deliver.endpoint import DIRECT
from ingest.deliver.outbox import Channel
from ingest.deliver.testing import Plan, begin
from ingest.store import personal

router = APIRouter(prefix="/api/deliver", tags=["delivery"])


@router.get("/tests", response_model=Page[ChannelTest])
async def channel_tests(
    database: Data, caller: Me, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List tests, newest first; a missed one is an alarm."""
    (before,) = after(cursor, int)
    about = {"scope": caller.scope, "id": None, "before": before, "limit": limit + 1}
    return page(await database.rows(SQL["tests"], about), limit, "id")


@router.post("/tests", status_code=HTTPStatus.CREATED, response_model=ChannelTest)
async def begin_channel_test(
    request: Request, database: Data, caller: Me, wish: NewTest, writer: Once
) -> JSONResponse:
    """Send a test letter now; it asks for an answer within its window."""
    channel = await _testable(database, caller, wish)
    settings: ConsoleSettings = request.app.state.settings

    async def work(connection: Connection) -> Answer:
        wanted = Plan(
            endpoint=wish.endpoint,
            channel=channel,
            to=wish.to,
            person=wish.person,
            window_s=wish.window_s,
            by=caller.name,
        )
        number = await begin(connection, wanted, system_clock(), settings.public_url)
        await accounts.audit(connection, caller.name, "channel.test", wish.endpoint, source=caller.source)
        about = {"scope": caller.scope, "id": number, "before": None, "limit": 1}
        return Answer(
            status=HTTPStatus.CREATED, body=(await fetch_one(connection, SQL["tests"], about))["body"]
        )

    return await writer.once(work)


@router.get("/test-plans", response_model=TestPlans)
async def channel_test_plans(database: Data, caller: Me) -> dict[str, Any]:
    """List the tests that come again."""
    rows = await database.rows(SQL["test_plans"], {"scope": caller.scope})
    return {"items": [row["body"] for row in rows]}


@router.post("/test-plans", status_code=HTTPStatus.CREATED, response_model=TestPlans)
async def add_test_plan(database: Data, caller: Me, wish: NewTestPlan, writer: Once) -> JSONResponse:
    """Test a channel at intervals; answers all plans."""
    await _testable(database, caller, wish)

    async def work(connection: Connection) -> Answer:
        try:
            await connection.execute(SQL["add_test_plan"], {**wish.model_dump(), "by": caller.name})
        except psycopg.errors.UniqueViolation as exc:
            raise Conflict("this test is planned already") from exc
        await accounts.audit(connection, caller.name, "channel.plan", wish.endpoint, source=caller.source)
        rows = await (await connection.execute(SQL["test_plans"], {"scope": caller.scope})).fetchall()
        return Answer(status=HTTPStatus.CREATED, body={"items": [row["body"] for row in rows]})

    return await writer.once(work)


@router.delete("/test-plans/{plan_id}", response_model=TestPlans)
async def drop_test_plan(caller: Me, plan_id: int, writer: Once) -> JSONResponse:
    """Test no longer; answers the plans that are left."""

    async def work(connection: Connection) -> Answer:
        before = await (await connection.execute(SQL["test_plans"], {"scope": caller.scope})).fetchall()
        if plan_id not in {row["body"]["id"] for row in before}:
            raise NotFound("test plan", str(plan_id))
        gone = await fetch_one(connection, SQL["drop_test_plan"], {"id": plan_id})
        await accounts.audit(
            connection, caller.name, "channel.unplan", gone["endpoint"], source=caller.source
        )
        return Answer(body={"items": [r["body"] for r in before if r["body"]["id"] != plan_id]})

    return await writer.once(work)


@router.get("/contacts/{person}", response_model=Contacts)
async def contacts(caller: Me, person: str, writer: Once) -> JSONResponse:
    """Show how a person is told; the look is written down, as it is at personal data."""

    async def work(connection: Connection) -> Answer:
        await _visible(connection, caller, person)
        await accounts.audit(connection, caller.name, "contacts.read", person, source=caller.source)
        return Answer(body=await _contacts(connection, person))

    return await writer.once(work)


@router.put("/contacts/{person}", response_model=Contacts)
async def set_contact(caller: Me, vault: Safe, person: str, wish: Contact, writer: Once) -> JSONResponse:
    """Say how a person is told by one channel."""

    async def work(connection: Connection) -> Answer:
        await _visible(connection, caller, person)
        await connection.execute(SQL["put_contact"], {**wish.model_dump(), "person": person})
        address = {f"contact.{wish.channel}": wish.address}
        await personal.put(connection, vault, personal.person(person), address)
        detail = {"channel": wish.channel, "worst": wish.worst, "enabled": wish.enabled}
        await accounts.audit(
            connection, caller.name, "contacts.set", person, detail=detail, source=caller.source
        )
        return Answer(body=await _contacts(connection, person))

    return await writer.once(work)


async def _contacts(connection: Connection, person: str) -> dict[str, Any]:
    rows = await (await connection.execute(SQL["contacts"], {"person": person})).fetchall()
    return {"items": [row["body"] for row in rows]}


async def _visible(connection: Connection, caller: Caller, person: str) -> None:
    if await fetch(connection, SQL["visible_person"], {"person": person, "scope": caller.scope}) is None:
        raise NotFound("person", person)


async def _testable(database: Database, caller: Caller, wish: NewTest) -> Channel:
    """Answer the channel of a test; raises Invalid where the test would reach nobody."""
    found = await database.row(SQL["endpoint"], {"code": wish.endpoint, "scope": caller.scope})
    if found is None:
        raise NotFound("channel", wish.endpoint)
    if not found["enabled"]:
        raise Invalid({"endpoint": "this channel is switched off"})
    channel = Channel(found["channel"])
    if channel not in DIRECT and not wish.to and wish.person is None:
        raise Invalid({"to": "say to whom: an address or a person"})
    about = {"person": wish.person, "scope": caller.scope}
    if wish.person is not None and await database.row(SQL["visible_person"], about) is None:
        raise NotFound("person", wish.person)
    return channel
