"""What every test may ask for: a real stack, a database and a broker of its own, and a clean house after."""

from __future__ import annotations

import asyncio
import inspect
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import LiteralString
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import psycopg
import pytest
from anyio.from_thread import start_blocking_portal
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from psycopg import sql

from simulators.stack import Broker, Stack, StackSettings, open_stack
from tests.parts import make_parts

# A slow machine is no wrong answer, and a run that cannot be repeated is no proof.
hypothesis.settings.register_profile("shequ", deadline=None, derandomize=True)
hypothesis.settings.load_profile("shequ")

TEMPLATE = "shequ_template"
IN_MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes; the databases of one run take a quarter of it
_broom = ThreadPoolExecutor(
    1, "drops databases"
)  # TimescaleDB's launcher now and then sleeps through a drop: 60 s
_drops: list[Future[None]] = []


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own SHEQU_* settings never reach a test."""
    for name in [name for name in os.environ if name.startswith("SHEQU_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_stray_tasks(request: pytest.FixtureRequest) -> None:
    """An async test that leaves a task behind fails."""
    function = getattr(request.node, "function", None)
    if function is not None and inspect.iscoroutinefunction(function):
        request.getfixturevalue("task_census")


@pytest.fixture
async def task_census() -> AsyncIterator[None]:
    """Compare the loop's tasks before the test with those after it."""
    async with counted():
        yield


@asynccontextmanager
async def counted() -> AsyncIterator[None]:
    """Fail if there are tasks behind the block that were not there before it."""
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:  # aiomqtt sees at its next second only that its connection is gone, and machines are slow
        _, left = await asyncio.wait(left, timeout=15)
    assert not left, f"tasks left running: {sorted(task.get_name() for task in left)}"


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> Iterator[None]:
    """Hash with the least cost: the real one takes a sixth of a second, and hundreds of logins pay it."""
    from console import accounts  # noqa: PLC0415 - a third of a second that rules' tests need not wait

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_HASHER", PasswordHasher.from_parameters(CHEAPEST))
        yield


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """One private stack for the whole run, living in a thread of its own so that any loop may use it."""
    with tempfile.TemporaryDirectory(prefix="shequ-test-", dir=_quick_folder()) as folder:
        Path(folder).chmod(0o711)  # as root the servers run as somebody else
        settings = StackSettings(data=Path(folder) / "data", broker_port=0, durable=False)
        with (
            start_blocking_portal() as portal,
            portal.wrap_async_context_manager(open_stack(settings, say=print)) as running,
        ):
            yield running
            _broom.shutdown(cancel_futures=True)
            for drop in _drops:
                assert drop.cancelled() or drop.exception() is None


def _quick_folder() -> Path | None:
    """Answer where files are made fastest: a disk takes a third of a second for each copy of the template."""
    enough = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM
    return IN_MEMORY if enough else None


@pytest.fixture(scope="session")
def migrated_template(stack: Stack) -> str:
    """Migrate one database, which every test's own is copied from."""
    from ingest.store.migrate import migrate  # noqa: PLC0415 - only tests with a database pay for it

    _administer(stack, "CREATE DATABASE {}", TEMPLATE)
    url = _address(stack, TEMPLATE)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
    migrate(url)
    make_parts(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT _timescaledb_functions.stop_background_workers()")
    # nobody may be connected to a template, TimescaleDB's own scheduler included
    _administer(stack, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true", TEMPLATE)
    with psycopg.connect(_address(stack, "postgres"), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [TEMPLATE]
        )
    return TEMPLATE


@contextmanager
def fresh_database(stack: Stack, template: str) -> Iterator[str]:
    """Copy the migrated template while the block runs; answers the copy's URL."""
    name = f"test_{secrets.token_hex(6)}"  # a count would begin anew where a test imports this module
    _administer(stack, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
    try:
        yield _address(stack, name)
    finally:
        _drops.append(_broom.submit(_administer, stack, "DROP DATABASE {} WITH (FORCE)", name))


@pytest.fixture
def database(stack: Stack, migrated_template: str) -> Iterator[str]:
    """Yield the URL of a freshly migrated database no other test sees."""
    with fresh_database(stack, migrated_template) as url:
        yield url


@pytest.fixture
def broker(stack: Stack) -> Broker:
    """Return the broker of this run; it is shared, so a test uses an estate code of its own."""
    return Broker(stack.broker, stack.admin, stack.ingest, stack.gateway)


def _address(stack: Stack, database: str) -> str:
    return urlunsplit(urlsplit(stack.database_url)._replace(path=f"/{database}"))


def _administer(stack: Stack, statement: LiteralString, *names: str) -> None:
    query = sql.SQL(statement).format(*map(sql.Identifier, names))
    with psycopg.connect(_address(stack, "postgres"), autocommit=True) as connection:
        connection.execute(query)
