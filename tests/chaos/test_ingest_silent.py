"""Ingest ends: a platform that hears no device is an alert of its own queue, until it hears again."""

from __future__ import annotations

import secrets

from console.commands.local import broker_url
from ingest.settings import IngestSettings
from simulators.stack import Stack
from tests.chaos.test_duty_killed import until
from tests.chaos.test_outages import running
from tests.integration.api_desk import Desk, open_desk

LATE_S = 3


async def test_a_platform_that_hears_no_device_says_so_and_writes_to_the_leaders(
    stack: Stack, database: str
) -> None:
    settings = IngestSettings.model_validate(
        {
            "database_url": database,
            "broker_url": broker_url(stack.broker, stack.ingest),
            "client_id": f"ingest-{secrets.token_hex(4)}",
        }
    )
    async with open_desk(database, ingest_late_s=LATE_S) as desk:
        await desk.connection.execute(
            "INSERT INTO people (id, name, roles, place) VALUES ('p-sl', '值班长', '{SL}', '510681')"
        )
        async with running(settings):
            await until(lambda: heard(desk))
            assert not await silent(desk)
        await until(lambda: silent(desk))
        (alert,) = (await desk.get("/api/alerts?code=SYS-002")).json()["items"]
        assert (alert["place"], alert["severity"], alert["state"]) == ("510681", 2, "open")
        letters = await desk.rows("SELECT person, body FROM outbox")
        assert [row["person"] for row in letters] == ["p-sl"]
        assert "hears no device" in letters[0]["body"]["values"]["note"]["en"]
        told = dict(
            line.split()
            for line in (await desk.client.get("/metrics")).text.splitlines()
            if line.startswith("shequ_ingest_")
        )
        assert float(told["shequ_ingest_behind_seconds"]) >= float(told["shequ_ingest_lag_seconds"]) >= LATE_S
        async with running(settings):
            await until(lambda: spoken(desk))
        over = (await desk.get(f"/api/alerts/{alert['id']}")).json()
        assert (over["state"], over["log"][-1]["reason"]) == ("closed", "seen_again")


async def heard(desk: Desk) -> bool:
    """Ingest has committed something."""
    return bool(await desk.rows("SELECT FROM ingest_progress WHERE heard_at IS NOT NULL"))


async def silent(desk: Desk) -> bool:
    return bool(await desk.rows("SELECT FROM alerts WHERE code = 'SYS-002' AND ended_at IS NULL"))


async def spoken(desk: Desk) -> bool:
    return not await silent(desk)
