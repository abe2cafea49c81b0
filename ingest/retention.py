"""Retention, on by default: each class of data has its time and its bounds, then it goes, with a proof.

One table says what the law and our own judgement allow; a setting outside of it is
refused. What belongs to a case that is still open is spared until the case is closed. Cameras' pictures
have their time per camera (devices/registry/record.py) and go where they lie (ingest/camera/archive.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

import psycopg

from devices.errors import SettingError

log = logging.getLogger(__name__)

SWEEP_EVERY: Final = 3600.0  # seconds
SETTING: Final = "SHEQU_RETENTION"


@dataclass(frozen=True, kw_only=True, slots=True)
class DataClass:
    """How long one class of data is kept, in days, and why not longer or shorter."""

    name: str  # a hypertable, or a query `sweep_<name>` of retention.sql
    days: float
    least: float
    most: float
    why: str
    chunks: bool = False  # goes by whole chunks of a hypertable
    proof: bool = True  # False: what nobody would ask about


CLASSES: Final[tuple[DataClass, ...]] = (
    DataClass(
        name="events",
        days=90,
        least=30,
        most=1095,
        chunks=True,
        why="what devices said: as long as a case may ask for it, no longer than a case is kept (个保法 19)",
    ),
    DataClass(name="device_status", days=365, least=30, most=1095, chunks=True, why="who was online when"),
    DataClass(name="rule_silences", days=90, least=7, most=365, chunks=True, why="why no alert was raised"),
    DataClass(
        name="alert_log", days=1095, least=183, most=3650, chunks=True, why="logs: six months (网安法 21)"
    ),
    DataClass(
        name="incident_log", days=1095, least=183, most=3650, chunks=True, why="logs: six months (网安法 21)"
    ),
    DataClass(
        name="audit_log", days=1095, least=183, most=3650, chunks=True, why="logs: six months (网安法 21)"
    ),
    DataClass(
        name="quarantine", days=90, least=1, most=183, why="messages nobody could read; may hold anything"
    ),
    DataClass(
        name="reporters", days=365, least=30, most=1095, why="who reported a closed case (个保法 19, 47)"
    ),
    DataClass(
        name="positions", days=30, least=1, most=183, why="where people were last seen (个保法 19, 28)"
    ),
    DataClass(
        name="letters",
        days=1095,
        least=183,
        most=3650,
        why="who was told what of a case, with the receipts: as long as the record of cases (网安法 21)",
    ),
    DataClass(
        name="photos",
        days=1095,
        least=183,
        most=3650,
        why="photos of a case, after its close: as long as the record of cases",
    ),
    DataClass(
        name="dossiers",
        days=1825,
        least=1095,
        most=3650,
        why="dossiers, after the close: what was given to others is kept three years (网数条例 12)",
    ),
    DataClass(
        name="register",
        days=1825,
        least=1095,
        most=3650,
        why="looks at pictures, grants, exports, requests of state organs: three years (网数条例 12)",
    ),
    DataClass(name="reveals", days=365, least=183, most=1095, why="who was shown what: logs (网安法 21)"),
    DataClass(
        name="feed", days=2, least=1, most=14, proof=False, why="a console away for longer starts afresh"
    ),
    DataClass(name="idempotency", days=1, least=1, most=7, proof=False, why="answers to repeated writes"),
    DataClass(name="sessions", days=0, least=0, most=183, proof=False, why="sessions that ended"),
)


def keep_times(setting: str | None) -> Mapping[str, timedelta]:
    """Read `events=60,audit_log=365` (days) over the table's defaults.

    Raises SettingError for a class that is none and for days outside the table.
    """
    known = {one.name: one for one in CLASSES}
    days = {one.name: one.days for one in CLASSES}
    for part in filter(None, (part.strip() for part in (setting or "").split(","))):
        name, _, number = part.partition("=")
        if name not in known:
            raise SettingError(SETTING, f"{name!r} is none of {', '.join(known)}")
        one = known[name]
        try:
            days[name] = float(number)
        except ValueError:
            raise SettingError(SETTING, f"write {name}=days, not {part!r}") from None
        if not one.least <= days[name] <= one.most:
            bounds = f"{one.least:g} to {one.most:g} days"
            raise SettingError(SETTING, f"{name}: {number} is outside {bounds}: {one.why}")
    return MappingProxyType({name: timedelta(days=number) for name, number in days.items()})


LEAST_AUDIT: Final = timedelta(days=next(one.least for one in CLASSES if one.name == "audit_log"))
"""Younger rows of the record are never missing by retention, whatever a proof says."""


async def keep_retention(url: str, keep: Mapping[str, timedelta]) -> None:
    """Delete what is past its time, every hour, until cancelled."""
    from ingest.store.sweeping import sweep  # noqa: PLC0415 - the table above is read without a database

    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                gone = await sweep(connection, CLASSES, keep)
            log.info("retention swept", extra={"action": "retention_swept", "gone": gone})
        except psycopg.OperationalError as exc:  # the next round will do
            log.warning("retention not swept: %s", exc, extra={"action": "retention_missed"})
        await asyncio.sleep(SWEEP_EVERY)
