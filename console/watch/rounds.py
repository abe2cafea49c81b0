"""One round of the watch: look, remember, ring. What is remembered here survives a database that is away."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg.types.json import Jsonb

from console.database import Connection, Database
from console.settings import WatchSettings
from console.watch.alarm import Bell
from console.watch.findings import BROKER, DATABASE, Finding, alarm_words, merge, over, untold
from devices.errors import StoreError
from ingest.clock import Clock
from ingest.store.sql import load

log = logging.getLogger(__name__)

SQL: Final = load("console.store", "watch.sql")
PATIENCE_S: Final = 10.0  # of an invariant: a batch that is being written is not an alarm
_LONGEST: Final = 10.0  # seconds one look may take


@dataclass(kw_only=True)
class Rounds:
    """What the watch knows between two looks."""

    database: Database
    bell: Bell
    settings: WatchSettings
    clock: Clock
    known: dict[str, Finding] = field(default_factory=dict)
    away_since: dict[str, datetime] = field(default_factory=dict)  # database, broker
    beaten_at: datetime | None = None

    async def remember(self) -> None:
        """Take back what an earlier life had told, so that a restart tells nothing twice."""
        self.known = {f.name: f for f in map(_finding, await self.database.rows(SQL["findings"]))}

    async def look(self) -> dict[str, Finding]:
        """Look once: ring for what is new and what is over, write it down; answers what is wrong."""
        found = merge(self.known, [*await self._ask(), *self._away()])
        ended = over(self.known, found)
        found |= await self._ring(untold(found))
        if ended:
            problem = await self.bell.ring(alarm_words(ended, ended=True), f"{_key(ended)}/over")
            _log_ring(ended, problem, "watch_over")
        self.known = found
        await self._beat()
        await self._write()
        return found

    def note(self, part: str, *, there: bool) -> None:
        """Note whether a part answered just now."""
        if there:
            self.away_since.pop(part, None)
        else:
            self.away_since.setdefault(part, self.clock())

    async def _ask(self) -> list[Finding]:
        """Ask the database; while it is away, what was wrong stays so."""
        s = self.settings
        limits = {
            "canary_late_s": s.canary_late_s,
            "duty_late_s": s.duty_late_s,
            "ingest_late_s": s.ingest_late_s,
            "patience_s": PATIENCE_S,
        }
        try:
            async with asyncio.timeout(_LONGEST):
                rows = await self.database.rows(SQL["wrong"], limits)
        except (StoreError, TimeoutError) as exc:
            log.warning("the database does not answer: %s", exc, extra={"action": "watch_blind"})
            self.note(DATABASE, there=False)
            return [found for found in self.known.values() if found.name not in {DATABASE, BROKER}]
        self.note(DATABASE, there=True)
        return [_finding(row) for row in rows]

    def _away(self) -> list[Finding]:
        limit = self.clock() - timedelta(seconds=self.settings.watch_away_s)
        return [Finding(name=part, since=since) for part, since in self.away_since.items() if since <= limit]

    async def _ring(self, new: list[Finding]) -> dict[str, Finding]:
        if not new:
            return {}
        problem = await self.bell.ring(alarm_words(new), _key(new))
        _log_ring(new, problem, "watch_alarm")
        told_at = self.clock() if problem is None else None
        return {found.name: replace(found, told_at=told_at, problem=problem) for found in new}

    async def _beat(self) -> None:
        """Say that all is well, to somebody outside who rings when that is not said."""
        now = self.clock()
        if self.known or self.settings.watch_heartbeat_url is None:
            return
        if self.beaten_at and now - self.beaten_at < timedelta(seconds=self.settings.watch_heartbeat_s):
            return
        problem = await self.bell.beat()
        if problem is None:
            self.beaten_at = now
        else:
            log.warning("nobody outside knows that all is well: %s", problem, extra={"action": "watch_beat"})

    async def _write(self) -> None:
        """Write down what was found, for the page."""

        async def work(connection: Connection) -> None:
            await connection.execute(SQL["drop_findings"], {"names": list(self.known)})
            for found in self.known.values():
                await connection.execute(SQL["put_finding"], _row(found))
            look = {"channel": self.bell.channel or "", "heartbeat_at": self.beaten_at}
            await connection.execute(SQL["looked"], look)

        try:
            async with asyncio.timeout(_LONGEST):
                await self.database.write(work)
        except (StoreError, TimeoutError) as exc:
            log.warning("what was found is not written: %s", exc, extra={"action": "watch_blind"})


def _key(findings: list[Finding]) -> str:
    return "watch/" + "+".join(f"{f.name}@{f.since.timestamp():.0f}" for f in findings[:3])


def _log_ring(findings: list[Finding], problem: str | None, action: str) -> None:
    names = ", ".join(found.name for found in findings)
    if problem is None:
        log.error("%s: told", names, extra={"action": action})
    else:
        log.error("%s: nobody could be told: %s", names, problem, extra={"action": action})


def _finding(row: dict[str, Any]) -> Finding:
    return Finding(**row)


def _row(found: Finding) -> dict[str, Any]:
    return {
        "name": found.name,
        "detail": Jsonb(dict(found.detail)),
        "since": found.since,
        "told_at": found.told_at,
        "problem": found.problem,
    }
