"""What may be done with a version of a rule: run it in the shadow, put it in force, go back one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from devices.errors import IllegalMove, NotFound, RuleError
from ingest.store.rulebook import Connection, Cursor, Q, name
from rules.inspect import Choice, choose
from rules.ruleset import Rule, Ruleset
from rules.texts import only


class RuleVerb(StrEnum):
    """What is done."""

    SHADOW = "shadow"
    PROMOTE = "promote"
    ROLLBACK = "rollback"


_FROM: Mapping[RuleVerb, tuple[str, ...]] = {
    RuleVerb.SHADOW: ("draft", "retired"),
    RuleVerb.PROMOTE: ("draft", "shadow", "retired"),
    RuleVerb.ROLLBACK: ("live",),
}
_WORKS_FROM: Mapping[str, tuple[str, ...]] = {
    state: tuple(verb for verb, states in _FROM.items() if state in states)
    for state in ("draft", "shadow", "live", "retired")
}


async def move(
    connection: Connection, rule: str, verb: RuleVerb, version: int | None, *, author: str, reason: str
) -> dict[str, Any]:
    """Do it, and tell ingest; without a version: the newest one that it can be done with.

    Raises NotFound, IllegalMove, and RuleError where the rules would contradict each other.
    """
    async with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(Q["lock_import"])
        if not await _all(cursor, "lock_rule", rule=rule):
            raise NotFound("rule", rule)
        if verb is RuleVerb.ROLLBACK:
            answer, choice = await _roll_back(cursor, rule)
        else:
            answer, choice = await _raise(cursor, rule, verb, version)
        detail = {**answer}
        if choice is not None:
            detail |= {"memory": choice.carry, "memory_zh": choice.zh, "memory_en": choice.en}
        row = {"rule": rule, "version": answer["version"], "action": verb, "actor": author, "reason": reason}
        await cursor.execute(Q["log"], {**row, "detail": Jsonb(detail)})
        await cursor.execute(Q["notify_rules"])
    return detail


async def _raise(
    cursor: Cursor, rule: str, verb: RuleVerb, version: int | None
) -> tuple[dict[str, Any], Choice | None]:
    """Put a version in the shadow or in force."""
    row = await _pick(cursor, rule, verb, version)
    new = only(row["source"], name(rule, row["version"]))
    target = "shadow" if verb is RuleVerb.SHADOW else "live"
    choice: Choice | None = None
    before = None
    if target == "live":
        live = await _one(cursor, "live_version", rule=rule)
        before = live and live["version"]
        choice = choose(only(live["source"], name(rule, live["version"])) if live else None, new)
        await _agree(cursor, new)
    becomes = "draft" if target == "shadow" else "retired"
    await cursor.execute(Q["unseat"], {"rule": rule, "state": target, "becomes": becomes})
    seat = {"rule": rule, "version": row["version"], "state": target, "live_at": None}
    await cursor.execute(Q["seat"], seat)
    return {"rule": rule, "version": row["version"], "before": before, "state": target}, choice


async def _roll_back(cursor: Cursor, rule: str) -> tuple[dict[str, Any], Choice | None]:
    """Put the version in force that was so before; a rule that had none is switched off."""
    live = await _one(cursor, "live_version", rule=rule)
    if live is None:
        raise IllegalMove(f"rule {rule}", "not in force", RuleVerb.ROLLBACK, (RuleVerb.PROMOTE,))
    earlier = await _one(cursor, "live_before", rule=rule, live_at=live["live_at"])
    await cursor.execute(Q["unseat"], {"rule": rule, "state": "live", "becomes": "retired"})
    if earlier is None:
        return {"rule": rule, "version": live["version"], "before": live["version"], "state": "retired"}, None
    old = only(earlier["source"], name(rule, earlier["version"]))
    await cursor.execute(Q["reseat"], {"rule": rule, "version": earlier["version"]})
    await _agree(cursor, old)
    choice = choose(_readable(live), old)
    answer = {"rule": rule, "version": earlier["version"], "before": live["version"], "state": "live"}
    return answer, choice


async def _pick(cursor: Cursor, rule: str, verb: RuleVerb, version: int | None) -> dict[str, Any]:
    """Find the version that is meant."""
    if version is None:
        for state in _FROM[verb]:
            newest = await _one(cursor, "newest_version", rule=rule, state=state)
            if newest is not None and newest["version"] is not None and state != "retired":
                version = newest["version"]
                break
    row = None if version is None else await _one(cursor, "version", rule=rule, version=version)
    if row is None:
        raise NotFound("version of rule", rule if version is None else name(rule, version))
    if row["state"] not in _FROM[verb]:
        raise IllegalMove(name(rule, row["version"]), row["state"], verb, _WORKS_FROM[row["state"]])
    return row


async def _agree(cursor: Cursor, new: Rule) -> None:
    """Check that the new version fits beside the others in force; raises RuleError."""
    rows = await _all(cursor, "live_and_shadow")
    others = [_readable(r) for r in rows if r["state"] == "live" and r["rule"] != new.id]
    Ruleset((*(r for r in others if r is not None), new))


def _readable(row: Mapping[str, Any]) -> Rule | None:
    """The rule of a stored text; None where the grammar has moved on since."""
    try:
        return only(row["source"], name(row["rule"], row["version"]))
    except RuleError:
        return None


async def _all(cursor: Cursor, query: str, **values: Any) -> list[dict[str, Any]]:
    return await (await cursor.execute(Q[query], values or None)).fetchall()


async def _one(cursor: Cursor, query: str, **values: Any) -> dict[str, Any] | None:
    rows = await _all(cursor, query, **values)
    return rows[0] if rows else None
