"""A town, the delivery process, and receivers on the other side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb

from ingest.clock import system_clock
from ingest.deliver.__main__ import run
from ingest.deliver.outbox import Letter, post
from ingest.deliver.settings import DeliverSettings
from ingest.store import personal
from ingest.vault import Vault, add_key
from simulators.receivers.centre import Centre
from simulators.receivers.gateway import Gateway
from simulators.receivers.ledger import Ledger
from simulators.receivers.mail import MailServer
from simulators.receivers.serving import serving
from tests.parts import as_part

PATIENCE = 60.0  # seconds
SECRET, ROBOT, PASSWORD = "sign-me-please", "robot-key", "smpp-pw"
TOWN: LiteralString = """
INSERT INTO places (code, kind, name_zh, name_en, path) VALUES
    ('EST1', 'estate', '沱水小区', 'Tuoshui', '{EST1}'),
    ('EST1-B3', 'building', '3 栋', 'Building 3', '{EST1,EST1-B3}'),
    ('EST1-B3-1201', 'room', '张三家 1201 室', 'Flat 1201 of Zhang San', '{EST1,EST1-B3,EST1-B3-1201}');
INSERT INTO people (id, name, roles, place) VALUES
    ('p-wg', '王格', '{GW}', 'EST1'), ('p-cp', '李警', '{CP}', 'EST1'),
    ('p-no', '无号', '{VOL}', 'EST1');
INSERT INTO devices (id, estate, place, profile, name_zh, name_en) VALUES
    ('siren-1', 'EST1', 'EST1', 'smoke_sensor', '声光', 'Siren');
INSERT INTO incidents (case_code, state, severity, code, estate, place, opened_by)
    VALUES ('510681-20260601-01-0001', 'dispatched', 1, 'FIRE-001', 'EST1', 'EST1-B3-1201', 'wang');
INSERT INTO alerts (fingerprint, rule, code, severity, estate, place, subject, reason, first_seen, last_seen)
    VALUES ('f', 'r', 'FIRE-001', 1, 'EST1', 'EST1-B3-1201', 's', 'condition_met', now(), now());
"""
PHONES = {"p-wg": "13800000001", "p-cp": "13800000002"}
ENDPOINT: LiteralString = """
INSERT INTO endpoints
    (code, channel, driver, name_zh, name_en, settings, party, timeout_s, rate_per_s, concurrency)
VALUES
    (%(code)s, %(channel)s, %(driver)s, %(code)s, %(code)s, %(settings)s, %(party)s, %(timeout_s)s, %(rate)s,
     %(concurrency)s)
"""
RECEIPTS: LiteralString = """
SELECT r.state, r.reason, r.actor, r.attempt FROM receipts r JOIN outbox o ON o.id = r.letter
WHERE o.key = %s ORDER BY r.id
"""


@dataclass(kw_only=True)
class Post:
    """What a test may do."""

    url: str
    folder: Path
    connection: AsyncConnection[DictRow]
    ledger: Ledger
    gateway: Gateway
    centre: Centre
    mail: MailServer
    port: int
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def web(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.port}"

    async def endpoint(
        self, code: str, channel: str, driver: str, settings: dict[str, Any], **more: Any
    ) -> None:
        """Set a way out up."""
        row = {"party": "", "timeout_s": 5.0, "rate": 100.0, "concurrency": 4, **more}
        await self.connection.execute(
            ENDPOINT,
            {"code": code, "channel": channel, "driver": driver, "settings": Jsonb(settings), **row},
        )
        await self.connection.execute("SELECT pg_notify('shequ_endpoints', '')")

    async def hook(self, code: str, way: str = "hook", **more: Any) -> None:
        """Set up a webhook to one of the gateway's ways."""
        await self.endpoint(
            code, "webhook", "http", {"url": f"{self.web}/{way}", "sign_secret": "sign"}, **more
        )

    async def sms(self, **more: Any) -> None:
        """Set up the SMS gateway."""
        await self.endpoint("sms-1", "sms", "http", {"url": f"{self.web}/sms", "sign_secret": "sign"}, **more)

    async def post(self, *letters: Letter) -> None:
        """Queue letters."""
        async with self.connection.transaction():
            await post(self.connection, letters)

    async def receipts(self, key: str) -> list[str]:
        """A letter's receipts, by state."""
        return [row["state"] for row in await self.rows(RECEIPTS, key)]

    async def rows(self, query: LiteralString, *params: Any) -> list[DictRow]:
        """Look into the database."""
        return await (await self.connection.execute(query, params or None)).fetchall()

    async def until(self, key: str, state: str) -> DictRow:
        """Wait until a letter is in a state."""
        async with asyncio.timeout(PATIENCE):
            while True:
                rows = await self.rows("SELECT * FROM outbox WHERE key = %s", key)
                if rows and rows[0]["state"] == state:
                    return rows[0]
                await asyncio.sleep(0.02)

    async def until_rows(self, query: LiteralString) -> None:
        """Wait until a query answers something."""
        async with asyncio.timeout(PATIENCE):
            while not await self.rows(query):
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[None]:
        """Run the delivery process' loop."""
        async with asyncio.TaskGroup() as group:
            task = group.create_task(run(DeliverSettings.model_validate(self.settings())), name="deliver")
            try:
                yield
            finally:
                task.cancel()

    def settings(self) -> dict[str, Any]:
        """The process' settings."""
        return {
            "database_url": as_part(self.url, "deliver"),
            "secrets": self.folder,
            "deliver_private": "127.0.0.0/8",
            "deliver_pause_s": 0.05,
            "deliver_pause_most_s": 0.2,
            "deliver_lease_s": 1.0,
            **self.extra,
        }


@asynccontextmanager
async def open_receivers(database: str, folder: Path) -> AsyncIterator[Post]:
    """Start the receivers beside a town that is settled already."""
    for name, secret in {"sign": SECRET, "robot": ROBOT, "pw": PASSWORD}.items():
        (folder / name).write_text(secret + "\n", encoding="utf-8")
    ledger = Ledger()
    clock = lambda: system_clock().timestamp()  # noqa: E731 - the receiver's own watch
    gateway = Gateway(ledger=ledger, secret=SECRET, robot_secret=ROBOT, clock=clock)
    async with AsyncExitStack() as parts:
        port = await parts.enter_async_context(serving(gateway.app()))
        parts.callback(gateway.let_go.set)
        centre = Centre(ledger=ledger, system_id="shequ", password=PASSWORD)
        await parts.enter_async_context(centre.running())
        mail = await parts.enter_async_context(MailServer(ledger=ledger).running())
        connection = await parts.enter_async_context(
            await psycopg.AsyncConnection.connect(database, autocommit=True, row_factory=dict_row)
        )
        yield Post(
            url=database,
            folder=folder,
            connection=connection,
            ledger=ledger,
            gateway=gateway,
            centre=centre,
            mail=mail,
            port=port,
        )


@asynccontextmanager
async def open_post(database: str, folder: Path) -> AsyncIterator[Post]:
    """Settle the town and start the receivers."""
    async with open_receivers(database, folder) as opened:
        await opened.connection.execute(TOWN)
        opened.extra["personal_keys"] = keys = folder / "personal.keys"
        add_key(keys)
        for id_, phone in PHONES.items():
            subject = personal.person(id_)
            await personal.put(opened.connection, Vault.open(keys), subject, {"phone": phone})
        yield opened
