"""`python -m ingest.deliver`, `shequ deliver`: send what stands in the outbox until signalled."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import suppress

import httpx
import psycopg

from ingest.__main__ import run_until_signalled
from ingest.clock import Clock, system_clock
from ingest.deliver.carriers import Tools
from ingest.deliver.cascade import collect
from ingest.deliver.channel import AWAY
from ingest.deliver.desk import Desk, Q
from ingest.deliver.endpoint import DIRECT, Endpoint
from ingest.deliver.guard import parse_allowed
from ingest.deliver.lane import LOOK_EVERY, Habits, Lane
from ingest.deliver.outbox import Channel
from ingest.deliver.retry import Backoff
from ingest.deliver.settings import DeliverSettings, open_secrets
from ingest.deliver.testing import keep_tests
from ingest.deliver.web import Web
from ingest.logs import set_up_logs
from ingest.settings import load
from ingest.store.pool import Pool, open_pool
from ingest.tracing import collecting
from ingest.vault import Vault
from rules.ruleset import load_catalogue
from rules.wording import entries

log = logging.getLogger(__name__)

RELOAD_EVERY = 15.0  # seconds; a notification is faster
CONNECTIONS = 8
LONGEST_TRY = 130.0  # seconds; an endpoint's own time-out is shorter
CHANNELS = ("shequ_outbox", "shequ_endpoints", "shequ_feed")


class Office:
    """Keeps one lane per endpoint, as the endpoints change."""

    def __init__(self, desk: Desk, tools: Tools, habits: Habits) -> None:
        self._desk, self._tools, self._habits = desk, tools, habits
        self._lanes: dict[str, Lane] = {}
        self.changed = asyncio.Event()
        self.moved = asyncio.Event()  # cases may have news for the cascade

    @property
    def endpoints(self) -> list[Endpoint]:
        """Answer the endpoints that are worked on."""
        return [lane.endpoint for lane in self._lanes.values()]

    def heard(self, channel: str) -> None:
        """Take a notification of the database."""
        self.moved.set()
        if channel == "shequ_endpoints":
            self.changed.set()
        if channel != "shequ_feed":
            for lane in self._lanes.values():
                lane.stirred.set()

    async def run(self) -> None:
        """Open and close lanes until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self.changed.clear()
                with suppress(*AWAY):
                    self._arrange(group, {e.code: e for e in await self._desk.endpoints()})
                with suppress(TimeoutError):
                    async with asyncio.timeout(RELOAD_EVERY):
                        await self.changed.wait()

    def _arrange(self, group: asyncio.TaskGroup, wanted: Mapping[str, Endpoint]) -> None:
        for code, lane in list(self._lanes.items()):
            if wanted.get(code) != lane.endpoint:
                lane.close()
                del self._lanes[code]
        for code, endpoint in wanted.items():
            if code not in self._lanes:
                lane = Lane(endpoint, self._desk, self._tools.open, self._habits)
                self._lanes[code] = lane
                group.create_task(lane.run(), name=f"lane.{code}")
                log.info("%s is open", code, extra={"action": "endpoint_open"})


async def keep_house(pool: Pool, office: Office, clock: Clock, public_url: str) -> None:
    """Every second: what has expired, what nobody takes, devices' answers, canaries, tests, the cascade."""
    while True:
        office.moved.clear()
        try:
            async with pool.connection() as connection:
                await connection.execute(Q["expire"])
                await connection.execute(Q["unroutable"], {"direct": [str(c) for c in DIRECT]})
                await connection.execute(Q["device_answers"])
                await connection.execute(Q["canaries"])
            await keep_tests(pool, clock, public_url)
            for endpoint in office.endpoints:
                if endpoint.channel is Channel.CASCADE:
                    await collect(pool, endpoint)
        except AWAY as exc:
            log.warning("the database is away: %s", exc, extra={"action": "deliver_database_away"})
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY):
                await office.moved.wait()
        await asyncio.sleep(0.1)  # news come in herds


async def listen(url: str, heard: Callable[[str], None]) -> None:
    """Pass notifications on until cancelled; after a break everything may have changed."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                for channel in CHANNELS:
                    await connection.execute(
                        psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel))
                    )
                    heard(channel)
                async for notice in connection.notifies():
                    heard(notice.channel)
        except psycopg.OperationalError as exc:
            log.warning("listening stopped: %s", exc, extra={"action": "listen_retry"})
        await asyncio.sleep(LOOK_EVERY)


async def run(settings: DeliverSettings) -> None:
    """Send until cancelled, traced where that is wanted."""
    with collecting("deliver", settings.otlp_url):
        await _send(settings)


async def _send(settings: DeliverSettings) -> None:
    """Straight-line wiring."""
    url = settings.database_url.get_secret_value()
    catalogue = await asyncio.to_thread(load_catalogue)
    names = {entry.code: (entry.name_zh, entry.name_en) for entry in entries(catalogue).values()}
    habits = Habits(
        clock=system_clock,
        chance=random.SystemRandom().random,
        backoff=Backoff(base=settings.deliver_pause_s, most=settings.deliver_pause_most_s),
        lease_s=settings.deliver_lease_s,
    )
    async with (
        open_pool(url, CONNECTIONS, "deliver") as pool,
        httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=LONGEST_TRY) as client,
        asyncio.TaskGroup() as group,
    ):
        desk = Desk(pool, names, Vault.open(settings.personal_keys))
        web = Web(client=client, allowed=parse_allowed(settings.deliver_private or ""))
        tools = Tools(
            desk=desk, web=web, secrets=open_secrets(settings.secrets), clock=system_clock, names=names
        )
        office = Office(desk, tools, habits)
        group.create_task(office.run(), name="deliver.office")
        group.create_task(keep_house(pool, office, system_clock, settings.public_url), name="deliver.house")
        group.create_task(listen(url, office.heard), name="deliver.listen")
        log.info("deliver runs", extra={"action": "deliver_started"})


def main() -> None:
    """Entry point."""
    set_up_logs()
    run_until_signalled(run(load(DeliverSettings)))


if __name__ == "__main__":
    main()
