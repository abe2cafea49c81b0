"""What a batch says of the devices themselves: first words, reported configuration, knocks of strangers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from psycopg import AsyncCursor

from devices.codec import parse_topic
from devices.errors import DecodeError, Fault
from devices.event import Event
from devices.profiles import PROFILES
from devices.reading import Availability, State
from ingest.batch import Batch, Quarantined, Stranger
from ingest.store import sql

Q = sql.load("ingest.store", "reports.sql")
ORDERS = sql.load("ingest.store", "registry_orders.sql")
SAMPLE = 400  # characters of a knock's last message
MOST_KNOCKS = 200  # of one batch

Cursor = AsyncCursor[Any]


async def put(cursor: Cursor, batch: Batch) -> list[str]:
    """Write it down, in the batch's transaction; answers the devices that changed thereby."""
    changed: list[str] = []
    spoke = [
        e
        for e in batch.steps
        if isinstance(e, Event) and not e.retained and isinstance(e.reading, (State, Availability))
    ]
    if batch.newborn:
        await cursor.execute(Q["first_word"], {"devices": sorted(batch.newborn)})
        changed += [device for (device,) in await cursor.fetchall()]
        await cursor.execute(Q["tell_registry"])
    for event in spoke:
        state = event.reading
        if (
            isinstance(state, State)
            and state.config_version is not None
            and await _report(cursor, event, state)
        ):
            changed.append(event.device)
    for device, count in batch.repeated.items():
        await cursor.execute(Q["count_duplicates"], {"device": device, "count": count})
    await _knocks(cursor, batch.quarantined)
    await _strangers(cursor, batch.strangers)
    return changed


async def _report(cursor: Cursor, event: Event, state: State) -> bool:
    about = {
        "device": event.device,
        "version": state.config_version,
        "hash": state.config_hash,
        "status": state.config_status or "applied",
        "reason": state.config_reason,
        "at": event.received_at,
    }
    await cursor.execute(ORDERS["report"], about)
    if not cursor.rowcount:
        return False
    await cursor.execute(ORDERS["notify_orders"])
    return True


async def _knocks(cursor: Cursor, rows: Iterable[Quarantined]) -> None:
    knocks: dict[tuple[str, str], list[Quarantined]] = {}
    for row in rows:
        if row.reason != Fault.UNKNOWN_DEVICE:
            continue
        try:
            where = parse_topic(row.message.topic)
        except DecodeError:
            continue  # a foreign dialect
        knocks.setdefault((where.estate, where.device), []).append(row)
    for (estate, device), messages in list(knocks.items())[:MOST_KNOCKS]:
        last = messages[-1].message
        await cursor.execute(
            Q["knock"],
            {
                "device": device,
                "estate": estate,
                "topic": last.topic,
                "profile": guess(last.payload),
                "sample": _sample(last.payload),
                "at": last.received_at,
                "count": len(messages),
            },
        )


async def _strangers(cursor: Cursor, strangers: Iterable[Stranger]) -> None:
    last = {(s.estate, s.proposal.dialect, s.proposal.address): s for s in strangers}
    rows = [
        {
            "kind": "found" if s.found else "knock",
            "estate": s.estate or None,
            "dialect": s.proposal.dialect,
            "name": s.proposal.address,
            "topic": s.message.topic,
            "profile": s.proposal.profile or None,
            "make": s.proposal.make or None,
            "model": s.proposal.model or None,
            "sample": s.proposal.note if s.found else _sample(s.message.payload),
            "at": s.message.received_at,
        }
        for s in list(last.values())[:MOST_KNOCKS]
    ]
    if rows:
        await cursor.executemany(Q["stranger"], rows)


def _sample(payload: bytes) -> str:
    return payload[:SAMPLE].decode("utf-8", "replace").replace("\x00", " ")


def guess(payload: bytes) -> str | None:
    """The only family that says such a thing, if there is one."""
    try:
        kind = json.loads(payload)["type"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    families = [p.family for p in PROFILES.values() if any(r.type == kind for r in p.readings)]
    return families[0] if len(families) == 1 else None
