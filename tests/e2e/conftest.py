"""The whole platform as processes on a private stack, and a real Chromium in front of it."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiomqtt
import httpx
import psycopg
import pytest
from playwright.async_api import Browser, Page, async_playwright
from psycopg.rows import dict_row

from console.accounts import create_user
from console.commands.local import Local, broker_url, free_port, running, write_private
from console.permissions import Role
from ingest.camera.settings import LiveSettings
from ingest.clock import system_clock
from ingest.store.registry import save_registry
from ingest.vault import Vault, add_key
from simulators.community import Community, build
from simulators.stack import Stack
from simulators.stack.process import Server

ROLES = {"property": Role.PROPERTY, "admin": Role.SYSTEM_ADMIN, "leader": Role.SHIFT_LEADER}
PATIENCE = 30.0  # seconds
ROOT = Path(__file__).parent.parent.parent
ARTEFACTS = ROOT / "build" / "screenshots"
CHROMIUM = (
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=user-gesture-required",
)


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A running platform and what a test needs to know of it."""

    address: str
    community: Community
    passwords: dict[str, str]
    stack: Stack
    serve: Server
    database: str
    vault: Vault
    pictures: Path
    camera_node: LiveSettings  # where the console asks for live pictures; a test serves them

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[aiomqtt.Client]:
        """A connection that may speak for any device."""
        login, broker = self.stack.gateway, self.stack.broker
        name = f"gateway-{secrets.token_hex(4)}"
        async with aiomqtt.Client(
            broker.host, broker.port, username=login.username, password=login.password, identifier=name
        ) as client:
            yield client


@pytest.fixture
async def platform(stack: Stack, database: str, tmp_path: Path) -> AsyncIterator[Platform]:
    """Ingest and console as processes, one simulated estate registered, people with logins."""
    (tmp_path / "logs").mkdir()
    community = build(5, 1, now=system_clock())
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await save_registry(
            connection, places=community.places, devices=community.devices, cared=community.cared
        )
    passwords = {
        name: secrets.token_urlsafe(12) for name in ("operator", "second", "leader", "property", "admin")
    }
    async with await psycopg.AsyncConnection.connect(
        database, row_factory=dict_row, autocommit=True
    ) as connection:
        for name, password in passwords.items():
            role = ROLES.get(name, Role.OPERATOR)
            await create_user(connection, name, password, role)
    config = tmp_path / "shequ.toml"
    add_key(tmp_path / "personal.keys")
    port = free_port()
    node = LiveSettings(secret=secrets.token_urlsafe(12), port=free_port(), rate=10.0)
    write_private(
        config,
        f'database_url = "{database}"\n'
        f'broker_url = "{broker_url(stack.broker, stack.ingest)}"\n'
        f'broker_admin_url = "{broker_url(stack.broker, stack.admin)}"\n'
        f'client_id = "ingest-{secrets.token_hex(4)}"\n'
        f'attachments = "{tmp_path / "attachments"}"\n'
        f'snapshots = "{tmp_path / "snapshots"}"\n'
        f'camera_nodes = "http://127.0.0.1:{node.port}"\ncamera_secret = "{node.secret}"\n'
        f'personal_keys = "{tmp_path / "personal.keys"}"\n'
        f'secrets = "{tmp_path}"\ndeliver_private = "127.0.0.0/8"\n'
        f"port = {port}\n",
    )
    environment = {"SHEQU_CONFIG": str(config), "PATH": "/usr/bin:/bin"}
    local = Local(stack=stack, data=tmp_path, environment=environment)
    async with AsyncExitStack() as parts:
        await parts.enter_async_context(running(local.child("ingest")))
        await parts.enter_async_context(running(local.child("deliver")))
        await parts.enter_async_context(running(local.child("duty")))
        serve = await parts.enter_async_context(running(local.child("serve")))
        address = f"http://127.0.0.1:{port}"
        await _ready(address)
        yield Platform(
            address=address,
            community=community,
            passwords=passwords,
            stack=stack,
            serve=serve,
            database=database,
            pictures=tmp_path / "snapshots",
            camera_node=node,
            vault=Vault.open(local.keys),
        )


async def _ready(address: str) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(PATIENCE):
        while True:
            try:
                if (await client.get(f"{address}/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium")
    assert path, "the browser tests need Chromium: `make test` installs it"
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=list(CHROMIUM))
        yield chromium
        await chromium.close()


@asynccontextmanager
async def signed_in(
    browser: Browser, platform: Platform, name: str, *, size: tuple[int, int]
) -> AsyncIterator[Page]:
    """A page of somebody who signed in; it may ask nobody outside, and no error may show."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, timezone_id="Asia/Shanghai", locale="zh-CN"
    )
    page = await context.new_page()
    outside: list[str] = []
    errors: list[str] = []
    page.on(
        "request",
        lambda r: (
            None
            if r.url.removeprefix("blob:").startswith((platform.address, "data:"))
            else outside.append(r.url)
        ),
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(platform.address)
    await page.get_by_test_id("login-user").fill(name)
    await page.get_by_test_id("login-password").fill(platform.passwords[name])
    await page.get_by_test_id("login-submit").click()
    yield page
    await context.close()
    assert outside == []
    assert errors == []


async def picture(page: Page, name: str) -> None:
    """Keep a screenshot as a build artefact."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=ARTEFACTS / f"{name}.png")
