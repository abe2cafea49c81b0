"""The faults of a drill, one after the other, and what they left behind."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx
import psycopg
from psycopg.rows import dict_row

from benchmarks.load import write_packets
from console.commands.drill_platform import Platform
from console.commands.measured import line_of, start_python
from console.dossier import check_case, find_case
from console.reconcile import Aftermath, Struck
from ingest.clock import system_clock
from ingest.store import sql
from simulators.chaos.faults import FAULTS, Order
from simulators.chaos.pace import Pace
from simulators.chaos.site import Site
from simulators.drill import DrillPlan
from simulators.stack import Part
from simulators.timeline import Kind, Ledger, Sending

Q: Final = sql.load("console.store", "chaos.sql")
WELL_WITHIN: Final = 120.0  # seconds after a fault in which the platform must be well again
DRAINED_WITHIN: Final = 60.0  # seconds for the last letters
FIRST, LAST = 0.06, 0.94  # shares of the play in which faults happen
NEWS_AT_ONCE: Final = 200
GONE: Final = frozenset({"sent", "delivered", "read"})
SETTLED: Final = GONE | {"withheld", "cancelled", "expired"}


def open_site(plan: DrillPlan, platform: Platform, ledger: Ledger, pace: Pace) -> Site:
    """What the faults may hurt."""
    services = platform.local.stack.services
    busy = {who for scene in plan.scenes for who in scene.cast.values()}
    busy |= {sending.device for sending in plan.timeline if sending.kind is Kind.DIE}
    return Site(
        servers=platform.servers,
        database=services[Part.DATABASE],
        broker=services[Part.BROKER],
        wires=platform.wires,
        disk=platform.disk,
        clock=Path(file) if (file := os.environ.get("FAKETIME_TIMESTAMP_FILE")) else None,
        pace=pace,
        speakers=tuple(d for d in plan.community.devices if d.dialect is None and d.id not in busy),
        ledger=ledger,
        rng=Random(plan.seed),  # noqa: S311 - guards nothing
        publish=lambda sendings: _publish(platform, ledger, sendings),
        gossip=lambda rows: _gossip(platform, rows),
        console=("127.0.0.1", platform.port),
        token=platform.watch.client.headers["Authorization"].removeprefix("Bearer "),
    )


async def wreak(orders: Sequence[Order], site: Site, platform: Platform, plan: DrillPlan) -> list[Struck]:
    """Let every fault happen at its moment, and wait until the platform is well again."""
    struck: list[Struck] = []
    origin = time.monotonic()
    slot = (LAST - FIRST) / max(1, len(orders))
    for n, order in enumerate(orders):
        site.pace.until = FIRST + (n + 1) * slot
        await site.pace.reach(FIRST + (n + site.rng.random() * 0.5) * slot)
        began = time.monotonic()
        detail = await FAULTS[order.key].act(site, order.amount)
        ended = time.monotonic()
        well = await _well(platform, plan, site)
        name = order.key + (f"={order.amount:.0f}" if FAULTS[order.key].unit else "")
        struck.append(
            Struck(
                fault=name,
                at_s=began - origin,
                lasted_s=ended - began,
                recovered_s=well - ended if well is not None else None,
                detail=detail,
            )
        )
    site.pace.until = 2.0
    return struck


async def _well(platform: Platform, plan: DrillPlan, site: Site) -> float | None:
    """Wait until everything works again: a later marker is judged, the console answers, duty looks."""
    mark, since = site.pace.at, system_clock()
    deadline = time.monotonic() + WELL_WITHIN
    while time.monotonic() < deadline:
        if (
            await _judged(platform, mark, plan)
            and await _answers(platform)
            and await _watched(platform, since)
        ):
            return time.monotonic()
        await asyncio.sleep(0.05)
    return None


async def _judged(platform: Platform, mark: Any, plan: DrillPlan) -> bool:
    rows = await _rows(platform, "judged_to")
    return bool(rows) and (rows[0]["clock"] > mark or rows[0]["clock"] >= plan.end)


async def _watched(platform: Platform, since: datetime) -> bool:
    if "duty" not in platform.servers:
        return True
    rows = await _rows(platform, "watched")
    return bool(rows) and rows[0]["at"] is not None and rows[0]["at"] >= since


async def _answers(platform: Platform) -> bool:
    try:
        answer = await platform.watch.client.get("/api/alerts", params={"limit": 1}, timeout=2)
    except httpx.TransportError:
        return False
    return answer.is_success


async def _rows(platform: Platform, query: str) -> list[dict[str, Any]]:
    """Rows of a query; none while the database is away."""
    try:
        async with await psycopg.AsyncConnection.connect(
            platform.local.stack.database_url, row_factory=dict_row, autocommit=True
        ) as connection:
            return await (await connection.execute(Q[query])).fetchall()
    except psycopg.OperationalError:
        return []


async def _publish(platform: Platform, ledger: Ledger, sendings: Iterable[Sending]) -> None:
    """Send as fast as the broker takes it, and note it all once it is acknowledged."""
    sent = list(sendings)
    file = platform.local.data / "flood.packets"
    await asyncio.to_thread(write_packets, file, (sending.wire() for sending in sent))
    broker, login = platform.local.stack.broker, platform.local.stack.gateway
    words = (broker.host, str(broker.port), login.username, str(file), "0")
    await line_of(await start_python("benchmarks.load", *words, login=login))
    file.unlink()
    now = time.monotonic()
    for sending in sent:
        ledger.record(sending, now, now)


async def _gossip(platform: Platform, rows: int) -> None:
    """Write news that nobody acts upon, some at a time, as fast as they are read."""
    async with await psycopg.AsyncConnection.connect(
        platform.local.stack.database_url, autocommit=True
    ) as connection:
        for _ in range(0, rows, NEWS_AT_ONCE):
            async with connection.transaction():
                await connection.execute(Q["lock_feed"])
                await connection.execute(Q["gossip"], {"rows": NEWS_AT_ONCE})
            await asyncio.sleep(0.01)


async def look_back(platform: Platform, faults: Sequence[Struck]) -> Aftermath:
    """Let the letters go out, then compare cases, logs and letters with what they must be."""
    duty = platform.servers["duty"]
    duty.wanted.clear()
    await duty.stop()  # or it would go on reminding
    deadline = time.monotonic() + DRAINED_WITHIN
    while await _rows(platform, "letters_due"):
        if time.monotonic() > deadline:
            break  # what is left is in the report
        await asyncio.sleep(0.2)
    letters = await _rows(platform, "letters")
    incidents, broken = await _cases(platform)
    assert platform.receivers is not None  # noqa: S101 - with duty there are receivers
    async with httpx.AsyncClient(base_url=platform.receivers.address, timeout=10) as client:
        answer = await client.get("/messages", headers={"Accept": "application/json"})
    arrived = {message["key"]: int(message["came"]) for message in answer.raise_for_status().json()}
    return Aftermath(
        faults=tuple(faults),
        incidents=incidents,
        broken=tuple(broken),
        letters=len(letters),
        repeated=sum(came - 1 for came in arrived.values()),
        lost=tuple(_lost(letters, arrived)),
    )


def _lost(letters: Sequence[dict[str, Any]], arrived: dict[str, int]) -> list[str]:
    """What is wrong with the letters: each must have arrived under its key, and none that nobody wrote."""
    gone = {row["key"] for row in letters if row["state"] in GONE}
    wrong = [f"{row['key']}: {row['state']}" for row in letters if row["state"] not in SETTLED]
    wrong += [f"{key}: sent and never arrived" for key in sorted(gone - set(arrived))]
    known = {row["key"] for row in letters}
    return wrong + [f"{key}: arrived and nobody wrote it" for key in sorted(set(arrived) - known)]


async def _cases(platform: Platform) -> tuple[int, list[str]]:
    """How many cases there are, and every finding about their logs and dossiers."""
    async with await psycopg.AsyncConnection.connect(
        platform.local.stack.database_url, row_factory=dict_row
    ) as connection:
        cases = await (await connection.execute(Q["cases"])).fetchall()
        broken = [f"case {row['id']}: its log has a gap" for row in cases if row["logged"] != row["last"]]
        for row in cases:
            findings = await check_case(connection, await find_case(connection, None, number=row["id"]))
            broken += [f"case {row['id']}: {finding.about}" for finding in findings]
    return len(cases), broken


def as_line(row: Mapping[str, Any]) -> str:
    """One line of the table for people."""
    known = ("fault", "at_s", "lasted_s", "recovered_s")
    more = {name: value for name, value in row.items() if name not in (*known, "lines")}
    back = "NEVER" if row["recovered_s"] is None else f"{row['recovered_s']:.2f} s"
    text = json.dumps(more, ensure_ascii=False) if more else ""
    when = f"at {row['at_s']:7.1f} s, {row['lasted_s']:6.2f} s long"
    return f"{row['fault']:>22}  {when}, well again after {back}  {text}"
