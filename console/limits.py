"""The limits of a code: those of the rule in force, else of the catalogue, else of the severity.

A rule changed in the rulebook changes them from its next promise on; a clock that runs keeps the limit
it was started with.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from console.database import Connection, fetch
from console.pace import entry
from ingest.store.rulebook import name
from ingest.store.sql import load
from rules.ruleset import Sla
from rules.sla import DEFAULTS
from rules.texts import only

SQL: Final = load("console.store", "clocks.sql")


async def sla_of(connection: Connection, code: str, severity: int) -> Sla:
    """Answer the limits that hold now."""
    changed = await fetch(connection, SQL["changed_rule"], {"code": code})
    if changed is not None:
        return _read(changed["source"], name(changed["rule"], changed["version"]))
    known = entry(code)
    return known.sla if known is not None else DEFAULTS[severity]


@lru_cache(maxsize=256)
def _read(source: str, called: str) -> Sla:
    return only(source, called).sla
