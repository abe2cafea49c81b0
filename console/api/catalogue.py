"""Words for the page: alerts, reasons, outcomes, organisations, device families."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from fastapi import APIRouter

from console.auth import Me
from console.orgs import ORGS
from console.schemas import Wire
from devices.profiles import PROFILES
from rules.alert import Outcome
from rules.ruleset import load_catalogue
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


class Catalogue(Wire):
    """The words of the page; `reasons` maps a reason to `{zh, en}`."""

    alerts: list[AlertKind]
    outcomes: list[str]
    orgs: list[Word]
    reasons: dict[str, Any]
    profiles: list[Family]


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
        orgs=[Word(code=code, name_zh=zh, name_en=en) for code, (zh, en) in ORGS.items()],
        reasons={str(reason): {"zh": zh, "en": en} for reason, (zh, en) in REASON_NAMES.items()},
        profiles=[Family(family=p.family, name_zh=p.name_zh, name_en=p.name_en) for p in PROFILES.values()],
    )


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
