"""What the rules decided beside alerts: silences with their reasons, and the words of the shadow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from psycopg import AsyncCursor
from psycopg.types.json import Jsonb

from ingest.store import sql
from rules.alert import Signal, Silence
from rules.inspect import SHADOW

Q = sql.load("ingest.store", "judgements.sql")

Cursor = AsyncCursor[Any]


async def put_silences(cursor: Cursor, silences: Iterable[Silence], versions: Mapping[str, int]) -> None:
    """Write down who kept silent, and why."""
    rows = [
        (
            s.at,
            s.estate,
            s.rule,
            versions.get(s.rule),
            s.subject,
            s.reason,
            getattr(s.evidence, "device", None),
            getattr(s.evidence, "id", None),
        )
        for s in silences
    ]
    if not rows:
        return
    async with cursor.copy(Q["copy_silences"]) as copy:
        for row in rows:
            await copy.write_row(row)


async def put_shadow(cursor: Cursor, signals: Iterable[Signal]) -> None:
    """Write down what versions in the shadow would have said."""
    rows = [_row(signal) for signal in signals]
    if rows:
        await cursor.executemany(Q["put_shadow"], rows)


def _row(signal: Signal) -> dict[str, Any]:
    rule, _, version = signal.rule.partition(SHADOW)
    return {
        "rule": rule,
        "version": int(version),
        "verb": signal.verb,
        "fingerprint": signal.fingerprint,
        "severity": int(signal.severity),
        "estate": signal.estate,
        "place": signal.place,
        "subject": signal.subject,
        "device": signal.device,
        "reason": signal.reason,
        "explain": Jsonb(dict(signal.explain)),
        "evidence": Jsonb([[k.device, k.id, k.at.isoformat()] for k in signal.evidence]),
        "at": signal.at,
    }
