"""The whole platform as processes on a private stack, and a real Chromium in front of it."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import aiomqtt
import httpx
import psycopg
import pytest
import pytest_asyncio
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.async_api import Browser, Page, async_playwright, expect
from psycopg.rows import dict_row

from console.accounts import create_user
from console.commands.local import LOGINS, Local, broker_url, free_port, running, write_private
from console.permissions import Role
from ingest.camera.settings import LiveSettings
from ingest.clock import system_clock
from ingest.store.registry import save_registry
from ingest.store.roles import make_logins
from ingest.vault import Vault, add_key
from simulators.community import Community, build, patient
from simulators.stack import Stack
from simulators.stack.process import Server
from tests.conftest import counted, fresh_database

PEOPLE = {
    "operator": Role.OPERATOR,
    "second": Role.OPERATOR,
    "leader": Role.SHIFT_LEADER,
    "property": Role.PROPERTY,
    "admin": Role.SYSTEM_ADMIN,
}
EVERYWHERE = {"leader", "admin"}  # the others see the estate of their test
PATIENCE = 60.0  # seconds
expect.set_options(timeout=PATIENCE * 1000)  # the workers share two cores: slow is no wrong answer
DAY = timedelta(days=1)  # for which gates and cameras may be silent: three minutes are less than a test
YOUNG = 1800.0  # seconds; what earlier tests left behind is seen by who sees all estates
HERE = Path(__file__).parent
ROOT = HERE.parent.parent
STOP = pytest.StashKey[Callable[[], None]]()
ARTEFACTS = Path(os.environ.get("SCREENSHOTS", ROOT / "build" / "screenshots"))
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
class Stand:
    """The running processes that many tests share, each with an estate of its own."""

    address: str
    community: Community
    estates: Iterator[str]  # those no test has had yet
    stack: Stack
    serve: Server
    portal: BlockingPortal  # the loop the processes are watched in
    database: str
    folder: Path
    camera_node: LiveSettings


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A running platform and what a test needs to know of it; estate and logins are the test's own."""

    address: str
    community: Community
    passwords: dict[str, str]  # by the name a test uses, "operator"; `login` says the account's
    stack: Stack
    stand: Stand
    database: str
    vault: Vault
    pictures: Path
    secrets: Path
    camera_node: LiveSettings  # where the console asks for live pictures; a test serves them

    @property
    def estate(self) -> str:
        """The test's own estate."""
        return self.community.estates[0]

    def login(self, name: str) -> str:
        """The account of one of the test's people; who a test made itself has its own name."""
        return f"{name}.{self.estate}" if name in PEOPLE else name

    async def kill_console(self) -> None:
        """Kill the console; its keeper starts it again."""
        await asyncio.to_thread(self.stand.portal.call, self.stand.serve.kill)

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[aiomqtt.Client]:
        """A connection that may speak for any device."""
        login, broker = self.stack.gateway, self.stack.broker
        name = f"gateway-{secrets.token_hex(4)}"
        async with aiomqtt.Client(
            broker.host, broker.port, username=login.username, password=login.password, identifier=name
        ) as client:
            yield client


@pytest.fixture(scope="session")
def stands(
    request: pytest.FixtureRequest,
    stack: Stack,
    migrated_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[], Stand]]:
    """Answer the platform that runs; one that has seen too much is replaced.

    It is stopped as soon as the worker goes on with tests of another folder: it hears their broker.
    """
    tests = sum("platform" in getattr(item, "fixturenames", ()) for item in request.session.items)
    newest: Stand | None = None
    until = 0.0
    with ExitStack() as running:

        def current() -> Stand:
            nonlocal newest, until
            if newest is None or time.monotonic() > until:
                stop()
                folder = tmp_path_factory.mktemp("platform")
                newest = running.enter_context(standing(stack, migrated_template, folder, tests))
                until = time.monotonic() + YOUNG
            return newest

        def stop() -> None:
            nonlocal newest
            newest = None
            running.close()

        request.config.stash[STOP] = stop
        yield current


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the browser tests run in one loop, for they share a Chromium."""
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session")
async def task_census() -> AsyncIterator[None]:
    """The same census as elsewhere, in the loop of the browser tests."""
    async with counted():
        yield


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop the platform behind the last of these tests, for now."""
    if STOP in item.config.stash and (nextitem is None or HERE not in nextitem.path.parents):
        item.config.stash[STOP]()


@pytest.fixture
def stand(stands: Callable[[], Stand]) -> Stand:
    """The platform's processes, shared by the tests that ask for `platform`: an estate for each."""
    return stands()


@contextmanager
def standing(stack: Stack, template: str, folder: Path, estates: int) -> Iterator[Stand]:
    """Ingest, duty, senders and console as processes over a database of their own while the block runs."""
    community = patient(build(5, estates, now=system_clock()), gate=DAY, camera=DAY)
    with fresh_database(stack, template) as database, start_blocking_portal() as portal:
        portal.call(_register, database, community)
        running = _stand(stack, database, community, folder, portal)
        with portal.wrap_async_context_manager(running) as stood:
            yield stood


async def _register(database: str, community: Community) -> None:
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await save_registry(
            connection, places=community.places, devices=community.devices, cared=community.cared
        )


@asynccontextmanager
async def _stand(
    stack: Stack, database: str, community: Community, folder: Path, portal: BlockingPortal
) -> AsyncIterator[Stand]:
    (folder / "logs").mkdir()
    add_key(folder / "personal.keys")
    port = free_port()
    node = LiveSettings(secret=secrets.token_urlsafe(12), port=free_port(), rate=10.0)
    config = folder / "shequ.toml"
    write_private(
        config,
        f'database_url = "{database}"\n'
        f'broker_url = "{broker_url(stack.broker, stack.ingest)}"\n'
        f'broker_admin_url = "{broker_url(stack.broker, stack.admin)}"\n'
        f'client_id = "ingest-{secrets.token_hex(4)}"\n'
        f'attachments = "{folder / "attachments"}"\n'
        f'snapshots = "{folder / "snapshots"}"\n'
        f'camera_nodes = "http://127.0.0.1:{node.port}"\ncamera_secret = "{node.secret}"\n'
        f'personal_keys = "{folder / "personal.keys"}"\n'
        f'secrets = "{folder}"\ndeliver_private = "127.0.0.0/8"\n'
        f"port = {port}\n"
        "unattended_s = 3600\n",  # on a slow machine half a minute is not even three clicks
    )
    local = Local(
        stack=stack,
        data=folder,
        environment={"SHEQU_CONFIG": str(config), "PATH": "/usr/bin:/bin"},
        logins=await asyncio.to_thread(make_logins, database, folder / LOGINS),
    )
    async with AsyncExitStack() as parts:
        for part in ("ingest", "deliver", "duty"):
            await parts.enter_async_context(running(local.child(part)))
        serve = await parts.enter_async_context(running(local.child("serve")))
        address = f"http://127.0.0.1:{port}"
        await _ready(address)
        yield Stand(
            address=address,
            community=community,
            estates=iter(community.estates),
            stack=stack,
            serve=serve,
            portal=portal,
            database=database,
            folder=folder,
            camera_node=node,
        )


@pytest.fixture
def database(stand: Stand) -> str:
    """The database of the platform that the tests share."""
    return stand.database


@pytest_asyncio.fixture(loop_scope="session")
async def platform(stand: Stand) -> Platform:
    """The running platform, an estate that only this test uses, and people of its own."""
    return await move_in(stand)


async def move_in(stand: Stand) -> Platform:
    """Take the next estate of a platform and make the people who look after it."""
    estate = next(stand.estates)
    passwords = {name: secrets.token_urlsafe(12) for name in PEOPLE}
    platform = Platform(
        address=stand.address,
        community=_narrowed(stand.community, estate),
        passwords=passwords,
        stack=stand.stack,
        stand=stand,
        database=stand.database,
        vault=Vault.open(stand.folder / "personal.keys"),
        pictures=stand.folder / "snapshots",
        secrets=stand.folder,
        camera_node=stand.camera_node,
    )
    async with await psycopg.AsyncConnection.connect(
        stand.database, row_factory=dict_row, autocommit=True
    ) as connection:
        for name, role in PEOPLE.items():
            scope = None if name in EVERYWHERE else estate
            await create_user(connection, platform.login(name), passwords[name], role, scope=scope)
    return platform


def _narrowed(community: Community, estate: str) -> Community:
    """One estate of a community, with the places above it."""
    parents = {place.code: place.parent for place in community.places}

    def line(code: str | None) -> Iterator[str]:
        while code is not None:
            yield code
            code = parents[code]

    above = set(line(estate))
    return replace(
        community,
        places=tuple(p for p in community.places if p.code in above or estate in line(p.code)),
        devices=tuple(d for d in community.devices if d.estate == estate),
        cared=tuple(c for c in community.cared if c.estate == estate),
        residents=tuple(r for r in community.residents if r.estate == estate),
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, started once: every visitor has a context of their own in it."""
    async with chromium() as browser:
        yield browser


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """Debian's Chromium, with more arguments."""
    path = shutil.which("chromium")
    assert path, "the browser tests need Chromium: `make test` installs it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*CHROMIUM, *more])
        yield browser
        await browser.close()


@asynccontextmanager
async def signed_in(
    browser: Browser, platform: Platform, name: str, *, size: tuple[int, int]
) -> AsyncIterator[Page]:
    """A page of somebody who signed in; it may ask nobody outside, and no error may show."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, timezone_id="Asia/Shanghai", locale="zh-CN"
    )
    context.set_default_timeout(PATIENCE * 1000)
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
    await page.get_by_test_id("login-user").fill(platform.login(name))
    await page.get_by_test_id("login-password").fill(platform.passwords[name])
    await page.get_by_test_id("login-submit").click()
    yield page
    await context.close()
    assert outside == []
    assert errors == []


async def picture(page: Page, name: str) -> None:
    """Keep a screenshot: WebP, a third of the bytes, which only the browser's own protocol offers."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    probe = await page.context.new_cdp_session(page)
    shot = await probe.send("Page.captureScreenshot", {"format": "webp", "quality": 60})
    await probe.detach()
    (ARTEFACTS / f"{name}.webp").write_bytes(base64.b64decode(shot["data"]))
