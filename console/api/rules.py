"""Rules: what is in force, drafts, trying on the past, shadow, promotion and the way back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from console import accounts
from console.access import Data
from console.auth import Me
from console.database import Connection
from console.problems import Forbidden, Invalid
from console.rule_wire import (
    Backtest,
    BacktestWish,
    Checked,
    Draft,
    NewVersion,
    RuleAction,
    RuleDetail,
    RuleMoved,
    Rules,
    RuleText,
)
from console.rulebook import WHERE, Turnstile, check, fault_of, report_body, span_of, stored_rule, try_out
from console.writing import Answer, Once
from devices.errors import RuleError
from ingest.clock import system_clock
from ingest.store import rulebook
from ingest.store.rule_moves import move
from rules.texts import only

router = APIRouter(prefix="/api/rules", tags=["rules"])


@router.get("", response_model=Rules)
async def rules(database: Data, _: Me) -> dict[str, Any]:
    """List every rule with the versions in force and in the shadow."""
    rows = await database.write(rulebook.overview)
    return {"items": [_row(row) for row in rows]}


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the list, with the names that its text in force gives it."""
    try:
        rule = only(row["source"], row["id"]) if row["source"] else None
    except RuleError:
        rule = None
    live_at = row["live_at"]
    return {
        **{name: row[name] for name in ("id", "code", "live", "shadow", "newest", "origin", "author")},
        "live_at": None if live_at is None else live_at.isoformat(),
        "name_zh": rule.name_zh if rule else row["code"],
        "name_en": rule.name_en if rule else row["code"],
        "severity": rule.severity if rule else 4,
    }


@router.post("/validate", response_model=Checked)
async def validate_rule(_: Me, wish: RuleText) -> dict[str, Any]:
    """Check a text: what it holds, or line, column and what to write instead."""
    return check(wish.source)


@router.post("/backtest", response_model=Backtest)
async def backtest_rule(request: Request, database: Data, caller: Me, wish: BacktestWish) -> dict[str, Any]:
    """Try a text or a stored version on the stored past of the caller's places."""
    span = span_of(wish.start, wish.end, system_clock())
    turnstile: Turnstile = request.app.state.backtests
    if (wish.source is None) == (wish.rule is None):
        raise Invalid({"source": "give either a text, or a rule (and its version)"})

    async def work(connection: Connection) -> dict[str, Any]:
        try:
            if wish.source is not None:
                candidate = only(wish.source, WHERE)
            else:
                candidate = await stored_rule(connection, str(wish.rule), wish.version)
        except RuleError as exc:
            raise fault_of(exc) from exc
        return report_body(await try_out(connection, candidate, span, caller.scope))

    with turnstile:
        return await database.write(work)


@router.post("", response_model=Draft, status_code=HTTPStatus.CREATED)
async def draft_rule(caller: Me, wish: NewVersion, writer: Once) -> JSONResponse:
    """Keep a text of one rule as a draft; it is not in force."""

    async def work(connection: Connection) -> Answer:
        try:
            rule, version = await rulebook.draft(
                connection, wish.source, file=WHERE, author=caller.name, reason=wish.reason
            )
        except RuleError as exc:
            raise fault_of(exc) from exc
        await accounts.note(connection, caller, "rule.draft", rule, {"version": version})
        return Answer(body={"id": rule, "version": version}, status=HTTPStatus.CREATED)

    return await writer.once(work)


@router.get("/{rule_id}", response_model=RuleDetail)
async def rule(database: Data, caller: Me, rule_id: str) -> dict[str, Any]:
    """Show one rule with its versions, its log, and what its version in the shadow would have said."""

    async def work(connection: Connection) -> dict[str, Any]:
        return await rulebook.details(connection, rule_id, caller.scope)

    return await database.write(work)


@router.post("/{rule_id}/actions", response_model=RuleMoved)
async def act_on_rule(caller: Me, rule_id: str, wish: RuleAction, writer: Once) -> JSONResponse:
    """Run a version in the shadow, put it in force, or go back one; a rule is everybody's business."""
    if caller.scope is not None:
        raise Forbidden

    async def work(connection: Connection) -> Answer:
        try:
            done = await move(
                connection, rule_id, wish.action, wish.version, author=caller.name, reason=wish.reason
            )
        except RuleError as exc:
            raise fault_of(exc) from exc
        await accounts.note(connection, caller, f"rule.{wish.action}", rule_id, done)
        return Answer(body=done)

    return await writer.once(work)
