"""`shequ drill --shift N`: a shift of N cases with simulated people against the whole platform."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final

import aiomqtt
import httpx
import psycopg
from psycopg.rows import DictRow, dict_row
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from console.accounts import create_user
from console.commands.local import Local, free_port, open_local, running, throw_away
from console.commands.receivers import Receivers, introduce, prepare
from console.commands.stack import stack_settings
from console.permissions import Role
from console.shift_letters import reconcile_letters
from console.shift_report import Recorded, ShiftReport, reconcile
from ingest.clock import system_clock
from ingest.store import sql
from ingest.store.registry import save_registry
from simulators.community import Community, build
from simulators.responders import Person
from simulators.shift import Case, Crew, Shift, plan_shift, play

Q = sql.load("console.store", "shift.sql")
READY_WITHIN: Final = 60.0  # seconds
SETTLED_WITHIN: Final = 30.0  # seconds for the last letters after the last case
ALARMS: Final = """plans:
  - id: drill-alarm
    names: {{zh: 演练告警预案, en: Drill alarms}}
    codes: [SOS-001, FIRE-001]
    place: {place}
    stages:
      - steps:
          - {{do: send, role: GW}}
          - {{do: tell, to: SL, by: sms, text: {{zh: 平台自动派单, en: Dispatched by the platform}}}}
"""
GRACE: Final = timedelta(seconds=1)  # a level that was passed for longer than this must have been acted on
LATE: Final = timedelta(seconds=3)  # nobody is told later than this, on a laptop under load


async def run_shift(seed: int, cases: int, speed: float) -> ShiftReport:
    """Set up, play, reconcile."""
    community = build(seed, 1, now=system_clock())
    plan = plan_shift(seed, cases, community)
    async with AsyncExitStack() as stack:
        local, address, receivers = await stack.enter_async_context(_platform(community, speed))
        logins = await _staff(local.stack.database_url, community.estates[0], len(plan))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=address, timeout=30))
        await _ready(client)
        people = {name: await Person.log_in(client, name, password) for name, password in logins.items()}
        crews = [
            (
                case,
                Crew(
                    operator=people["shift-op"],
                    leader=people["shift-lead"],
                    first=people[f"gw{2 * case.number}"],
                    second=people[f"gw{2 * case.number + 1}"],
                ),
            )
            for case in plan
        ]
        wish = {"source": ALARMS.format(place=community.estates[0]), "reason": "drill"}
        await people["shift-lead"].must("/api/plans", wish)
        await _phones(people["shift-lead"], ["sl-1", *(name for name in logins if name.startswith("gw"))])
        gateway = await stack.enter_async_context(_gateway(local))
        shift = Shift(seed=seed, speed=speed, clock=system_clock, gateway=gateway, people=people)
        return await _play(local.stack.database_url, shift, crews, receivers)


async def _play(
    url: str, shift: Shift, crews: Sequence[tuple[Case, Crew]], receivers: Receivers
) -> ShiftReport:
    began = time.perf_counter()
    ledgers = await play(shift, crews)
    ended = system_clock()
    await asyncio.sleep(LATE.total_seconds())
    report = reconcile(ledgers, await _recorded(url), now=ended, grace=GRACE, late=LATE)
    letters, arrived = await _letters(url, receivers)
    reconcile_letters(report, ledgers, letters, arrived)
    report.seconds = time.perf_counter() - began
    return report


@asynccontextmanager
async def _platform(community: Community, speed: float) -> AsyncIterator[tuple[Local, str, Receivers]]:
    """A private stack with every process at the shift's pace, and a gateway that takes the letters."""
    with throw_away() as data:
        async with AsyncExitStack() as stack:
            settings = stack_settings(data=data, port=0)
            local = await stack.enter_async_context(open_local(settings, lambda _: None))
            async with await psycopg.AsyncConnection.connect(local.stack.database_url) as connection:
                await save_registry(
                    connection, places=community.places, devices=community.devices, cared=community.cared
                )
            port = free_port()
            address = f"http://127.0.0.1:{port}"
            receivers = prepare(local.stack.data, address)
            await stack.enter_async_context(running(local.child("receivers", receivers.words)))
            async with await psycopg.AsyncConnection.connect(local.stack.database_url) as connection:
                await introduce(connection, receivers, only=("local-sms", "local-voice"))
            pace = {
                "SHEQU_DUTY_SPEED": str(speed),
                "SHEQU_DUTY_POLL_S": "0.1",
                "SHEQU_SECRETS": str(receivers.folder),
                "SHEQU_PUBLIC_URL": address,
            }
            parts: tuple[tuple[str, dict[str, str]], ...] = (
                ("ingest", {}),
                ("serve", {"SHEQU_PORT": str(port)}),
                ("duty", {}),
                ("deliver", {"SHEQU_DELIVER_PRIVATE": "127.0.0.0/8"}),
            )
            for words, more in parts:
                await stack.enter_async_context(running(local.child(words, extra={**pace, **more})))
            yield local, address, receivers


@asynccontextmanager
async def _gateway(local: Local) -> AsyncIterator[aiomqtt.Client]:
    login, broker = local.stack.gateway, local.stack.broker
    async with aiomqtt.Client(
        broker.host, broker.port, username=login.username, password=login.password, identifier="shift"
    ) as client:
        yield client


async def _staff(url: str, estate: str, cases: int) -> dict[str, str]:
    """An operator, a leader, and two grid workers for each case; answers their passwords."""
    roles = {"shift-op": Role.OPERATOR, "shift-lead": Role.SHIFT_LEADER}
    roles |= {f"gw{number}": Role.FIELD for number in range(2 * cases)}
    logins = {name: secrets.token_urlsafe(12) for name in roles}
    async with await psycopg.AsyncConnection.connect(
        url, row_factory=dict_row, autocommit=True
    ) as connection:
        for name, role in roles.items():
            scope = estate if role is Role.FIELD else None
            await create_user(connection, name, logins[name], role, scope=scope, actor="shequ drill")
            if role is Role.FIELD:
                await connection.execute(Q["add_grid_worker"], {"name": name, "place": estate})
        await connection.execute(Q["add_leader"])
    return logins


async def _phones(leader: Person, people: Sequence[str]) -> None:
    """Let the leader say how everybody is told, so that numbers are sealed as they are in an office."""
    for number, person in enumerate(people, 1):
        for channel in ("sms", "voice"):
            wish = {"channel": channel, "address": f"139{number:08}"}
            await leader.must(f"/api/deliver/contacts/{person}", wish, method="PUT")


async def _ready(client: httpx.AsyncClient) -> None:
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(httpx.HTTPError),
        stop=stop_after_delay(READY_WITHIN),
        wait=wait_fixed(0.2),
        reraise=True,
    ):
        with attempt:
            (await client.get("/readyz")).raise_for_status()


async def _recorded(url: str) -> dict[int, Recorded]:
    async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as connection:
        cases = await (await connection.execute(Q["cases"])).fetchall()
        rows = await (await connection.execute(Q["record"])).fetchall()
    return {
        case["id"]: Recorded(
            state=case["state"],
            ladder=case["ladder"],
            auto_at=case["auto_at"],
            plan=case["plan"],
            steps=case["steps"] or [],
            log=[row for row in rows if row["incident_id"] == case["id"]],
        )
        for case in cases
    }


async def _letters(url: str, receivers: Receivers) -> tuple[list[DictRow], set[str]]:
    """Every letter of the shift once none waits any more, and the keys of what the gateway received."""
    until = time.perf_counter() + SETTLED_WITHIN
    async with await psycopg.AsyncConnection.connect(
        url, row_factory=dict_row, autocommit=True
    ) as connection:
        while True:
            rows = await (await connection.execute(Q["letters"])).fetchall()
            if time.perf_counter() > until or all(row["state"] != "queued" for row in rows):
                break
            await asyncio.sleep(0.5)
    async with httpx.AsyncClient(base_url=receivers.address, timeout=10) as client:
        answer = await client.get("/messages", headers={"Accept": "application/json"})
        return rows, {message["key"] for message in answer.raise_for_status().json()}
