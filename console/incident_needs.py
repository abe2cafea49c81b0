"""What must come with a step: the guards' needs, checked against what was sent and what is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from psycopg.rows import DictRow

from console.auth import Caller
from console.database import Connection, fetch
from console.incidents import SQL
from console.orgs import ORGS, check_org
from console.problems import Invalid
from console.wishes import IncidentAction
from rules.alert import Outcome
from rules.incident import OPEN, Action, State
from rules.incident_guards import GUARDS, Need
from rules.verdict import Cause, LegalGrade

Wanted = Callable[[IncidentAction, Mapping[str, Any]], Any]


def _where(wish: IncidentAction, _: Mapping[str, Any]) -> bool:
    sketch, globe = (wish.x, wish.y), (wish.lat, wish.lon)
    return bool(wish.attachments or wish.place) or None not in sketch or None not in globe


CHECKS: Final[Mapping[Need, tuple[str, Wanted, str]]] = MappingProxyType(
    {
        Need.REASON: ("reason", lambda wish, _: wish.reason, "say why"),
        Need.RESULT: ("reason", lambda wish, _: wish.reason, "say what was done or found"),
        Need.WHERE: ("place", _where, "send a position (x and y, or lat and lon), a place, or a photo"),
        Need.OUTCOME: (
            "outcome",
            lambda wish, case: wish.outcome or case["outcome"],
            f"say what it was: one of {', '.join(Outcome)}",
        ),
        Need.CAUSE: (
            "cause",
            lambda wish, case: wish.cause or case["cause"],
            f"say why it happened: one of {', '.join(Cause)}",
        ),
        Need.OTHER: ("other", lambda wish, _: wish.other, "name the case that goes on"),
        Need.ORG: (
            "org",
            lambda wish, case: wish.org or case["lead_org"],
            f"say who is sent: one of {', '.join(ORGS)}",
        ),
        Need.HOURS: ("hours", lambda wish, _: wish.hours, "say how many hours more"),
        Need.GRADE: ("grade", lambda wish, _: wish.grade, f"take one of {', '.join(LegalGrade)}"),
    }
)


async def check_needs(
    connection: Connection, caller: Caller, incident: DictRow, action: Action, wish: IncidentAction
) -> None:
    """Refuse a step that lacks something; raises Invalid naming everything that is missing."""
    missing: dict[str, str] = {}
    for need in GUARDS[action].needs:
        field, find, problem = CHECKS[need]
        if not find(wish, incident):
            missing[field] = f"{problem}: {action} needs it"
    if missing:
        raise Invalid(missing)
    if wish.org is not None:
        check_org(wish.org)
    if wish.place is not None:
        about = {"place": wish.place, "scope": caller.scope}
        if await fetch(connection, SQL["place_of_report"], about) is None:
            raise Invalid({"place": f"there is no place {wish.place!r} in an estate that you see"})
    if action is Action.MERGE:
        await _check_other(connection, caller, incident, wish)


async def _check_other(
    connection: Connection, caller: Caller, incident: DictRow, wish: IncidentAction
) -> None:
    about = {"id": wish.other, "scope": caller.scope}
    if wish.other == incident["id"]:
        raise Invalid({"other": "a case cannot be merged into itself"})
    if await fetch(connection, SQL["lock_incident"], about) is None:
        raise Invalid({"other": f"there is no case {wish.other} that you see"})
    other = await fetch(connection, SQL["locked_incident"], about)
    if other is None or State(other["state"]) not in OPEN:
        raise Invalid({"other": "the other case is over: name one that is open"})
