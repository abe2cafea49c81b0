"""Thresholds: other values of a rule's parameters for an estate, a building or a device."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from console import accounts, thresholds
from console.access import Data
from console.auth import Caller, Me
from console.database import Connection
from console.problems import Invalid
from console.quiet_wire import Lateness, LatenessWish, ThresholdDrop, Thresholds, ThresholdWish
from console.rulebook import fault_of
from console.writing import Answer, Once
from devices.errors import NotFound, RuleError
from ingest.store import wishes

router = APIRouter(prefix="/api/thresholds", tags=["thresholds"])
Text = Annotated[str, Query(max_length=64)]


@router.get("", response_model=Thresholds)
async def thresholds_of(
    database: Data, caller: Me, scope: Text, rule: Annotated[str | None, Query(max_length=64)] = None
) -> dict[str, Any]:
    """Show what is in force for a place or a device, and where each value came from."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await thresholds.show(connection, scope, caller.scope, rule)

    return await database.write(work)


@router.post("", response_model=Thresholds)
async def set_threshold(caller: Me, wish: ThresholdWish, writer: Once) -> JSONResponse:
    """Set a value; the rules judge by it from the next batch on, with what they remember kept."""

    async def work(connection: Connection) -> Answer:
        await thresholds.scope_of(connection, wish.scope, caller.scope)
        try:
            override = await thresholds.judge(connection, wish)
        except RuleError as exc:
            raise fault_of(exc) from exc
        await wishes.save_override(connection, replace(override, author=caller.name, reason=wish.reason))
        await _audit(connection, caller, "threshold.set", wish, {"value": wish.value})
        return await _answer(connection, caller, wish)

    return await writer.once(work)


@router.post("/drop", response_model=Thresholds)
async def drop_threshold(caller: Me, wish: ThresholdDrop, writer: Once) -> JSONResponse:
    """Go back to the value of the next wider place, or to the shipped one."""

    async def work(connection: Connection) -> Answer:
        await thresholds.scope_of(connection, wish.scope, caller.scope)
        if not await wishes.drop_override(connection, wish.rule, wish.scope, wish.param):
            raise NotFound("threshold", f"{wish.rule}.{wish.param} of {wish.scope}")
        await _audit(connection, caller, "threshold.drop", wish, {})
        return await _answer(connection, caller, wish)

    return await writer.once(work)


@router.post("/lateness", response_model=Lateness)
async def set_lateness(caller: Me, wish: LatenessWish, writer: Once) -> JSONResponse:
    """Set how long an estate's messages may be under way: only its own watermark waits for them."""

    async def work(connection: Connection) -> Answer:
        where = await thresholds.scope_of(connection, wish.estate, caller.scope)
        if where["kind"] != "estate":
            raise Invalid({"estate": f"{wish.estate!r} is a {where['kind']}: name an estate"})
        await wishes.save_lateness(connection, wish.estate, wish.seconds)
        detail = {"seconds": wish.seconds, "reason": wish.reason}
        await accounts.audit(
            connection, caller.name, "lateness.set", wish.estate, detail=detail, source=caller.source
        )
        return Answer(body={"estate": wish.estate, "seconds": wish.seconds})

    return await writer.once(work)


async def _answer(connection: Connection, caller: Caller, wish: ThresholdWish | ThresholdDrop) -> Answer:
    shown = await thresholds.show(connection, wish.scope, caller.scope, wish.rule)
    return Answer(body=Thresholds.model_validate(shown).model_dump(mode="json"))


async def _audit(
    connection: Connection,
    caller: Caller,
    action: str,
    wish: ThresholdWish | ThresholdDrop,
    detail: dict[str, Any],
) -> None:
    about = {"scope": wish.scope, "param": wish.param, "reason": wish.reason, **detail}
    await accounts.audit(connection, caller.name, action, wish.rule, detail=about, source=caller.source)
