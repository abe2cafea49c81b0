"""Places, devices and cared-for people, in and out of the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from devices.model import Cared, Device, Place, PlaceKind, Registry
from devices.registry.lifecycle import Lifecycle
from ingest.store import sql

Q = sql.load("ingest.store", "queries.sql")


async def load_registry(connection: AsyncConnection[Any]) -> Registry:
    """Read the whole snapshot."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        places = await (await cursor.execute(Q["registry_places"])).fetchall()
        devices = await (await cursor.execute(Q["registry_devices"])).fetchall()
        cared = await (await cursor.execute(Q["registry_cared"])).fetchall()
    return Registry.of(
        places=[_place(row) for row in places],
        devices=[_device(row) for row in devices],
        cared=[Cared(**row) for row in cared],
    )


def _place(row: dict[str, Any]) -> Place:
    outline = tuple((float(x), float(y)) for x, y in row["outline"])
    seconds = row.pop("lateness_s")
    return Place(
        **{**row, "kind": PlaceKind(row["kind"]), "path": tuple(row["path"]), "outline": outline},
        lateness=None if seconds is None else timedelta(seconds=seconds),
    )


def _device(row: dict[str, Any]) -> Device:
    seconds = row.pop("offline_after_s")
    row["lifecycle"] = Lifecycle(row["lifecycle"])
    return Device(**row, offline_after=None if seconds is None else timedelta(seconds=seconds))


async def save_registry(
    connection: AsyncConnection[Any],
    *,
    places: Iterable[Place] = (),
    devices: Iterable[Device] = (),
    cared: Iterable[Cared] = (),
) -> None:
    """Insert or update what is given, in the caller's transaction, and tell ingest."""
    async with connection.cursor() as cursor:
        await cursor.executemany(Q["put_place"], [_place_row(p) for p in places])
        await cursor.executemany(Q["put_device"], [_device_row(d) for d in devices])
        await cursor.executemany(
            Q["put_cared"],
            [
                {
                    "person": c.person,
                    "estate": c.estate,
                    "place": c.place,
                    "since": c.since,
                    "away_until": c.away_until,
                }
                for c in cared
            ],
        )
        await cursor.execute(Q["notify_registry"])


def _place_row(place: Place) -> dict[str, Any]:
    return {
        "code": place.code,
        "kind": place.kind.value,
        "name_zh": place.name_zh,
        "name_en": place.name_en,
        "path": list(place.path),
        "outline": Jsonb(place.outline),
        "level": place.level,
    }


def _device_row(device: Device) -> dict[str, Any]:
    return {
        "id": device.id,
        "estate": device.estate,
        "place": device.place,
        "profile": device.profile,
        "name_zh": device.name_zh,
        "name_en": device.name_en,
        "registered_at": device.registered_at,
        "offline_after_s": None if device.offline_after is None else device.offline_after.total_seconds(),
        "x": device.x,
        "y": device.y,
        "dialect": device.dialect,
        "model": device.model,
        "foreign_name": device.foreign_name,
        "gateway": device.gateway,
    }
