"""The rulebook: every version of every rule, which of them is in force, and how that came about.

Versions are never changed, only their state: draft -> shadow -> live -> retired. The shipped
catalogue is imported as versions of its own. A shipped rule that nobody changed follows the
platform's upgrades by itself; beside a local change the new text waits as a draft.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from devices.errors import NotFound, RuleError
from ingest.store import sql
from rules.inspect import SHADOW
from rules.ruleset import Rule, Ruleset, load_catalogue
from rules.texts import Text, only, shipped, shipped_sources

log = logging.getLogger(__name__)

Q = sql.load("ingest.store", "rulebook.sql")
SHIPPED = "shipped"

Connection = AsyncConnection[Any]
Cursor = AsyncCursor[dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """The rules in force and in the shadow, with their versions."""

    live: Ruleset
    versions: Mapping[str, int] = field(default_factory=dict)  # by rule id; empty: the shipped ones
    shadows: tuple[Rule, ...] = ()  # their ids are `rule~version`

    def same(self, other: Book) -> bool:
        """Whether nothing has changed."""
        return self.versions == other.versions and {r.id for r in self.shadows} == {
            r.id for r in other.shadows
        }


def shipped_book() -> Book:
    """The rules of the platform itself, where there is no other word."""
    return Book(live=load_catalogue())


def name(rule: str, version: int) -> str:
    """What complaints call the text of a version."""
    return f"{rule}@{version}"


async def import_shipped(connection: Connection) -> list[str]:
    """Take in the shipped texts that are new; answers what was done, a line each."""
    done: list[str] = []
    async with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(Q["lock_import"])
        newest = {r["rule"]: r for r in await _all(cursor, "newest_shipped")}
        if {r["source"] for r in newest.values()} == shipped_sources():
            return done
        live = {r["rule"]: r for r in await _all(cursor, "live_origins")}
        texts = shipped()
        for text in texts:
            known = newest.get(text.rule.id)
            if known is None or known["source"] != text.source:
                done.append(await _import_one(cursor, text, live.get(text.rule.id), fresh=known is None))
        for rule in newest.keys() - {t.rule.id for t in texts}:
            if live.get(rule, {}).get("origin") == SHIPPED:
                await _withdraw(cursor, rule, live[rule]["version"])
                done.append(f"{rule}: withdrawn")
        if done:
            await cursor.execute(Q["notify_rules"])
    return done


async def _import_one(cursor: Cursor, text: Text, live: Mapping[str, Any] | None, *, fresh: bool) -> str:
    """Put in one shipped text: in force where nobody has changed the rule, else as a draft."""
    rule = text.rule.id
    follows = (fresh and live is None) or (live is not None and live["origin"] == SHIPPED)
    if follows and live is not None:
        await cursor.execute(Q["unseat"], {"rule": rule, "state": "live", "becomes": "retired"})
    reason = "came with the platform" if follows else "came with the platform; a local change stays in force"
    version = await _put(
        cursor, text, origin=SHIPPED, state="live" if follows else "draft", author=SHIPPED, reason=reason
    )
    await _log(cursor, rule, version, action="import", actor=SHIPPED, reason=reason)
    return f"{rule}: version {version} {'in force' if follows else 'waits as a draft'}"


async def _withdraw(cursor: Cursor, rule: str, version: int) -> None:
    await cursor.execute(Q["unseat"], {"rule": rule, "state": "live", "becomes": "retired"})
    reason = "the platform no longer ships this rule"
    await _log(cursor, rule, version, action="import", actor=SHIPPED, reason=reason)


async def load(connection: Connection) -> Book:
    """Read the rules in force; a text that cannot be read gives way to the shipped one."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await _all(cursor, "live_and_shadow")
    if not rows:
        return shipped_book()
    live: list[Rule] = []
    versions: dict[str, int] = {}
    shadows: list[Rule] = []
    for row in rows:
        rule = _read(row)
        if row["state"] == "shadow":
            if rule is not None:
                shadows.append(replace(rule, id=f"{rule.id}{SHADOW}{row['version']}"))
            continue
        rule = rule or next((r for r in load_catalogue().rules if r.id == row["rule"]), None)
        if rule is not None:
            live.append(rule)
            versions[rule.id] = row["version"]
    try:
        return Book(live=Ruleset(_ordered(live)), versions=versions, shadows=tuple(shadows))
    except RuleError:
        log.exception(
            "the rulebook contradicts itself, the shipped rules judge", extra={"action": "rulebook_bad"}
        )
        return shipped_book()


def _ordered(rules: list[Rule]) -> tuple[Rule, ...]:
    """The same order on every start."""
    return tuple(sorted(rules, key=lambda r: (r.code, r.id)))


def _read(row: Mapping[str, Any]) -> Rule | None:
    try:
        return only(row["source"], name(row["rule"], row["version"]))
    except RuleError as exc:
        log.error("a stored rule cannot be read: %s", exc, extra={"action": "rule_unreadable"})  # noqa: TRY400 - the message says all
        return None


async def judged(connection: Connection, worker: str) -> dict[str, tuple[int, Rule | None]]:
    """Read which versions the stored memory belongs to."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await _all(cursor, "judged", worker=worker)
    return {row["rule"]: (row["version"], _read(row)) for row in rows}


async def put_judged(cursor: AsyncCursor[Any], worker: str, versions: Mapping[str, int]) -> None:
    """Note that the memory written in this transaction belongs to these versions."""
    await cursor.execute(Q["forget_judged"], {"worker": worker})
    await cursor.execute(
        Q["put_judged"], {"worker": worker, "rules": list(versions), "versions": list(versions.values())}
    )


async def draft(
    connection: Connection, source: str, *, file: str, author: str, reason: str
) -> tuple[str, int]:
    """Keep a text of one rule as a new version, not in force; raises RuleError."""
    text = Text(only(source, file), source)
    async with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        version = await _put(cursor, text, origin="local", state="draft", author=author, reason=reason)
        await _log(cursor, text.rule.id, version, action="draft", actor=author, reason=reason)
    return text.rule.id, version


async def find(connection: Connection, rule: str, version: int | None) -> dict[str, Any]:
    """Read one version, the one in force if none is named; raises NotFound."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        if version is None:
            rows = await _all(cursor, "live_version", rule=rule)
            version = rows[0]["version"] if rows else None
        rows = await _all(cursor, "version", rule=rule, version=version)
    if not rows:
        raise NotFound("rule", rule if version is None else name(rule, version))
    return rows[0]


async def newest(connection: Connection, rule: str) -> int | None:
    """The number of a rule's newest version."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await _all(cursor, "newest_version", rule=rule, state=None)
    return rows[0]["version"] if rows else None


async def sources(connection: Connection) -> dict[str, str]:
    """The texts in force, by rule."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await _all(cursor, "live_and_shadow")
    return {row["rule"]: row["source"] for row in rows if row["state"] == "live"}


async def overview(connection: Connection) -> list[dict[str, Any]]:
    """Every rule, with what is in force."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await _all(cursor, "list")


async def details(connection: Connection, rule: str, scope: str | None = None) -> dict[str, Any]:
    """One rule with its versions, its log and the words of its shadow; raises NotFound."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        versions = await _all(cursor, "versions", rule=rule)
        if not versions:
            raise NotFound("rule", rule)
        log = await _all(cursor, "log_of", rule=rule)
        shadowed = await _all(cursor, "shadowed", rule=rule, version=None, scope=scope)
    return {
        "id": rule,
        "versions": [row["body"] for row in versions],
        "log": [row["body"] for row in log],
        "shadowed": [row["body"] for row in shadowed],
    }


async def _put(cursor: Cursor, text: Text, *, origin: str, state: str, author: str, reason: str) -> int:
    about = {"rule": text.rule.id, "code": text.rule.code, "source": text.source}
    await cursor.execute(Q["put_rule"], about)
    row = {**about, "origin": origin, "state": state, "author": author, "reason": reason}
    return int((await _all(cursor, "put_version", **row))[0]["version"])


async def _log(cursor: Cursor, rule: str, version: int, *, action: str, actor: str, reason: str) -> None:
    await cursor.execute(
        Q["log"],
        {
            "rule": rule,
            "version": version,
            "action": action,
            "actor": actor,
            "reason": reason,
            "detail": Jsonb({}),
        },
    )


async def _all(cursor: Cursor, query: str, **values: Any) -> list[dict[str, Any]]:
    return await (await cursor.execute(Q[query], values or None)).fetchall()
