"""Two real centres, a link that is cut, one case in both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb

from console.accounts import create_user
from console.commands.local import Local, free_port, running, write_private
from console.permissions import Role
from simulators.stack import Stack
from tests.conftest import fresh_database

PATIENCE = 80.0  # seconds
PASSWORD = "correct horse 9"
TOWN: LiteralString = """
INSERT INTO places (code, kind, name_zh, name_en, path) VALUES
    ('510681', 'city', '广汉市', 'Guanghan', '{510681}'),
    ('EST1', 'estate', '沱水小区', 'Tuoshui', '{510681,EST1}');
"""
CITY: LiteralString = """
INSERT INTO places (code, kind, name_zh, name_en, path) VALUES
    ('510681', 'city', '广汉市', 'Guanghan', '{510681}')
"""
LINK: LiteralString = """
INSERT INTO endpoints (code, channel, driver, name_zh, name_en, settings, timeout_s)
VALUES (%(code)s, 'cascade', 'http', %(code)s, %(code)s, %(settings)s, 3)
"""
ALERT: LiteralString = """
INSERT INTO alerts (fingerprint, rule, code, severity, estate, place, subject, reason, first_seen, last_seen)
VALUES (gen_random_uuid()::text, 'r', 'FIRE-001', 1, 'EST1', 'EST1', 's', 'condition_met', now(), now())
RETURNING id
"""


@dataclass
class Cable:
    """A link between two ports that can be cut."""

    to: int
    port: int = 0
    whole: bool = True
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[Cable]:
        """Carry bytes while the block runs."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await self.cut()
            await server.wait_closed()

    async def cut(self) -> None:
        """Refuse everybody from now on."""
        self.whole = False
        for end in list(self._ends):
            end.close()
            with suppress(OSError):
                await end.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            writer.close()
            return
        other_reader, other = await asyncio.open_connection("127.0.0.1", self.to)
        self._ends |= {writer, other}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(reader, other), name="cable.out")
                group.create_task(_pump(other_reader, writer), name="cable.back")
        finally:
            self._ends -= {writer, other}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@dataclass(frozen=True, kw_only=True)
class Centre:
    """One instance: its own database, console and sender."""

    connection: AsyncConnection[DictRow]
    client: httpx.AsyncClient

    async def incidents(self) -> list[dict[str, Any]]:
        """What its people see."""
        items: list[dict[str, Any]] = (
            (await self.client.get("/api/incidents?state=all")).raise_for_status().json()["items"]
        )
        return items

    async def act(self, path: str, **body: Any) -> dict[str, Any]:
        """Do something."""
        answer = await self.client.post(path, json=body)
        assert answer.is_success, answer.text
        done: dict[str, Any] = answer.json()
        return done

    async def actions(self, number: int) -> list[str]:
        """A case's record, by action."""
        shown = (await self.client.get(f"/api/incidents/{number}")).raise_for_status().json()
        return [line["action"] for line in shown["log"]]


@asynccontextmanager
async def centre(
    stack: Stack, url: str, folder: Path, places: LiteralString, link: dict[str, Any], port: int
) -> AsyncIterator[Centre]:
    """Run one instance as processes."""
    (folder / "logs").mkdir(parents=True)
    (folder / "secrets").mkdir()
    for name in ("up", "down"):
        (folder / "secrets" / name).write_text(f"{name}-secret", encoding="utf-8")
    config = folder / "shequ.toml"
    write_private(
        config,
        f'database_url = "{url}"\nport = {port}\nsecrets = "{folder / "secrets"}"\n'
        'deliver_private = "127.0.0.0/8"\ndeliver_pause_s = 0.1\ndeliver_pause_most_s = 0.5\n',
    )
    local = Local(
        stack=stack, data=folder, environment={"SHEQU_CONFIG": str(config), "PATH": "/usr/bin:/bin"}
    )
    async with AsyncExitStack() as parts:
        connection = await parts.enter_async_context(
            await psycopg.AsyncConnection.connect(url, autocommit=True, row_factory=dict_row)
        )
        await connection.execute(places)
        for name in ("wang", "li"):
            await create_user(connection, name, PASSWORD, Role.SHIFT_LEADER)
        await connection.execute(LINK, {"code": link.pop("code"), "settings": Jsonb(link)})
        await parts.enter_async_context(running(local.child("serve")))
        await parts.enter_async_context(running(local.child("deliver")))
        client = await parts.enter_async_context(
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10)
        )
        async with asyncio.timeout(PATIENCE):
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get("/healthz")).is_success:
                        break
                await asyncio.sleep(0.1)
        token = (await client.post("/api/token", data={"username": "wang", "password": PASSWORD})).json()[
            "access_token"
        ]
        client.headers["Authorization"] = f"Bearer {token}"
        yield Centre(connection=connection, client=client)


async def until(what: Any) -> None:
    """Wait until an async question is answered with yes."""
    async with asyncio.timeout(PATIENCE):
        while not await what():
            await asyncio.sleep(0.1)


async def test_a_case_climbs_through_a_cut_link_and_the_superiors_words_come_down(
    stack: Stack, migrated_template: str, tmp_path: Path
) -> None:
    town_port, city_port = free_port(), free_port()
    async with AsyncExitStack() as parts:
        up, down = Cable(city_port), Cable(town_port)
        await parts.enter_async_context(up.laid())
        await parts.enter_async_context(down.laid())
        below_url, above_url = (
            parts.enter_context(fresh_database(stack, migrated_template)) for _ in range(2)
        )
        to_city = {
            "code": "city",
            "direction": "up",
            "url": f"http://127.0.0.1:{up.port}",
            "token_secret": "up",
            "accept_secret": "down",
        }
        to_town = {
            "code": "town",
            "direction": "down",
            "url": f"http://127.0.0.1:{down.port}",
            "token_secret": "down",
            "accept_secret": "up",
            "place": "510681",
        }
        town = await parts.enter_async_context(
            centre(stack, below_url, tmp_path / "town", TOWN, to_city, town_port)
        )
        city = await parts.enter_async_context(
            centre(stack, above_url, tmp_path / "city", CITY, to_town, city_port)
        )

        # a case opens below and appears above, under the same code
        alert = (await (await town.connection.execute(ALERT)).fetchall())[0]["id"]
        opened = await town.act(f"/api/alerts/{alert}/actions", action="dispatch", org="PM")
        number = opened["incident_id"]
        await until(city.incidents)
        copy = (await city.incidents())[0]
        assert copy["case_code"] == (await town.incidents())[0]["case_code"]
        below = await town.actions(number)

        async def level() -> bool:
            return await city.actions(copy["id"]) == await town.actions(number)

        await until(level)

        # the link is cut both ways; both sides go on
        await up.cut()
        await down.cut()
        await town.act(f"/api/incidents/{number}/actions", action="acknowledge")
        await city.act(f"/api/incidents/{copy['id']}/cascade", action="supervise", reason="市中心督办")
        await city.act(f"/api/incidents/{copy['id']}/cascade", action="send_back", reason="补充现场照片")

        async def tried() -> bool:
            rows = await town.connection.execute("SELECT 1 FROM receipts WHERE state = 'attempt'")
            return bool(await rows.fetchall())

        await until(tried)
        assert (await city.incidents())[0]["state"] == "dispatched"

        # it is mended: everything arrives once
        up.whole = down.whole = True

        async def whole() -> bool:
            climbed = (await city.incidents())[0]["state"] == "acknowledged"
            return climbed and {"supervise", "send_back"} <= set(await town.actions(number))

        await until(whole)
        town_record, city_record = await town.actions(number), await city.actions(copy["id"])
        assert sorted(town_record) == sorted([*below, "acknowledge", "supervise", "send_back"])
        assert sorted(city_record) == sorted(town_record)
        shown = (await town.client.get(f"/api/incidents/{number}")).json()
        words = {line["action"]: (line["actor"], line["reason"]) for line in shown["log"]}
        assert words["supervise"] == ("wang@city", "市中心督办")
        assert shown["state"] == "acknowledged"
