"""TLS everywhere: every part over it to a real database and a real broker, and to no impostor."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import ssl
import struct
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import aiomqtt
import httpx
import psycopg
import pytest
from anyio.from_thread import start_blocking_portal
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from console.accounts import create_user
from console.certificate import issued_context, server_context
from console.commands.local import Local, broker_url, free_port, open_local, running
from console.database import Database
from console.permissions import Role
from console.settings import ConsoleSettings
from console.watch.__main__ import press
from devices.errors import BrokerError
from devices.model import Device, Place, PlaceKind
from ingest.broker import TOPICS, Session, SessionSettings, holding
from ingest.broker_admin import BrokerAdmin
from ingest.clock import system_clock
from ingest.ears import Ears
from ingest.registry_ca import Authority
from ingest.settings import BrokerUrl
from ingest.store.registry import save_registry
from ingest.streams.__main__ import Publisher
from simulators.stack import StackSettings
from simulators.stack.model import Login, Part
from simulators.stack.process import server_owner

PARTS: Final = ("ingest", "duty", "deliver", "watch", "serve")
PATIENCE: Final = 60.0  # seconds
MANY: Final = 50  # messages, in less than a TLS record's 16 KiB
RULES: Final = "local all all scram-sha-256\nhostssl all all 127.0.0.0/8 scram-sha-256\n"


@dataclass(frozen=True, kw_only=True)
class Walled:
    """A database and a broker that are reached through TLS, by somebody who trusts one authority."""

    local: Local
    address: str  # of the database
    authority: Path
    stranger: Path
    port: int  # of the console

    def database(self, part: str, *, ca: Path | None = None, host: str = "localhost") -> str:
        """A part's own account, through the network."""
        return make_conninfo(
            self.local.logins[part],
            host=host,
            hostaddr=self.address,
            sslmode="verify-full",
            sslrootcert=str(ca or self.authority),
        )

    def broker(self, login: Login, *, ca: Path | None = None) -> str:
        """An account of the broker, at the door with TLS."""
        door = self.local.stack.broker_tls
        assert door is not None
        return f"{broker_url(door, login)}?ca={ca or self.authority}"

    def child(self, part: str) -> Any:
        """One part as a process that knows nothing but TLS."""
        return self.local.child(
            part,
            extra={
                "SHEQU_DATABASE_URL": self.database(part),
                "SHEQU_BROKER_URL": self.broker(self.local.stack.ingest),
                "SHEQU_BROKER_ADMIN_URL": self.broker(self.local.stack.admin),
                "SHEQU_PORT": str(self.port),
                "SHEQU_TLS_HOSTS": "localhost, 127.0.0.1",
            },
        )


@pytest.fixture(scope="module")
def walled() -> Iterator[Walled]:
    """A stack of its own: the one of the other tests listens on no network."""
    with tempfile.TemporaryDirectory(prefix="shequ-walled-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root the servers run as somebody else
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(_walled(folder)) as walled:
            yield walled


@asynccontextmanager
async def _walled(folder: Path) -> AsyncIterator[Walled]:
    settings = StackSettings(data=folder / "data", broker_port=0, durable=False)
    stranger = Authority.open(folder / "stranger")
    async with open_local(settings, print) as local:
        address = f"127.{os.getpid() >> 16 & 0xFF}.{os.getpid() >> 8 & 0xFF}.{os.getpid() & 0xFF or 1}"
        authority = Authority.open(local.data / "ca")
        await asyncio.to_thread(_open_database, local, authority, address)
        await local.stack.services[Part.DATABASE].restart()
        yield Walled(
            local=local,
            address=address,
            authority=authority.folder / "ca.pem",
            stranger=stranger.folder / "ca.pem",
            port=free_port(),
        )


def _open_database(local: Local, authority: Authority, address: str) -> None:
    """Let the database listen at an address of the loopback that nobody else has, with TLS only."""
    issued = authority.issue_server(("localhost",))
    with psycopg.connect(local.stack.database_url, autocommit=True) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
        assert row is not None
        folder = Path(row[0])
        server_owner().write(folder / "tls.pem", issued.certificate)
        server_owner().write(folder / "tls.key", issued.key or "")
        server_owner().write(folder / "pg_hba.conf", RULES)
        connection.execute("ALTER SYSTEM SET ssl = on")
        connection.execute("ALTER SYSTEM SET ssl_cert_file = 'tls.pem'")
        connection.execute("ALTER SYSTEM SET ssl_key_file = 'tls.key'")
        connection.execute(f"ALTER SYSTEM SET listen_addresses = '{address}'".encode())


@pytest.fixture(scope="module")
def parts(walled: Walled) -> Iterator[Walled]:
    """Every part of the platform, running over TLS."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_parts(walled)):
        yield walled


@asynccontextmanager
async def _parts(walled: Walled) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for part in PARTS:
            await stack.enter_async_context(running(walled.child(part)))
        async with console(walled, walled.authority) as client, asyncio.timeout(PATIENCE):
            while not await _ready(client):
                await asyncio.sleep(0.1)
        yield


async def _ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).is_success
    except httpx.ConnectError:
        return False


def console(walled: Walled, ca: Path) -> httpx.AsyncClient:
    """Somebody's browser, which trusts one authority."""
    context = ssl.create_default_context(cafile=ca)
    return httpx.AsyncClient(
        base_url=f"https://localhost:{walled.port}", verify=context, trust_env=False, timeout=60
    )


async def _until(url: str, query: Any, wanted: Any) -> None:
    async with asyncio.timeout(PATIENCE), await psycopg.AsyncConnection.connect(url, autocommit=True) as c:
        while await (await c.execute(query)).fetchone() != wanted:
            await asyncio.sleep(0.1)


async def test_every_part_does_its_work_over_tls(parts: Walled) -> None:
    owner = parts.local.stack.database_url
    device = Device(
        id="smoke", estate="E", place="E", profile="smoke_sensor", name_zh="烟", name_en="S",
        registered_at=system_clock(),
    )  # fmt: skip
    estate = Place(code="E", kind=PlaceKind.ESTATE, name_zh="苑", name_en="Estate", path=("E",))
    async with await psycopg.AsyncConnection.connect(owner) as connection:
        await save_registry(connection, places=[estate], devices=[device])
    said = {"id": "1", "at": system_clock().isoformat(), "type": "smoke", "data": {"alarm": True}}
    async with Publisher.open(BrokerUrl(parts.broker(parts.local.stack.gateway))) as publish:
        await publish("shequ/v1/E/smoke/event", json.dumps(said).encode())
    await _until(owner, "SELECT count(*) FROM events WHERE device = 'smoke'", (1,))
    plain = """
        SELECT count(DISTINCT usename) FILTER (WHERE ssl), count(*) FILTER (WHERE NOT ssl)
        FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename LIKE 'shequ\\_%'
    """
    await _until(owner, plain, (len(PARTS), 0))


async def test_the_console_speaks_tls_only_and_tells_browsers_to_stay(parts: Walled) -> None:
    async with console(parts, parts.authority) as client:
        answer = await client.get("/healthz")
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert b"HTTP/" not in await reader.read(), "plain HTTP is hung up on, not answered"
    writer.close()
    async with console(parts, parts.stranger) as client:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get("/healthz")


async def test_the_session_of_the_page_is_a_secure_cookie(parts: Walled) -> None:
    owner = parts.local.stack.database_url
    async with await psycopg.AsyncConnection.connect(owner, row_factory=dict_row) as connection:
        await create_user(connection, "wang", "correct horse 9", Role.OPERATOR)
    async with console(parts, parts.authority) as client:
        form = {"username": "wang", "password": "correct horse 9"}
        answer = await client.post("/api/session", data=form)
        assert answer.is_success, answer.text
        assert "Secure" in answer.headers["set-cookie"]


async def _as_ingest(url: BrokerUrl) -> None:
    session = Session(SessionSettings(url, "walled", 10), system_clock, lambda _: None, asyncio.Event())
    async with holding(session):
        await session.hears.wait()


async def _as_console(url: BrokerUrl) -> None:
    async with BrokerAdmin.connect(url, url):
        pass


async def _as_watch(url: BrokerUrl) -> None:
    await press(cast("Database", _Nobody()), url)


class _Nobody:
    """A platform without estates: the watch connects and has nothing to say."""

    async def rows(self, *_: Any) -> list[Any]:
        """Answer that there are none."""
        return []


WAYS: Final = (_as_ingest, _as_console, _as_watch)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho's failed handshakes
@pytest.mark.parametrize("way", WAYS)
async def test_a_broker_that_a_stranger_vouches_for_is_refused(
    walled: Walled, caplog: pytest.LogCaptureFixture, way: Callable[[BrokerUrl], Awaitable[None]]
) -> None:
    stack = walled.local.stack
    login = stack.admin if way is _as_console else stack.ingest
    async with asyncio.timeout(PATIENCE):
        await way(BrokerUrl(walled.broker(login)))
    assert "certificate verify failed" not in caplog.text

    async def refused() -> str:
        try:
            await way(BrokerUrl(walled.broker(login, ca=walled.stranger)))
        except (BrokerError, aiomqtt.MqttError) as exc:
            return str(exc)
        return "let in"

    trying = asyncio.create_task(refused(), name="trying")
    async with asyncio.timeout(PATIENCE):
        while not trying.done() and "certificate verify failed" not in caplog.text:
            await asyncio.sleep(0.05)  # ingest tries again for ever, and says why
    trying.cancel()
    (answer,) = await asyncio.gather(trying, return_exceptions=True)
    assert "certificate verify failed" in f"{answer} {caplog.text}"
    caplog.clear()
    gc.collect()  # paho leaves the socket of a failed handshake to whoever sweeps: here, not in the next test


async def test_a_database_that_proves_nothing_is_refused(walled: Walled) -> None:
    for wrong, words in (
        (walled.database("serve", ca=walled.stranger), "certificate verify failed"),
        (walled.database("serve", host="db.elsewhere"), "does not match host name"),
        (walled.database("serve").replace("verify-full", "disable"), "no pg_hba.conf entry"),
    ):
        with pytest.raises(psycopg.OperationalError, match=words):
            await psycopg.AsyncConnection.connect(wrong)


async def _packet(reader: asyncio.StreamReader) -> bytes:
    """One MQTT packet's contents."""
    await reader.readexactly(1)
    size = shift = 0
    while True:
        (byte,) = await reader.readexactly(1)
        size |= (byte & 0x7F) << shift
        if byte < 0x80:
            return await reader.readexactly(size)
        shift += 7


async def _talkative(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A broker that says everything at once, where Mosquitto makes a TLS record of each message."""
    await _packet(reader)
    writer.write(b"\x20\x03\x00\x00\x00")
    number = (await _packet(reader))[:2]
    writer.write(bytes([0x90, 3 + len(TOPICS)]) + number + b"\x00" + b"\x01" * len(TOPICS))
    topic = b"shequ/v1/E/x/event"
    body = struct.pack(">H", len(topic)) + topic
    each = [body + struct.pack(">H", n) + b"\x00{}" for n in range(1, MANY + 1)]
    writer.write(b"".join(bytes([0x32, len(one)]) + one for one in each))
    await reader.read()  # until ingest hangs up
    writer.close()


async def test_many_messages_in_one_record_are_all_read(walled: Walled) -> None:
    """Paho reads one per event of the socket, and what is decrypted already makes none."""
    context = issued_context(Authority.open(walled.authority.parent), ["localhost"])
    server = await asyncio.start_server(_talkative, "127.0.0.1", 0, ssl=context)
    async with server, asyncio.timeout(PATIENCE):
        port = server.sockets[0].getsockname()[1]
        url = BrokerUrl(f"mqtts://a:b@localhost:{port}?ca={walled.authority}")
        arrival = asyncio.Event()
        session = Session(SessionSettings(url, "x", 100), system_clock, lambda _: None, arrival)
        ears = Ears(first=session, early=None, arrival=arrival)
        async with holding(session):
            heard = 0
            while heard < MANY:
                heard += len(await ears.take(MANY, 0))


async def test_a_given_certificate_is_shown_as_it_is(walled: Walled, tmp_path: Path) -> None:
    authority = Authority.open(walled.stranger.parent)
    issued = authority.issue_server(("localhost",))
    (tmp_path / "c.pem").write_text(issued.certificate)
    (tmp_path / "k.pem").write_text(issued.key or "")
    files = {"tls_certificate": tmp_path / "c.pem", "tls_key": tmp_path / "k.pem"}
    context = server_context(ConsoleSettings.model_validate({"database_url": "", **files}), None)
    server = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        trusting = ssl.create_default_context(cafile=walled.stranger)
        _, writer = await asyncio.open_connection("localhost", port, ssl=trusting)
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
    assert ssl.DER_cert_to_PEM_cert(shown).strip() == issued.certificate.strip()
