"""The private stack: real servers, started whole, stopped whole, hard to hurt."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import aiomqtt
import psycopg
import pytest

from devices.errors import StackError
from simulators.stack import (
    Broker,
    Login,
    Mosquitto,
    Source,
    Stack,
    StackSettings,
    open_mosquitto,
    open_postgres,
    open_stack,
)

AS_ROOT = os.geteuid() == 0
SUPERVISOR = """
import asyncio, sys
from pathlib import Path
from simulators.stack import StackSettings, open_stack, process
if sys.argv[2] == "unguarded":
    process._dies_with_us = lambda sig: []
async def main():
    settings = StackSettings(data=Path(sys.argv[1]), broker_port=0, durable=False)
    async with open_stack(settings, say=lambda line: None):
        print("ready", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="shequ-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"


def fast(data: Path, port: int = 0) -> StackSettings:
    return StackSettings(data=data, broker_port=port, durable=False)


def client(broker: Broker | Mosquitto, login: Login) -> aiomqtt.Client:
    return aiomqtt.Client(
        broker.address.host, broker.address.port, username=login.username, password=login.password
    )


async def execute(url: str, statement: LiteralString) -> None:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(statement)


async def all_gone(data: Path) -> None:
    """Wait for the kernel to have delivered the stop signal; there is nothing to be told by."""
    async with asyncio.timeout(30):
        while servers(data):
            await asyncio.sleep(0.05)


def block(data: Path, name: str) -> None:
    """Put a file where a server's folder should be."""
    data.mkdir(mode=0o711)
    (data / name).write_text("in the way")


def servers(data: Path) -> list[int]:
    """Return the processes that work in this data folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(data) in command and "python" not in command:
                found.append(int(entry.name))
    return found


def test_the_database_is_postgres_with_timescaledb(stack: Stack) -> None:
    with psycopg.connect(stack.database_url) as connection:
        connection.execute("CREATE TABLE readings (at timestamptz NOT NULL, value int)")
        connection.execute("SELECT create_hypertable('readings', by_range('at'))")
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW jit").fetchone() == ("off",)
        assert connection.execute("SHOW timescaledb.telemetry_level").fetchone() == ("off",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        connection.rollback()


def test_the_socket_alone_opens_nothing(stack: Stack) -> None:
    address = psycopg.conninfo.conninfo_to_dict(stack.database_url)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stack.database_url, password="guess")
    assert stat.S_IMODE(Path(str(address["host"])).stat().st_mode) == 0o700


def test_passwords_show_in_no_repr(stack: Stack) -> None:
    text = repr(stack)
    for login in (stack.admin, stack.ingest, stack.gateway):
        assert login.password not in text
    assert str(psycopg.conninfo.conninfo_to_dict(stack.database_url)["password"]) not in text


async def test_a_message_far_above_the_contract_still_arrives(broker: Broker) -> None:
    payload = b"x" * 1024 * 1024
    async with client(broker, broker.ingest) as ear, client(broker, broker.gateway) as mouth:
        await ear.subscribe("shequ/v1/large/#", qos=1)
        await mouth.publish("shequ/v1/large/cam/event", payload, qos=1)
        async with asyncio.timeout(60):
            assert (await anext(ear.messages)).payload == payload


async def test_what_was_committed_survives_kill_9(data: Path) -> None:
    settings = StackSettings(data=data, broker_port=0, durable=True)
    async with open_postgres(settings, say=print) as postgres:
        async with await psycopg.AsyncConnection.connect(postgres.url) as connection:
            await connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        first = postgres.pid
        await postgres.kill()
        with pytest.raises(psycopg.OperationalError):
            await psycopg.AsyncConnection.connect(postgres.url)
        await postgres.restart()
        assert postgres.pid != first
        async with await psycopg.AsyncConnection.connect(postgres.url) as connection:
            assert await (await connection.execute("SELECT n FROM kept")).fetchone() == (7,)
    assert servers(data) == []


async def test_the_broker_keeps_address_and_retained_messages_over_a_restart(data: Path) -> None:
    async with open_mosquitto(fast(data), say=print) as mosquitto:
        async with client(mosquitto, mosquitto.gateway) as mouth:
            await mouth.publish("shequ/v1/e/d/state", b"on", qos=1, retain=True)
        await mosquitto.restart()
        async with client(mosquitto, mosquitto.ingest) as ear:
            await ear.subscribe("shequ/v1/e/d/state")
            async with asyncio.timeout(60):
                message = await anext(ear.messages)
        assert (message.payload, message.retain) == (b"on", True)
        await mosquitto.kill()
        await mosquitto.restart()
        async with client(mosquitto, mosquitto.ingest):
            pass
    assert servers(data) == []


async def test_a_second_start_finds_the_same_data_and_passwords(data: Path) -> None:
    async with open_stack(fast(data), say=print) as first:
        await execute(first.database_url, "CREATE TABLE kept ()")
    async with open_stack(fast(data), say=print) as second:
        await execute(second.database_url, "SELECT FROM kept")
    assert (first.database_url, first.admin) == (second.database_url, second.admin)
    assert stat.S_IMODE((data / "secrets.json").stat().st_mode) == 0o600
    assert servers(data) == []


@pytest.mark.parametrize("guard", ["guarded", "unguarded"])
async def test_a_supervisor_killed_outright_leaves_nothing_in_the_way(data: Path, guard: str) -> None:
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SUPERVISOR, str(data), guard, stdout=asyncio.subprocess.PIPE
    )
    assert supervisor.stdout is not None
    async with asyncio.timeout(60):
        assert await supervisor.stdout.readline() == b"ready\n"
    supervisor.send_signal(signal.SIGKILL)
    await supervisor.wait()
    if guard == "guarded":
        await all_gone(data)
    else:
        assert len(servers(data)) == 2
    async with open_stack(fast(data), say=print) as stack:
        await execute(stack.database_url, "SELECT 1")
    assert servers(data) == []


async def test_one_data_folder_has_one_supervisor(data: Path) -> None:
    async with open_mosquitto(fast(data), say=print) as mosquitto:
        with pytest.raises(StackError, match=f"process {os.getpid()} already runs mosquitto"):
            async with open_mosquitto(fast(data), say=print):
                pytest.fail("two brokers on one folder")
        async with client(mosquitto, mosquitto.ingest):
            pass


async def test_a_taken_port_is_replaced_and_said(data: Path) -> None:
    said: list[str] = []
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = squatter.getsockname()[1]
        async with open_mosquitto(fast(data, taken), say=said.append) as mosquitto:
            assert mosquitto.address.port != taken
    assert f"port {taken} is taken: the broker listens on {mosquitto.address.port}" in said


async def test_nothing_is_left_half_started(data: Path) -> None:
    block(data, "mosquitto")
    with pytest.raises(StackError, match="cannot make the folder"):
        async with open_stack(fast(data), say=print):
            pytest.fail("started without a broker")
    assert servers(data) == []


async def test_a_server_that_cannot_start_says_why(data: Path) -> None:
    async with open_postgres(fast(data), say=print):
        pass
    (data / "postgres" / "postgresql.auto.conf").write_text("max_connections = nonsense\n")
    with pytest.raises(StackError, match=r"(?s)PostgreSQL did not start.*max_connections"):
        async with open_postgres(fast(data), say=print):
            pytest.fail("started with a broken configuration")
    assert servers(data) == []


async def test_configured_servers_are_used_as_they_are(stack: Stack, broker: Broker, data: Path) -> None:
    url = f"mqtt://{broker.ingest.username}:{broker.ingest.password}@127.0.0.1:{broker.address.port}"
    settings = StackSettings(data=data, database_url=stack.database_url, broker_url=url)
    async with open_stack(settings, say=print) as other:
        assert other.database_url == stack.database_url
        assert other.broker == broker.address
        assert other.ingest == broker.ingest
        assert {choice.source for choice in other.choices} == {Source.CONFIGURED}
    assert servers(data) == []


@pytest.mark.skipif(not AS_ROOT, reason="only root's servers run as somebody else")
async def test_a_folder_the_servers_cannot_reach_is_refused(data: Path) -> None:
    data.parent.chmod(0o700)
    with pytest.raises(StackError, match=f"may not enter {data.parent}"):
        async with open_postgres(fast(data), say=print):
            pytest.fail("started in a closed folder")


async def test_a_path_too_long_for_a_socket_gets_a_short_one(data: Path) -> None:
    deep = data / ("long" * 20)
    async with open_postgres(fast(deep), say=print) as postgres:
        host = str(psycopg.conninfo.conninfo_to_dict(postgres.url)["host"])
        assert len(host) < 90
        await execute(postgres.url, "SELECT 1")
