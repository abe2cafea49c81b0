"""Tell the live feed what a transaction changed, as its last act before the commit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from console.database import Connection
from ingest.store.sql import load

_SQL: Final = load("console.store", "alerts.sql")


async def publish(
    connection: Connection,
    *,
    alerts: Iterable[int] = (),
    incidents: Iterable[int] = (),
    devices: Iterable[str] = (),
) -> None:
    """Write feed rows for the things as they are now, and wake the readers.

    The lock makes numbers appear in the order of their commits; ingest takes the same one.
    """
    await lock(connection)
    news: dict[str, list[int] | list[str]] = {
        "feed_incidents": list(incidents),
        "feed_alerts": list(alerts),
        "feed_devices": list(devices),
    }
    for statement, ids in news.items():
        if ids:
            await connection.execute(_SQL[statement], {"ids": ids})


async def lock(connection: Connection) -> None:
    """Wait for one's turn to number news; held until the commit."""
    await connection.execute(_SQL["lock_feed"])
