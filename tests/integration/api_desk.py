"""A small town on a real database, and the console in front of it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psycopg
from fastapi import FastAPI
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from console.accounts import SQL, hash_password
from console.app import create_app
from console.permissions import Role
from console.settings import ConsoleSettings
from ingest.registry_ca import Authority
from ingest.vault import add_key
from tests.parts import as_part

PASSWORD = "correct horse 9"
PEOPLE: Mapping[str, tuple[Role, str | None]] = {
    "wang": (Role.OPERATOR, None),
    "li": (Role.OPERATOR, None),
    "zhao": (Role.OPERATOR, "EST2"),
    "wuye": (Role.PROPERTY, "EST1"),
    "sun": (Role.SHIFT_LEADER, None),
    "grid": (Role.FIELD, "EST1"),
    "dev": (Role.DEVELOPER, None),
    "shen": (Role.AUDITOR, None),
    "boss": (Role.SYSTEM_ADMIN, None),
}
TOWN: LiteralString = """
INSERT INTO places (code, kind, name_zh, name_en, path) VALUES
    ('510681', 'city', '广汉市', 'Guanghan', '{510681}'),
    ('EST1', 'estate', '沱水小区', 'Tuoshui', '{510681,EST1}'),
    ('EST1-B1', 'building', '1 栋', 'Building 1', '{510681,EST1,EST1-B1}'),
    ('EST2', 'estate', '雒城小区', 'Luocheng', '{510681,EST2}');
INSERT INTO devices (id, estate, place, profile, name_zh, name_en, online) VALUES
    ('smoke-1', 'EST1', 'EST1-B1', 'smoke_sensor', '烟感', 'Smoke', true),
    ('cam-1', 'EST1', 'EST1', 'camera', '摄像机', 'Camera', false),
    ('smoke-2', 'EST2', 'EST2', 'smoke_sensor', '烟感', 'Smoke', NULL);
INSERT INTO events (device, id, at, estate, type, data, received_at)
    SELECT 'smoke-1', 'e' || n, now() - n * INTERVAL '1 minute', 'EST1', 'smoke', '{"alarm": true}', now()
    FROM generate_series(1, 3) n;
INSERT INTO ingest_progress (worker, batch, clock) VALUES ('w', gen_random_uuid(), now());
"""
ALERT: LiteralString = """
WITH new AS (
    INSERT INTO alerts
        (fingerprint, rule, code, severity, estate, place, subject, device, reason, first_seen, last_seen)
    VALUES
        (gen_random_uuid()::text, 'r', %(code)s, %(severity)s, %(estate)s, %(place)s, 'smoke-1', %(device)s,
         'condition_met', now(), now())
    RETURNING id
), seen AS (
    INSERT INTO alert_evidence (alert_id, device, event_id, at)
    SELECT new.id, e.device, e.id, e.at FROM new, events e WHERE e.device = %(device)s
)
SELECT id FROM new
"""


class Doorman:
    """Stands in for the broker's account keeper."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.removed: list[str] = []
        self.password_door = ("broker.test", 1883)
        self.certificate_door: tuple[str, int] | None = ("broker.test", 8884)
        self.authority: Authority | None = None

    async def add_device(self, estate: str, device: str) -> str:
        """Make an account that opens nothing."""
        self.asked.append((estate, device))
        return f"password-{len(self.asked)}"

    async def add_devices(self, devices: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Make several."""
        return {device: await self.add_device(estate, device) for estate, device in devices}

    async def add_certified(self, estate: str, device: str) -> None:
        """Make an account without a password."""
        self.asked.append((estate, device))

    async def renew(self, estate: str, device: str) -> str:
        """Give a new password."""
        self.asked.append((estate, device))
        return f"password-{len(self.asked)}"

    async def remove_device(self, device: str) -> None:
        """Note that an account is gone."""
        self.removed.append(device)


@dataclass(kw_only=True)
class Desk:
    """The application, a client and a second way into the database."""

    app: FastAPI
    client: httpx.AsyncClient
    connection: AsyncConnection[DictRow]
    doorman: Doorman
    _tokens: dict[str, str] = field(default_factory=dict)

    async def log_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """Ask for a token."""
        return await self.client.post("/api/token", data={"username": name, "password": password})

    async def as_(self, name: str) -> dict[str, str]:
        """Return the headers of somebody who is logged in."""
        if name not in self._tokens:
            self._tokens[name] = (await self.log_in(name)).raise_for_status().json()["access_token"]
        return {"Authorization": f"Bearer {self._tokens[name]}"}

    async def get(self, path: str, who: str = "wang", **params: Any) -> httpx.Response:
        """Read as somebody."""
        return await self.client.get(path, headers=await self.as_(who), params=params)

    async def post(
        self, path: str, body: Mapping[str, Any], who: str = "wang", *, key: str | None = None
    ) -> httpx.Response:
        """Write as somebody."""
        headers = await self.as_(who) | ({"Idempotency-Key": key} if key else {})
        return await self.client.post(path, json=body, headers=headers)

    async def reveal(self, path: str, who: str = "wang", **body: Any) -> dict[str, str]:
        """Ask for personal data in full, and read them."""
        opened = (await self.post(path, body, who)).raise_for_status().json()
        told = (await self.get(f"/api/reveals/{opened['reveal']}", who)).raise_for_status().json()
        fields: dict[str, str] = told["fields"]
        return fields

    async def rows(self, query: LiteralString, *params: Any) -> list[DictRow]:
        """Look into the database."""
        return await (await self.connection.execute(query, params or None)).fetchall()

    async def alert(
        self,
        *,
        code: str = "FIRE-001",
        severity: int = 1,
        estate: str = "EST1",
        place: str = "EST1-B1",
        device: str | None = "smoke-1",
    ) -> int:
        """Raise an alert behind the console's back, as ingest does."""
        row = {"code": code, "severity": severity, "estate": estate, "place": place, "device": device}
        return int((await (await self.connection.execute(ALERT, row)).fetchall())[0]["id"])


@asynccontextmanager
async def open_desk(database: str, **settings: Any) -> AsyncIterator[Desk]:
    """Settle the town and open the console over it."""
    doorman = Doorman()
    with tempfile.TemporaryDirectory(prefix="shequ-test-") as folder:
        add_key(keys := Path(folder) / "keys")
        wanted = {
            "database_url": as_part(database, "serve"),
            "personal_keys": keys,
            "web_dir": Path("/nonexistent"),
            "heartbeat_s": 0.2,
        }
        # a duty of the tests looks when it is told to, and a test reads what it has just changed
        wanted |= {"duty_late_s": 600, "board_age_s": 0, **settings}
        app = create_app(ConsoleSettings.model_validate(wanted), doorman)
        async with settled(database, app, doorman) as desk:
            yield desk


@asynccontextmanager
async def settled(database: str, app: FastAPI, doorman: Doorman) -> AsyncIterator[Desk]:
    """Run the console over a town and its people."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("203.0.113.7", 4711))
    async with (
        await psycopg.AsyncConnection.connect(database, autocommit=True, row_factory=dict_row) as connection,
        httpx.AsyncClient(transport=transport, base_url="http://console") as client,
        app.router.lifespan_context(app),
    ):
        await connection.execute(TOWN)
        stored = await hash_password(PASSWORD)  # once for all of them: it takes its time on purpose
        for name, (role, scope) in PEOPLE.items():
            user = {"name": name, "display_name": name, "role": role, "scope": scope, "password_hash": stored}
            await connection.execute(SQL["add_user"], user)
        yield Desk(app=app, client=client, connection=connection, doorman=doorman)
