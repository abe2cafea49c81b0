"""Thresholds as property managers see them: the value in force somewhere, and where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from console.database import Connection, fetch
from console.quiet_wire import ThresholdWish
from console.rulebook import live_rule
from devices.errors import NotFound, RuleError
from devices.model import Place, PlaceKind, Registry
from devices.profiles import PROFILES
from devices.reading import Fault, State
from ingest.store import rulebook, wishes
from ingest.store.sql import load
from rules.condition import ANY, Subject
from rules.override import SHIPPED, Effective, Override, Overrides, check
from rules.ruleset import Rule

SQL: Final = load("console.store", "quiet.sql")
_SHARED: Final = frozenset({ANY, State.type, Fault.type})  # what every family may say

Row = Mapping[str, Any]


async def scope_of(connection: Connection, code: str, within: str | None) -> Row:
    """Find a place or a device in the caller's part of the tree; raises NotFound."""
    row = await fetch(connection, SQL["scope_of"], {"code": code, "scope": within})
    if row is None:
        raise NotFound("place or device", code)
    return row


async def show(connection: Connection, code: str, within: str | None, rule: str | None) -> dict[str, Any]:
    """Answer every parameter of every rule that is about a scope."""
    where = await scope_of(connection, code, within)
    book = await rulebook.load(connection)
    overrides = await wishes.load_overrides(connection)
    chosen = [r for r in book.live.rules if r.params and rule in (None, r.id) and _about(r, where)]
    subject, registry, wider = _subject(code, where), _registry(where), overrides.beyond(code)
    found = {
        r.id: _pairs(overrides.effective(r, registry, subject), wider.effective(r, registry, subject))
        for r in chosen
    }
    said = (e.scope for values in found.values() for pair in values.values() for e in pair)
    names = await _names(connection, said)
    return {
        "scope": code,
        "scope_kind": where["kind"],
        "items": [_rule(r, found[r.id], overrides, code, names) for r in chosen],
    }


async def judge(connection: Connection, wish: ThresholdWish) -> Override:
    """Make an override of a wish; raises NotFound for an unknown rule, RuleError for a value that is none."""
    rule = await live_rule(connection, wish.rule)
    if rule is None:
        raise NotFound("rule in force", wish.rule)
    override = Override(rule=wish.rule, scope=wish.scope, param=wish.param, value=wish.value)
    if wish.param not in rule.params:
        known = ", ".join(rule.params) or "none"
        raise RuleError(wish.rule, rule.line, 1, f"there is no parameter {wish.param!r}; known: {known}")
    check(rule, override)
    return override


def _about(rule: Rule, where: Row) -> bool:
    """Whether a rule can be about a scope: every rule about a place, those of its family about a device."""
    family = where["profile"]
    if family is None:
        return True
    if rule.profiles is not None and family not in rule.profiles:
        return False
    said = _SHARED | {reading.type for reading in PROFILES[family].readings}
    return not said.isdisjoint(rule.condition.types)


def _registry(where: Row) -> Registry:
    """As much of the registry as an override asks for: the way from the root."""
    here = Place(code=where["place"], kind=PlaceKind.ROOM, name_zh="", name_en="", path=tuple(where["path"]))
    return Registry.of(places=[here])


def _subject(code: str, where: Row) -> Subject:
    return Subject(name=code, estate=where["estate"], place=where["place"], device=where["device"])


async def _names(connection: Connection, scopes: Iterable[str]) -> dict[str, tuple[str, str]]:
    cursor = await connection.execute(SQL["scope_names"], {"codes": sorted(set(scopes))})
    return {row["code"]: (row["name_zh"], row["name_en"]) for row in await cursor.fetchall()}


def _pairs(
    own: Mapping[str, Effective], wider: Mapping[str, Effective]
) -> Mapping[str, tuple[Effective, Effective]]:
    """What is in force beside what would be inherited."""
    return {param: (own[param], wider[param]) for param in wider}


def _rule(
    rule: Rule,
    values: Mapping[str, tuple[Effective, Effective]],
    overrides: Overrides,
    code: str,
    names: Mapping[str, tuple[str, str]],
) -> dict[str, Any]:
    of_rule = overrides.by_rule.get(rule.id, {})
    times = {(scope, one.param): one.at for scope, set_ in of_rule.items() for one in set_}
    return {
        "rule": rule.id,
        "code": rule.code,
        "name_zh": rule.name_zh,
        "name_en": rule.name_en,
        "severity": int(rule.severity),
        "params": [
            {
                "param": param,
                "shipped": rule.params[param],
                "value": effective.value,
                "from_scope": effective.scope,
                "from_zh": names.get(effective.scope, ("", ""))[0],
                "from_en": names.get(effective.scope, ("", ""))[1],
                "own": effective.scope == code != SHIPPED,
                "author": effective.author,
                "reason": effective.reason,
                "at": times.get((effective.scope, param)),
                "inherited": above.value,
                "inherited_zh": names.get(above.scope, ("", ""))[0],
                "inherited_en": names.get(above.scope, ("", ""))[1],
            }
            for param, (effective, above) in values.items()
            if param in rule.params
        ],
    }
