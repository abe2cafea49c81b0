"""Signals of the rules become alerts, their log, their evidence, and rows of the live feed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncCursor
from psycopg.types.json import Jsonb

from ingest.store import sql
from ingest.tracing import traceparent
from rules.alert import Signal, Verb
from rules.handling.case import SINGLE, Case
from rules.inspect import core
from rules.ruleset import Rule
from rules.window import Memory

Q = sql.load("ingest.store", "queries.sql")
MOST_EVIDENCE = 50  # events kept by name per alert; the others are found by device and time

MOST_NAMED = 10  # events named by one occurrence

Cursor = AsyncCursor[Any]


async def apply(  # noqa: PLR0917 - one call in the writer, one in the rehearsal
    cursor: Cursor,
    cases: Iterable[Case],
    rules: Mapping[str, Rule],
    versions: Mapping[str, int],
    windows: Mapping[int, Memory],
    raised: MutableMapping[int, Signal],
) -> list[int]:
    """Carry out cases in order; answers the ids of the alerts that changed, and fills in which are new.

    `versions` are those of the rules, `windows` what a rule remembered when it spoke, by case.
    """
    touched: dict[int, None] = {}
    later = _Later()
    for n, case in enumerate(cases):
        signal = case.signal
        row = await _apply_one(cursor, case, rules.get(signal.rule), versions.get(signal.rule))
        if row is None:
            continue
        alert, state, fresh = row
        touched[alert] = None
        if fresh:
            raised[alert] = signal
        trail = [{"stage": stage, "reason": reason, **detail} for stage, reason, detail in case.trail]
        if signal.verb is not Verb.HIT and (fresh or signal.verb is Verb.CLEAR or signal.evidence):
            told = {
                "rule_version": versions.get(signal.rule),
                "window": _plain(windows.get(n)),
                **({"handling": trail} if trail else {}),
            }
            later.logs.append(_log(alert, signal, state, fresh=fresh, trail=told))
        later.occurrences.append(_occurrence(alert, case, trail))
        later.evidence.extend(_evidence(alert, signal))
        touched.update(dict.fromkeys(await _spread(cursor, case, rules.get(signal.rule))))
    await later.write(cursor)
    return list(touched)


@dataclass(slots=True)
class _Later:
    """Rows that nothing waits for: written together, in a storm that is most of the work."""

    logs: list[dict[str, Any]] = field(default_factory=list)
    occurrences: list[dict[str, Any]] = field(default_factory=list)
    evidence: list[dict[str, Any]] = field(default_factory=list)

    async def write(self, cursor: Cursor) -> None:
        """Send them without waiting for each answer."""
        for query, values in (
            (Q["log_alert"], self.logs),
            (Q["add_occurrence"], self.occurrences),
            (Q["add_evidence"], self.evidence),
        ):
            if values:
                await cursor.executemany(query, values)


def _evidence(alert: int, signal: Signal) -> list[dict[str, Any]]:
    return [
        {"alert_id": alert, "device": key.device, "event_id": key.id, "at": key.at, "most": MOST_EVIDENCE}
        for key in signal.evidence
    ]


def _occurrence(alert: int, case: Case, trail: list[dict[str, Any]]) -> dict[str, Any]:
    signal = case.signal
    newest = signal.evidence[-MOST_NAMED:]
    return {
        "alert_id": alert,
        "at": signal.at,
        "verb": signal.verb,
        "reason": signal.reason,
        "times": case.times,
        "late_by_s": None if signal.late_by is None else signal.late_by.total_seconds(),
        "evidence": Jsonb([{"device": e.device, "id": e.id, "at": e.at.isoformat()} for e in newest]),
        "trail": Jsonb(trail),
    }


async def _spread(cursor: Cursor, case: Case, rule: Rule | None) -> list[int]:
    """What a case means for other alerts: more certain, held back, or shown again."""
    signal = case.signal
    found: list[int] = []
    for group, certain in {case.group: case.confidence, **case.supports}.items():
        if certain > SINGLE and signal.verb is not Verb.CLEAR:
            about = {"group_key": group, "confidence": certain}
            found += [id_ for (id_,) in await _answers(cursor, Q["raise_confidence"], about)]
    if rule is None or not rule.holds or signal.verb is Verb.HIT:
        return found
    holder = {"holder": signal.fingerprint}
    if signal.verb is Verb.CLEAR:
        return found + [id_ for (id_,) in await _answers(cursor, Q["release"], holder)]
    if case.hushed is not None:
        return found
    where = {"estate": signal.estate, "building": case.building, "codes": list(rule.holds), "at": signal.at}
    through = {"device": signal.device, "by_gateway": rule.holds_by == "gateway"}
    return found + [id_ for (id_,) in await _answers(cursor, Q["hold_back"], {**holder, **where, **through})]


async def _answers(cursor: Cursor, query: LiteralString, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    await cursor.execute(query, values)
    return await cursor.fetchall()


async def _apply_one(
    cursor: Cursor, case: Case, rule: Rule | None, version: int | None
) -> tuple[int, str, bool] | None:
    """Open, hit or clear the alert of the signal's fingerprint; None where there was nothing to change."""
    signal = case.signal
    common = {"fingerprint": signal.fingerprint, "at": signal.at}
    if signal.verb is Verb.CLEAR:
        await cursor.execute(Q["clear_alert"], {**common, "ends": signal.ends})
    elif signal.verb is Verb.HIT:
        await cursor.execute(Q["hit_alert"], {**common, "hits": case.times})
    else:
        if rule is not None and rule.reopen is not None:
            await cursor.execute(Q["reopen_alert"], {**common, "within": rule.reopen})
        await cursor.execute(Q["raise_alert"], {**common, **_columns(case, version)})
    return await cursor.fetchone()


def _columns(case: Case, version: int | None) -> dict[str, Any]:
    signal = case.signal
    return {
        "hits": case.times,
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
        "group_key": case.group,
        "confidence": case.confidence,
        "drill": case.drill,
        "hush_reason": case.hushed,
        "hushed_by": case.hushed_by or None,
        "muted_until": case.muted_until,
        "trace": traceparent(signal),
    }


def _plain(window: Memory | None) -> Any:
    """What the condition itself remembers, without what waits around it."""
    inner = None if window is None else core(window)
    return None if inner is None else msgspec.to_builtins(inner)


def _log(alert: int, signal: Signal, state: str, *, fresh: bool, trail: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "alert_id": alert,
        "action": signal.verb,
        "actor": f"rule:{signal.rule}",
        "from_state": None if fresh else state,
        "to_state": state,
        "reason": signal.reason,
        "detail": Jsonb(
            {**signal.explain, **trail, "severity": int(signal.severity), "at": signal.at.isoformat()}
        ),
    }


async def release_expired(cursor: Cursor, clock: datetime | None) -> list[int]:
    """Show what still stands when the time of its mute or its silence is over; answers which."""
    if clock is None:
        return []
    return [id_ for (id_,) in await _answers(cursor, Q["release_expired"], {"clock": clock})]


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
