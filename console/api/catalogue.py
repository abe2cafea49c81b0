"""Words for the page: alerts, reasons, outcomes, organisations, device families."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from fastapi import APIRouter

from console.auth import Me
from console.orgs import ORGS
from console.schemas import Wire
from devices.adapters import ADAPTERS
from devices.profiles import PROFILES
from rules.alert import Outcome
from rules.incident import SOURCES
from rules.incident_guards import WHY_NAMES
from rules.ruleset import load_catalogue
from rules.verdict import CAUSE_NAMES, GRADE_NAMES
from rules.wording import REASON_NAMES, entries

router = APIRouter(prefix="/api/catalogue", tags=["catalogue"])


class Sla(Wire):
    """Time limits in seconds."""

    accept_s: float | None
    arrive_s: float | None
    close_s: float | None


class AlertKind(Wire):
    """An entry of the alert catalogue."""

    code: str
    name_zh: str
    name_en: str
    severity: int
    roles: list[str]
    roles_after_confirm: list[str]
    sla: Sla
    confirm_required: bool


class Word(Wire):
    """A code and its names."""

    code: str
    name_zh: str
    name_en: str


class Family(Wire):
    """A device family."""

    family: str
    name_zh: str
    name_en: str


class Dialect(Wire):
    """A make that is understood, and the families that it can speak for."""

    dialect: str
    title: str
    families: list[str]


class Catalogue(Wire):
    """The words of the page; `reasons` maps a reason to `{zh, en}`."""

    alerts: list[AlertKind]
    outcomes: list[str]
    causes: list[Word]
    grades: list[Word]
    refusals: list[Word]
    sources: list[Word]
    orgs: list[Word]
    reasons: dict[str, Any]
    profiles: list[Family]
    dialects: list[Dialect]


@router.get("")
async def catalogue(_: Me) -> Catalogue:
    """List the words; they change with the program only."""
    return _catalogue()


@cache
def _catalogue() -> Catalogue:
    return Catalogue(
        alerts=[
            AlertKind(
                code=entry.code,
                name_zh=entry.name_zh,
                name_en=entry.name_en,
                severity=entry.severity,
                roles=list(entry.roles),
                roles_after_confirm=list(entry.roles_after_confirm),
                sla=Sla(
                    accept_s=_seconds(entry.sla.accept),
                    arrive_s=_seconds(entry.sla.arrive),
                    close_s=_seconds(entry.sla.close),
                ),
                confirm_required=entry.confirm_required,
            )
            for entry in entries(load_catalogue()).values()
        ],
        outcomes=list(Outcome),
        causes=_words(CAUSE_NAMES),
        grades=_words(GRADE_NAMES),
        refusals=_words(WHY_NAMES),
        sources=_words(SOURCES),
        orgs=_words(ORGS),
        reasons={str(reason): {"zh": zh, "en": en} for reason, (zh, en) in REASON_NAMES.items()},
        profiles=[Family(family=p.family, name_zh=p.name_zh, name_en=p.name_en) for p in PROFILES.values()],
        dialects=[
            Dialect(dialect=a.dialect, title=a.title, families=list(a.families)) for a in ADAPTERS.values()
        ],
    )


def _words(names: Mapping[Any, tuple[str, str]]) -> list[Word]:
    return [Word(code=str(code), name_zh=zh, name_en=en) for code, (zh, en) in names.items()]


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
