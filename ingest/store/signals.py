"""Signals of the rules become alerts, their log, their evidence, and rows of the live feed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from psycopg import AsyncCursor
from psycopg.types.json import Jsonb

from ingest.store import sql
from rules.alert import Signal, Verb
from rules.window import Memory

Q = sql.load("ingest.store", "queries.sql")
MOST_EVIDENCE = 50  # events kept by name per alert; the others are found by device and time

Cursor = AsyncCursor[Any]


async def apply(
    cursor: Cursor,
    said: Iterable[tuple[Signal, int]],
    versions: Mapping[str, int],
    windows: Mapping[int, Memory],
) -> list[int]:
    """Carry out signals in order; answers the ids of the alerts that changed.

    `versions` are those of the rules, `windows` what a rule remembered when it spoke, by signal.
    """
    touched: dict[int, None] = {}
    for n, (signal, times) in enumerate(said):
        row = await _apply_one(cursor, signal, times, versions.get(signal.rule))
        if row is None:
            continue
        alert, state, fresh = row
        touched[alert] = None
        if signal.verb is not Verb.HIT and (fresh or signal.verb is Verb.CLEAR or signal.evidence):
            trail = {"rule_version": versions.get(signal.rule), "window": _plain(windows.get(n))}
            await _log(cursor, alert, signal, state, fresh=fresh, trail=trail)
        for key in signal.evidence:
            await cursor.execute(
                Q["add_evidence"],
                {
                    "alert_id": alert,
                    "device": key.device,
                    "event_id": key.id,
                    "at": key.at,
                    "most": MOST_EVIDENCE,
                },
            )
    return list(touched)


async def _apply_one(
    cursor: Cursor, signal: Signal, times: int, version: int | None
) -> tuple[int, str, bool] | None:
    """Open, hit or clear the alert of the signal's fingerprint; None where there was nothing to change."""
    common = {"fingerprint": signal.fingerprint, "at": signal.at}
    if signal.verb is Verb.CLEAR:
        await cursor.execute(Q["clear_alert"], {**common, "ends": signal.ends})
    elif signal.verb is Verb.HIT:
        await cursor.execute(Q["hit_alert"], {**common, "hits": times})
    else:
        await cursor.execute(
            Q["raise_alert"],
            {
                **common,
                "hits": times,
                "rule": signal.rule,
                "rule_version": version,
                "code": signal.code,
                "severity": int(signal.severity),
                "estate": signal.estate,
                "place": signal.place,
                "subject": signal.subject,
                "device": signal.device,
                "reason": signal.reason,
                "explain": Jsonb(dict(signal.explain)),
                "late_by_s": None if signal.late_by is None else signal.late_by.total_seconds(),
            },
        )
    return await cursor.fetchone()


def _plain(window: Memory | None) -> Any:
    return None if window is None else msgspec.to_builtins(window)


async def _log(
    cursor: Cursor, alert: int, signal: Signal, state: str, *, fresh: bool, trail: Mapping[str, Any]
) -> None:
    await cursor.execute(
        Q["log_alert"],
        {
            "alert_id": alert,
            "action": signal.verb,
            "actor": f"rule:{signal.rule}",
            "from_state": None if fresh else state,
            "to_state": state,
            "reason": signal.reason,
            "detail": Jsonb(
                {**signal.explain, **trail, "severity": int(signal.severity), "at": signal.at.isoformat()}
            ),
        },
    )


async def publish(cursor: Cursor, alerts: Sequence[int], devices: Sequence[str]) -> None:
    """Number the changes for the live feed, last in the transaction, and wake its readers."""
    if not alerts and not devices:
        return
    await cursor.execute(Q["lock_feed"])
    last = 0
    for query, ids in ((Q["feed_alerts"], list(alerts)), (Q["feed_devices"], list(devices))):
        if ids:
            await cursor.execute(query, {"ids": ids})
            last = max([last, *(seq for (seq,) in await cursor.fetchall())])
    await cursor.execute(Q["notify_feed"], {"seq": str(last)})
