"""What needs a property manager today: one list from what the platform knows already, most urgent first."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

from fastapi import APIRouter
from psycopg.types.json import Jsonb

from console.access import Data
from console.auth import Me
from console.schemas import Instant, Wire
from devices.registry.health import LOW_BATTERY, LOW_BATTERY_OF
from ingest.store.sql import load

router = APIRouter(prefix="/api/today", tags=["repairs"])
_SQL: Final = load("console.store", "today.sql")
_SHOWN: Final = 20  # of each kind: whoever has more sees the number, and the page that lists them

Kind = Literal[
    "order",
    "rollout",
    "offline",
    "test_mode",
    "quiet",
    "battery",
    "maintenance",
    "repair",
    "enrolment",
    "contact",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)  # the most urgent first; a statement of today.sql each


class CaseOfChore(Wire):
    """What the case of an order is about."""

    case_code: str
    code: str
    severity: int


class Chore(Wire):
    """One thing to do: `subject` is the device, person, case or row it is about."""

    subject: str
    incident: CaseOfChore | None = None
    name_zh: str
    name_en: str
    place: str | None
    since: Instant | None
    detail: str


class Chores(Wire):
    """All of one kind: how many there are, and the longest waiting of them."""

    kind: Kind
    total: int
    items: list[Chore]


class Today(Wire):
    """What is to be done, most urgent kind first; kinds without work are left out."""

    kinds: list[Chores]


@router.get("", response_model=Today)
async def today(database: Data, caller: Me) -> dict[str, Any]:
    """List what needs somebody in the caller's places today."""
    about = {
        "scope": caller.scope,
        "limit": _SHOWN,
        "low": Jsonb(dict(LOW_BATTERY_OF)),
        "low_else": LOW_BATTERY,
    }
    found = [(kind, await database.rows(_SQL[kind], about)) for kind in KINDS]
    return {
        "kinds": [{"kind": kind, "total": rows[0]["total"], "items": rows} for kind, rows in found if rows]
    }
