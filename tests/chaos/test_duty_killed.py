"""Duty is killed with SIGKILL while promises run; the next one fires them, and says how late."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.integration.api_desk import Desk, open_desk

SPEED = 60.0  # the thirty seconds without an operator take half a second
PATIENCE = 80.0


async def start(database: str, log: Path) -> Process:
    environment = {
        **os.environ,
        "SHEQU_DATABASE_URL": database,
        "SHEQU_DUTY_SPEED": str(SPEED),
        "SHEQU_DUTY_POLL_S": "0.05",
    }
    with log.open("ab") as out:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "console.duty", stdout=out, stderr=out, env=environment
        )


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():
            await asyncio.sleep(0.1)


async def dispatched(desk: Desk) -> bool:
    return bool(await desk.rows("SELECT FROM incidents"))


async def test_duty_killed_while_a_fire_waits_is_late_by_the_outage_only(
    database: str, tmp_path: Path
) -> None:
    async with open_desk(database) as desk:
        first = await start(database, tmp_path / "duty.log")
        try:
            await until(lambda: counted(desk))
            os.kill(first.pid, signal.SIGSTOP)  # so that the kill is sure to come before the step
            number = await desk.alert()
        finally:
            os.kill(first.pid, signal.SIGKILL)
            await first.wait()
        assert not await dispatched(desk)
        await asyncio.sleep(2)  # an outage, longer than the wait
        second = await start(database, tmp_path / "duty.log")
        try:
            await until(lambda: dispatched(desk))
            await until(lambda: settled(desk))
        finally:
            second.terminate()
            await second.wait()
        alert = (await desk.get(f"/api/alerts/{number}")).json()
        auto = next(row for row in alert["log"] if row["action"] == "auto_dispatch")
        assert auto["detail"]["late_by_s"] >= 1.5
        assert [row["action"] for row in alert["log"]].count("auto_dispatch") == 1
        assert alert["verdict"] == "assumed"
        sent = [order["org"] for order in alert["incident"]["orders"]]
        assert {"119", "FS", "GW", "PM"} <= set(sent)  # the plan may have sent others too
        assert len(sent) == len(set(sent))
        assert second.returncode == 0


async def test_a_dead_duty_is_an_alert_of_the_queue_and_a_letter_until_it_is_back(
    database: str, tmp_path: Path
) -> None:
    async with open_desk(database, duty_late_s=3) as desk:
        await desk.connection.execute(
            "INSERT INTO people (id, name, roles, place) VALUES ('p-sl', '值班长', '{SL}', '510681')"
        )
        first = await start(database, tmp_path / "duty.log")
        await until(lambda: counted(desk))
        first.kill()
        await first.wait()
        await until(lambda: silent(desk))
        (alert,) = (await desk.get("/api/alerts?code=SYS-001")).json()["items"]
        assert (alert["place"], alert["severity"], alert["state"]) == ("510681", 2, "open")
        assert not (await desk.get("/api/kpi")).json()["duty"]["ok"]
        letters = await desk.rows("SELECT person, body FROM outbox")
        assert [row["person"] for row in letters] == ["p-sl"]
        assert "duty process is silent" in letters[0]["body"]["values"]["note"]["en"]
        second = await start(database, tmp_path / "duty.log")
        try:
            await until(lambda: spoken(desk))
            # while it lives: three seconds after its end it would be silent again
            assert len(await desk.rows("SELECT FROM outbox WHERE key LIKE 'duty-silent/%'")) == 1
            over = (await desk.get(f"/api/alerts/{alert['id']}")).json()
            assert (over["state"], over["log"][-1]["reason"]) == ("closed", "seen_again")
        finally:
            second.terminate()
            await second.wait()


async def test_two_duty_processes_fire_each_timer_once(database: str, tmp_path: Path) -> None:
    async with open_desk(database) as desk:
        pair = [await start(database, tmp_path / f"duty-{n}.log") for n in range(2)]
        try:
            await until(lambda: counted(desk))
            numbers = [await desk.alert(severity=2, code="DEV-003") for _ in range(20)]
            await until(lambda: amber(desk, 20))
        finally:
            for process in pair:
                process.terminate()
                await process.wait()
        for number in numbers:
            log = (await desk.get(f"/api/alerts/{number}")).json()["log"]
            assert [row["action"] for row in log].count("amber") == 1
        both = [(tmp_path / f"duty-{n}.log").read_text().count("fired") for n in range(2)]
        assert sum(both) >= 40


async def counted(desk: Desk) -> bool:
    """The watchdog has looked: the process is up."""
    return bool(await desk.rows("SELECT FROM watchdog"))


async def settled(desk: Desk) -> bool:
    return bool(await desk.rows("SELECT FROM alerts WHERE verdict IS NOT NULL"))


async def amber(desk: Desk, times: int) -> bool:
    rows = await desk.rows("SELECT count(*) AS n FROM alert_log WHERE action = 'amber'")
    return int(rows[0]["n"]) >= times


async def silent(desk: Desk) -> bool:
    return bool(await desk.rows("SELECT FROM alerts WHERE code = 'SYS-001' AND ended_at IS NULL"))


async def spoken(desk: Desk) -> bool:
    return not await silent(desk)
