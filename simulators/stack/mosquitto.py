"""A private Mosquitto: local, no anonymous clients, every right granted by its dynamic security plugin."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import aiomqtt

from devices.errors import StackError
from simulators.stack.accounts import dynamic_security, keep_secrets, parse_broker_url
from simulators.stack.bundle import obtain
from simulators.stack.choice import choose_broker, host_mosquitto
from simulators.stack.model import BrokerAddress, BrokerLogins, Choice, Login, Source, StackSettings
from simulators.stack.process import Server, Service, server_owner, stop_stranger
from simulators.stack.room import Room, open_room

HOST = "127.0.0.1"
_READY_WITHIN = 20.0
_STOPS = ((signal.SIGTERM, 15.0),)  # on SIGTERM it saves sessions, queues and retained messages
SETTINGS = """\
listener {port} {host}
allow_anonymous false
plugin {plugin}
plugin_opt_config_file {security}
persistence true
persistence_location {folder}/
persistence_file mosquitto.db
# what a power cut may cost a queue that no subscriber has fetched yet
autosave_interval 10
pid_file {pid}
# a stopped ingest finds everything it missed: the limit is one of size. 0 would mean no limit by count,
# but Mosquitto 2.0 then also breaks off with every client whose message it refuses ("Quota exceeded")
max_queued_messages 50000000
max_queued_bytes 1073741824
max_inflight_messages 0
persistent_client_expiration 30d
# above the contract's 64 KiB on purpose: what is too large shall reach quarantine, not vanish
max_packet_size 2097152
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
log_type notice
connection_messages false
"""
# One door for passwords over TLS, one for certificates. There the certificate's common name is the user
# name and the client id, so that a device can neither speak for another nor take over its session.
TLS_SETTINGS = """\

listener {tls_port} {host}
certfile {folder}/server.pem
keyfile {folder}/server-key.pem
tls_version tlsv1.2

listener {certificate_port} {host}
certfile {folder}/server.pem
keyfile {folder}/server-key.pem
cafile {folder}/ca.pem
tls_version tlsv1.2
require_certificate true
use_identity_as_username true
use_username_as_clientid true
"""


@dataclass(kw_only=True)
class Mosquitto(Service):
    """A running broker: its address and accounts, and the ways tests hurt it."""

    address: BrokerAddress
    logins: BrokerLogins
    choice: Choice
    what: ClassVar[str] = "broker"
    tls: BrokerAddress | None = None
    certificates: BrokerAddress | None = None

    @property
    def admin(self) -> Login:
        """Return the account that manages accounts."""
        return self.logins.admin

    @property
    def ingest(self) -> Login:
        """Return the account that hears every device."""
        return self.logins.ingest

    @property
    def gateway(self) -> Login:
        """Return the account that may speak for any device."""
        return self.logins.gateway

    async def start(self) -> None:
        """Start it again at the same address and wait until it answers."""
        await _start(self._own(), self.address, self.ingest)


@asynccontextmanager
async def open_mosquitto(
    settings: StackSettings, *, say: Callable[[str], None], choice: Choice | None = None
) -> AsyncIterator[Mosquitto]:
    """Run Mosquitto while the context is open."""
    choice = choice or choose_broker(settings)
    if settings.broker_url is not None:
        address, logins = parse_broker_url(settings.broker_url)
        yield Mosquitto(address=address, logins=logins, choice=choice)
        return
    program, plugin = await _programs(settings, choice, say)
    owner = server_owner()
    with open_room(settings.data, "mosquitto", owner) as room:
        await _stop_orphan(room)
        logins = keep_secrets(settings.data).broker
        address = BrokerAddress(HOST, free_port(settings.broker_port))
        if settings.broker_port not in {0, address.port}:
            say(f"port {settings.broker_port} is taken: the broker listens on {address.port}")
        security = room.folder / "dynamic-security.json"
        if not security.exists():
            owner.write(security, dynamic_security(logins))
        config = room.folder / "mosquitto.conf"
        values = {"plugin": plugin, "security": security, "folder": room.folder, "pid": _note(room)}
        tls, certificates, more = _tls(settings, room)
        owner.write(config, SETTINGS.format(port=address.port, host=HOST, **values) + more)
        server = Server(
            name="Mosquitto",
            argv=[str(program), "-c", str(config)],
            owner=owner,
            log=room.log,
            stops=_STOPS,
            cwd=room.folder,
        )
        try:
            await _start(server, address, logins.ingest)
            say(f"Mosquitto is ready at {address} ({choice.source})")
            yield Mosquitto(
                address=address,
                logins=logins,
                choice=choice,
                server=server,
                tls=tls,
                certificates=certificates,
            )
        finally:
            await server.stop()


def _tls(settings: StackSettings, room: Room) -> tuple[BrokerAddress | None, BrokerAddress | None, str]:
    """Lay out the certificates; answers both doors and their part of the configuration."""
    if settings.tls is None:
        return None, None, ""
    for name, text in (
        ("ca.pem", settings.tls.authority),
        ("server.pem", settings.tls.certificate),
        ("server-key.pem", settings.tls.key),
    ):
        room.owner.write(room.folder / name, text)
    wanted = (8883, 8884) if settings.broker_port else (0, 0)
    doors = [BrokerAddress(HOST, free_port(port), tls=True) for port in wanted]
    text = TLS_SETTINGS.format(
        host=HOST, folder=room.folder, tls_port=doors[0].port, certificate_port=doors[1].port
    )
    return doors[0], doors[1], text


def free_port(wanted: int) -> int:
    """Return the wanted port when it is free, otherwise one that is."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            number: int = probe.getsockname()[1]
            return number
    raise StackError(f"no free TCP port on {HOST}")


async def _programs(settings: StackSettings, choice: Choice, say: Callable[[str], None]) -> tuple[Path, Path]:
    if choice.source is Source.NONE:
        raise StackError(choice.reason)
    if choice.source is Source.HOST and (found := host_mosquitto()) is not None and found.plugin is not None:
        return found.program, found.plugin
    bundle = await obtain(settings, say)
    return bundle.mosquitto, bundle.dynamic_security


async def _start(server: Server, address: BrokerAddress, login: Login) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _READY_WITHIN
    await server.start()
    while loop.time() < deadline and server.alive:
        try:
            async with aiomqtt.Client(
                address.host,
                address.port,
                username=login.username,
                password=login.password,
                identifier="shequ-stack-ready",
                timeout=5,
            ):
                return
        except aiomqtt.MqttError:
            await asyncio.sleep(0.05)
    await server.stop()
    raise StackError(f"Mosquitto did not start; its log {server.log} ends with: {server.last_words()}")


async def _stop_orphan(room: Room) -> None:
    """Stop a broker that outlived a killed supervisor; the room's lock says no living one owns it."""
    note = _note(room)
    if note.exists() and (words := note.read_text().split()):
        await stop_stranger(int(words[0]), [room.folder / "mosquitto.conf"], _STOPS)


def _note(room: Room) -> Path:
    return room.folder / "mosquitto.pid"
