"""The platform that a drill plays against: ingest and a console, or every process, with lines to cut."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

import psycopg

from console.commands.drill_disk import open_mounts, small_disk
from console.commands.feed_watch import FeedWatch, first_login
from console.commands.local import Local, broker_url, free_port, open_local, running, throw_away
from console.commands.receivers import Receivers, introduce, prepare
from console.commands.scene import hears
from console.commands.stack import stack_settings
from ingest.broker_admin import BrokerAdmin
from ingest.store import personal, sql
from ingest.store.registry import save_registry
from ingest.vault import Vault
from simulators.chaos.faults import FAULTS, Order
from simulators.chaos.wire import Wire
from simulators.drill import DrillPlan, prepare_broker
from simulators.link import Broker
from simulators.stack import BrokerAddress, Part
from simulators.stack.process import Server

log = logging.getLogger(__name__)
_SHIFT: Final = sql.load("console.store", "shift.sql")
DUTY_SPEED: Final = 60.0
ALONE: Final = frozenset({"ingest"})  # faults that need no other process


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What runs, and how to reach it."""

    local: Local
    credentials: Mapping[str, str]
    servers: Mapping[str, Server]
    wires: Mapping[str, Wire]
    disk: Path | None
    receivers: Receivers | None  # with them everything runs: duty and the sender too
    watch: FeedWatch
    port: int

    @property
    def login(self) -> tuple[str, str]:
        """The gateway's account."""
        return self.local.stack.gateway.username, self.local.stack.gateway.password

    @property
    def broker(self) -> Broker:
        """Where the simulated devices connect."""
        address = self.local.stack.broker
        return Broker(host=address.host, port=address.port, credentials=self.credentials, gateway=self.login)


@asynccontextmanager
async def open_platform(
    plan: DrillPlan, orders: Sequence[Order], *, whole: bool = False
) -> AsyncIterator[Platform]:
    """A private stack with the plan's community, ingest in virtual time; `whole`: every process."""
    faults = [FAULTS[order.key] for order in orders]
    async with AsyncExitStack() as stack:
        data = stack.enter_context(throw_away())
        mounts = await stack.enter_async_context(open_mounts())
        local = await stack.enter_async_context(open_local(stack_settings(data=data, port=0), log.info))
        disk = await small_disk(local, mounts) if any(fault.disk for fault in faults) else None
        credentials = await _community(plan, local)
        wires = await _wires(local, {name for fault in faults for name in fault.wires}, stack)
        port = free_port()
        whole = whole or any(order.key not in ALONE for order in orders)
        receivers = await _receivers(local, port, stack) if whole else None
        servers = {
            name: await stack.enter_async_context(running(local.child(name, extra=extra)))
            for name, extra in _processes(local, port, set(wires), receivers)
        }
        await hears(local.stack.database_url)
        if whole:
            _save_sessions(local)
        login = await first_login(local.stack.database_url, "drill", "operator")
        watch = await stack.enter_async_context(FeedWatch.open(f"http://127.0.0.1:{port}", login))
        yield Platform(
            local=local,
            credentials=credentials,
            servers=servers,
            wires=wires,
            disk=disk,
            receivers=receivers,
            watch=watch,
            port=port,
        )


async def _community(plan: DrillPlan, local: Local) -> dict[str, str]:
    community = plan.community
    async with await psycopg.AsyncConnection.connect(local.stack.database_url) as connection:
        await save_registry(
            connection, places=community.places, devices=community.devices, cared=community.cared
        )
    async with BrokerAdmin.connect(local.stack.broker, local.stack.admin) as admin:
        credentials = await admin.add_devices((d.estate, d.id) for d in community.devices)
    address, login = local.stack.broker, local.stack.gateway
    gateway = (login.username, login.password)
    await prepare_broker(
        plan, Broker(host=address.host, port=address.port, credentials=credentials, gateway=gateway)
    )
    return credentials


async def _receivers(local: Local, port: int, stack: AsyncExitStack) -> Receivers:
    """A gateway that takes the letters, and a leader who gets them."""
    receivers = prepare(local.stack.data, f"http://127.0.0.1:{port}")
    await stack.enter_async_context(running(local.child("receivers", receivers.words)))
    async with await psycopg.AsyncConnection.connect(local.stack.database_url) as connection:
        await introduce(connection, receivers, only=("local-sms", "local-voice"))
        await connection.execute(_SHIFT["add_leader"])
        phone = {"phone": "13900000001"}
        await personal.put(connection, Vault.open(local.keys), personal.person("sl-1"), phone)
    return receivers


def _processes(
    local: Local, port: int, wires: set[str], receivers: Receivers | None
) -> list[tuple[str, dict[str, str]]]:
    """Every process by name, with its settings."""
    ingest = {"SHEQU_CLOCK": "marker", "SHEQU_LATENESS_S": "0"}
    serve = {"SHEQU_PORT": str(port)}
    for end, settings in (("ingest", ingest), ("console", serve)):
        if f"{end}-database" in wires:
            settings["SHEQU_DATABASE_URL"] = wired_database(local.stack.database_url, _folder(local, end))
    if "ingest-broker" in wires:
        address = BrokerAddress("127.0.0.1", _broker_port(local))
        ingest["SHEQU_BROKER_URL"] = broker_url(address, local.stack.ingest)
    if receivers is None:
        return [("ingest", ingest), ("serve", serve)]
    pace = {
        "SHEQU_DUTY_SPEED": str(DUTY_SPEED),
        "SHEQU_DUTY_POLL_S": "0.2",
        "SHEQU_SECRETS": str(receivers.folder),
        "SHEQU_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    return [
        ("ingest", ingest),
        ("serve", serve | pace),
        ("duty", pace),
        ("deliver", {**pace, "SHEQU_DELIVER_PRIVATE": "127.0.0.0/8"}),
    ]


async def _wires(local: Local, names: set[str], stack: AsyncExitStack) -> dict[str, Wire]:
    """Put a line between the parts that are to be parted."""
    wires: dict[str, Wire] = {}
    for name in sorted(names):
        end, _, what = name.partition("-")
        if what == "broker":
            wire = Wire((local.stack.broker.host, local.stack.broker.port))
            at = free_port()
            (local.data / "wire.port").write_text(str(at))
            await stack.enter_async_context(wire.listening(("127.0.0.1", at)))
        else:
            socket = database_socket(local.stack.database_url)
            wire = Wire(socket)
            await stack.enter_async_context(wire.listening(_folder(local, end) / socket.name))
        wires[name] = wire
    return wires


def _folder(local: Local, end: str) -> Path:
    return local.data / f"wire-{end}"


def _broker_port(local: Local) -> int:
    return int((local.data / "wire.port").read_text())


def database_socket(url: str) -> Path:
    """The Unix socket that a local database's address names."""
    query = parse_qs(urlsplit(url).query)
    return Path(query["host"][0]) / f".s.PGSQL.{query['port'][0]}"


def wired_database(url: str, folder: Path) -> str:
    """The same address, by way of a line in this folder."""
    parts = urlsplit(url)
    port = parse_qs(parts.query)["port"][0]
    return urlunsplit(parts._replace(query=f"host={quote(str(folder), safe='')}&port={port}"))


def _save_sessions(local: Local) -> None:
    """Let the broker save what it knows, as it does every ten seconds: this one is not that old."""
    os.kill(local.stack.services[Part.BROKER].pid, signal.SIGUSR1)
