"""Health of devices: link, data and self-test kept apart, trends, causes, and rates by community."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from fastapi import APIRouter
from psycopg.types.json import Jsonb

from console.access import Data, must_see
from console.auth import Caller, Me
from console.database import Database
from console.fleet_schemas import CommunityRates, DeviceHealth, HealthPage
from console.paging import Cursor, Limit, after, page
from devices.errors import NotFound
from devices.profiles import PROFILES
from devices.registry.health import FLAPS, Cause, Down, battery_trend, find_causes, low_battery, uptime
from ingest.store.sql import load

router = APIRouter(prefix="/api/devices", tags=["health of devices"])
_SQL: Final = load("console.store", "device_health.sql")
_LIMITS: Final = {name: profile.offline_after.total_seconds() for name, profile in PROFILES.items()}
_SPANS: Final = {"1d": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}


@router.get("/health", response_model=HealthPage)
async def devices_health(
    *,
    database: Data,
    caller: Me,
    estate: str | None = None,
    status: Literal["bad", "all"] = "all",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List devices' health by id; the first page also says what troubles have in common."""
    await must_see(database, caller, estate)
    (last,) = after(cursor, str)
    causes = await _causes(database, caller, estate)
    rows = await _rows(database, caller, estate=estate, bad=status == "bad", last=last, limit=limit + 1)
    bodies = await _bodies(database, rows, causes)
    shown = page([{"id": body["id"], "body": body} for body in bodies], limit, "id")
    return shown if last is not None else {**shown, "causes": [_wire(cause) for cause in causes]}


@router.get("/health/communities", response_model=CommunityRates)
async def communities_health(
    database: Data, caller: Me, network: Literal["xueliang", "tianwang", "huiyan", "estate"] = "xueliang"
) -> dict[str, Any]:
    """Say how many of a network's cameras are online, by community."""
    rows = await database.rows(_SQL["communities"], {"network": network, "scope": caller.scope})
    items = [{**row, "rate": row["online"] / row["cameras"]} for row in rows]
    cameras, online = sum(row["cameras"] for row in rows), sum(row["online"] for row in rows)
    rate = online / cameras if cameras else None
    return {"items": items, "total": {"cameras": cameras, "online": online, "rate": rate}}


@router.get("/{device_id}/health", response_model=DeviceHealth)
async def device_health(database: Data, caller: Me, device_id: str) -> dict[str, Any]:
    """Say how one device is, in full."""
    rows = await _rows(database, caller, device=device_id)
    if not rows:
        raise NotFound("device", device_id)
    # what holds a device lies in its estate, and holds only what is down
    causes = await _causes(database, caller, rows[0]["estate"]) if rows[0]["online"] is False else []
    (body,) = await _bodies(database, rows, causes, samples=True)
    about = {"id": device_id}
    clock = await database.row(_SQL["clock"], about)
    return {
        **body,
        "clock": clock if clock and clock["samples"] else None,
        "rate": await database.row(_SQL["rate"], about) or {"last_hour": 0, "per_hour_24h": 0.0},
        "uptime": await _uptime(database, device_id),
    }


async def _rows(
    database: Database,
    caller: Caller,
    *,
    estate: str | None = None,
    device: str | None = None,
    bad: bool = False,
    last: str | None = None,
    limit: int = 1,
) -> list[dict[str, Any]]:
    wanted = {
        "scope": caller.scope,
        "estate": estate,
        "id": device,
        "bad": bad,
        "after": last,
        "limit": limit,
        "limits": Jsonb(_LIMITS),
    }
    return await database.rows(_SQL["devices"], wanted)


async def _bodies(
    database: Database, rows: Sequence[Mapping[str, Any]], causes: Sequence[Cause], *, samples: bool = False
) -> list[dict[str, Any]]:
    ids = [row["id"] for row in rows]
    batteries: dict[str, list[tuple[datetime, float]]] = {}
    for row in await database.rows(_SQL["batteries"], {"ids": ids}):
        batteries.setdefault(row["device"], []).append((row["at"], row["percent"]))
    errors: dict[str, dict[str, int]] = {}
    for row in await database.rows(_SQL["decode_errors"], {"ids": ids}):
        errors.setdefault(row["device"], {})[row["reason"]] = row["n"]
    holding = {device: cause for cause in causes for device in cause.held}
    return [
        {
            **_body(row, holding.get(row["id"])),
            "battery": _battery(row, batteries.get(row["id"], []), samples=samples),
            "decode_errors_24h": errors.get(row["id"], {}),
        }
        for row in rows
    ]


def _body(row: Mapping[str, Any], cause: Cause | None) -> dict[str, Any]:
    link = {None: "unknown", True: "up", False: "down"}[row["online"]]
    seen = row["last_seen"]
    return {
        "id": row["id"],
        "link": {"status": link, "since": row["link_since"]},
        "data": {
            "status": "never" if seen is None else "fresh" if row["fresh"] else "stale",
            "last_seen": seen,
            "limit_s": row["limit_s"],
        },
        "self_test": {
            "status": row["test_result"] or "never",
            "at": row["test_at"],
            "reason": row["test_reason"],
        },
        "held_by": cause.ref if cause and cause.kind == "gateway" else None,
        "cause": {"kind": cause.kind, "ref": cause.ref, "offline": cause.offline, "of": cause.of}
        if cause
        else None,
        "signal": None if row["rssi"] is None else {"rssi": row["rssi"], "at": row["rssi_at"]},
        "duplicates_24h": row["duplicates"],
        "flapping": {"flapping": row["flaps"] >= FLAPS, "changes_1h": row["flaps"]},
    }


def _battery(
    row: Mapping[str, Any], line: list[tuple[datetime, float]], *, samples: bool
) -> dict[str, Any] | None:
    if row["percent"] is None:
        return None
    trend = battery_trend(line)
    return {
        "percent": row["percent"],
        "low": row["percent"] <= low_battery(row["profile"]),
        "at": row["battery_at"],
        "per_day": trend and round(trend.per_day, 3),
        "empty_on": trend.empty_on.date().isoformat() if trend and trend.empty_on else None,
        **(
            {"samples": [{"at": at, "percent": round(percent, 1)} for at, percent in line]} if samples else {}
        ),
    }


async def _uptime(database: Database, device: str) -> dict[str, float | None]:
    about = {"id": device}
    changes = [(row["at"], row["online"]) for row in await database.rows(_SQL["changes"], about)]
    first = await database.row(_SQL["before"], about)
    clock = await database.row(_SQL["now"])
    if clock is None:
        return dict.fromkeys(_SPANS)
    shares: dict[str, float | None] = {}
    for name, span in _SPANS.items():
        start = clock["now"] - span
        earlier = [online for at, online in changes if at <= start]
        state = earlier[-1] if earlier else (first["online"] if first else None)
        shares[name] = uptime([c for c in changes if c[0] > start], state, start, clock["now"])
    return shares


async def _causes(database: Database, caller: Caller, estate: str | None) -> list[Cause]:
    rows = await database.rows(_SQL["down"], {"scope": caller.scope, "estate": estate})
    if not rows:
        return []
    behind = await database.rows(_SQL["behind"], {"ids": [row["id"] for row in rows]})
    buildings = sorted({row["building"] for row in rows if row["building"]})
    totals = await database.rows(_SQL["totals"], {"codes": buildings})
    return find_causes(
        [Down(row["id"], row["since"], row["gateway"], row["building"]) for row in rows],
        {row["gateway"]: row["devices"] for row in behind},
        {row["code"]: row["n"] for row in totals},
    )


def _wire(cause: Cause) -> dict[str, Any]:
    return {
        "kind": cause.kind,
        "ref": cause.ref,
        "offline": cause.offline,
        "of": cause.of,
        "since": cause.since,
        "held": list(cause.held),
    }
