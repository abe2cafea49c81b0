"""What `shequ bench reads` stores: a month of a county, spread evenly over devices and days.

Event `n` is said by device `n * 7919 % devices` at `n / events` of the month; every 500th raises an alert,
every second alert becomes a case that is accepted, reached and closed. The newest 200 alerts are open.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import psycopg

from benchmarks.messages import county
from devices.model import Place, PlaceKind, Registry
from ingest.store.registry import save_registry
from ingest.store.sql import load

MILLION: Final = 1_000_000
ROOT: Final = "county"
ESTATES: Final = 100
PER_DEVICE: Final = 500  # events of one device in the month
PER_ALERT: Final = 500
OPEN: Final = 200
_SQL: Final = load("benchmarks", "reads_fill.sql")
_AFTER: Final = (
    "alerts",
    "alert_evidence",
    "alert_log",
    "incidents",
    "tie",
    "incident_log",
    "incident_clocks",
)


def registry_of(events: int, now: datetime) -> Registry:
    """A county over a hundred estates, with as many devices as so many events a month come from."""
    plain = county(events // PER_DEVICE, ESTATES, now)
    root = Place(code=ROOT, kind=PlaceKind.CITY, name_zh="县", name_en="County", path=(ROOT,))
    below = [replace(place, path=(ROOT, place.code)) for place in plain.places.values()]
    return Registry.of(places=[root, *below], devices=list(plain.devices.values()))


async def fill(
    connection: psycopg.AsyncConnection[Any], events: int, start: datetime, *, still_open: int = OPEN
) -> None:
    """Store the month that begins at `start`; the connection commits by itself."""
    registry = registry_of(events, start)
    async with connection.transaction():
        await save_registry(connection, places=registry.places.values(), devices=registry.devices.values())
    await connection.execute("ANALYZE")
    about: dict[str, Any] = {
        "events": events, "devices": len(registry.devices), "start": start, "alerts": events // PER_ALERT,
        "per_alert": PER_ALERT, "open": still_open,
    }  # fmt: skip
    for first in range(1, events + 1, MILLION):
        await connection.execute(
            _SQL["events"], {**about, "first": first, "last": min(first + MILLION - 1, events)}
        )
    for name in _AFTER:
        await connection.execute(_SQL[name], about)
    await connection.execute("VACUUM ANALYZE")
