"""`shequ up`: everything on one machine, with a simulated community; and `shequ simulate` for the latter."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import socket
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack, nullcontext
from pathlib import Path
from typing import Annotated

import httpx
import psycopg
import typer
from psycopg.rows import dict_row
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from console.accounts import create_user
from console.commands import demo_camera
from console.commands.demo_people import PREFIX, equip
from console.commands.local import Local, free_port, open_local, running, write_private
from console.commands.receivers import introduce, prepare
from console.commands.stack import stack_settings
from console.commands.staffing import staff
from console.permissions import Role
from devices.errors import Conflict, StackError
from ingest.__main__ import run_until_signalled
from ingest.broker_admin import BrokerAdmin
from ingest.clock import system_clock
from ingest.logs import set_up_logs
from ingest.settings import BrokerUrl, IngestSettings, load
from ingest.store.registry import save_registry
from ingest.vault import Vault
from simulators.answer import obey
from simulators.community import Community, build
from simulators.control import control as control_of
from simulators.live import UNSEEN, run_live
from simulators.receivers.serving import serving
from simulators.responders import answer_orders
from simulators.stack import StackSettings

SEED, ESTATES = 1, 2  # the community that `shequ up` shows
CONTROL = "shequ-simulation"  # what the simulator's controls expect to be shown
GATEWAY = "shequ-gateway"  # the stack's account that may speak for any device
READY_WITHIN = 60.0  # seconds
LOGINS = (
    ("operator", Role.OPERATOR),
    ("leader", Role.SHIFT_LEADER),  # nobody may verify work of their own: it takes a second person
    ("property", Role.PROPERTY),
    ("grid", Role.FIELD),
    ("admin", Role.SYSTEM_ADMIN),
    ("security", Role.SECURITY_ADMIN),
    ("auditor", Role.AUDITOR),
)
LOGIN_PEOPLE = {"operator": "op-1", "leader": "sl-1", "property": "e1-pm-1", "grid": "e1-gw-1"}

Data = Annotated[Path | None, typer.Option(help="where data is kept")]


def up(
    *,
    no_sim: Annotated[bool, typer.Option("--no-sim", help="without the simulated community")] = False,
    no_responders: Annotated[
        bool, typer.Option("--no-responders", help="simulated people do not answer orders: you do")
    ] = False,
    no_cameras: Annotated[
        bool,
        typer.Option("--no-cameras", help="without the rendered camera and its node"),
    ] = False,
    port: Annotated[
        int,
        typer.Option(min=1, max=65_535, help="port of the console; a free one is taken where it is in use"),
    ] = 8080,
    data: Data = None,
) -> None:
    """Start stack, platform, console and a simulated community; Ctrl-C stops everything."""
    set_up_logs("WARNING")
    settings = stack_settings(data=data)
    run_until_signalled(
        _run(settings, port, simulated=not no_sim, answering=not no_responders, seeing=not no_cameras)
    )
    _say("stopped; the data is in " + str(settings.data))


def simulate(
    *,
    seed: Annotated[int, typer.Option(help="same seed, same community")] = SEED,
    estates: Annotated[int, typer.Option(min=1)] = ESTATES,
    credentials: Annotated[Path, typer.Option(help="JSON file: MQTT password by device id")],
    snapshots: Annotated[Path | None, typer.Option(help="folder for the cameras' pictures")] = None,
    console: Annotated[str, typer.Option(help="address of the console, for people who answer orders")] = "",
    control: Annotated[
        int, typer.Option(min=0, max=65_535, help="loopback port for the developer page's wishes; 0: none")
    ] = 0,
) -> None:
    """Play a simulated community's endless day against a running platform."""
    set_up_logs("INFO")
    url = BrokerUrl(load(IngestSettings).broker_url.get_secret_value())
    passwords = json.loads(credentials.read_text(encoding="utf-8"))
    secret = passwords.get(CONTROL, "")
    if control and not secret:
        raise StackError(f"--control needs a secret: {CONTROL!r} in {credentials}")
    community = build(seed, estates, now=system_clock(), unseen=UNSEEN)

    async def play() -> None:
        async with asyncio.TaskGroup() as group:
            if GATEWAY in passwords:
                login = (GATEWAY, passwords[GATEWAY])
                real = [name for name in passwords if name.endswith(demo_camera.SUFFIX)]
                orders = obey(url.host, url.port, login, system_clock, mute=real)
                group.create_task(orders, name="simulate.orders")
            people = {n.removeprefix(PREFIX): p for n, p in passwords.items() if n.startswith(PREFIX)}
            if console and people:
                logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each look at a phone
                answering = answer_orders(console, people, seed=seed)
                group.create_task(answering, name="simulate.responders")
            await run_live(
                community,
                passwords,
                url.host,
                url.port,
                seed=seed,
                clock=system_clock,
                snapshots=snapshots,
                say=_say,
                steered=lambda live: serving(control_of(live, secret), control) if control else nullcontext(),
            )

    run_until_signalled(play())


async def _run(settings: StackSettings, port: int, *, simulated: bool, answering: bool, seeing: bool) -> None:
    """Start everything in order; straight-line wiring."""
    async with AsyncExitStack() as stack:
        local = await stack.enter_async_context(open_local(settings, _say))
        logins = await _logins(local)
        port = _free(port)
        words: tuple[str, ...] = ()
        camera: demo_camera.DemoCamera | None = None
        if simulated:
            _say("settling the simulated community in")
            community = build(SEED, ESTATES, now=system_clock(), unseen=UNSEEN)
            if seeing:
                community = demo_camera.with_camera(community)
            words, passwords = await _settle_in(local, community)
            if seeing:
                device = demo_camera.of(community)
                camera = demo_camera.prepare(local, device, passwords[device.id])
                await demo_camera.configure(local.stack.database_url, device)
        await stack.enter_async_context(running(local.child("ingest")))
        console = f"http://127.0.0.1:{port}"
        receivers = prepare(local.stack.data, console)
        letters = {"SHEQU_SECRETS": str(receivers.folder), "SHEQU_PUBLIC_URL": console}
        shown = dict(camera.console) if camera else {}
        if simulated:
            door = free_port()
            words += ("--control", str(door))
            shown |= {
                "SHEQU_SIMULATION_URL": f"http://127.0.0.1:{door}/",
                "SHEQU_SIMULATION_SECRET": passwords[CONTROL],
            }
        serve = local.child("serve", extra={"SHEQU_PORT": str(port), **letters, **shown})
        await stack.enter_async_context(running(local.child("duty")))
        await stack.enter_async_context(running(serve))
        await _ready(port)
        if simulated:
            async with await psycopg.AsyncConnection.connect(local.stack.database_url) as connection:
                await introduce(connection, receivers)
            await stack.enter_async_context(running(local.child("receivers", receivers.words)))
        private = {"SHEQU_DELIVER_PRIVATE": "127.0.0.0/8"} if simulated else {}
        await stack.enter_async_context(running(local.child("deliver", extra={**letters, **private})))
        await stack.enter_async_context(running(local.child("watch")))
        if simulated:
            words += ("--console", console) if answering else ()
            await stack.enter_async_context(running(local.child("simulate", *words)))
        if camera:
            await stack.enter_async_context(running(camera.scenes))
            await stack.enter_async_context(running(camera.node))
        _greet(port, local, logins, receivers.address if simulated else None)
        await asyncio.Event().wait()


async def _logins(local: Local) -> dict[str, str]:
    """Make an operator and a property manager on the first run; remember their passwords for the next.

    An account of that name that somebody else made is left alone and not shown.
    """
    file = local.stack.data / "logins.json"
    known: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    async with await psycopg.AsyncConnection.connect(
        local.stack.database_url, row_factory=dict_row, autocommit=True
    ) as connection:
        for name, role in LOGINS:
            password = secrets.token_urlsafe(9)
            try:
                await create_user(connection, name, password, role, actor="shequ up")
            except Conflict:
                continue
            known[name] = password
    write_private(file, json.dumps(known))
    return known


async def _settle_in(local: Local, community: Community) -> tuple[tuple[str, ...], dict[str, str]]:
    """Register the community and its devices' accounts; answers `simulate`'s arguments, and the passwords."""
    async with await psycopg.AsyncConnection.connect(local.stack.database_url) as connection:
        await save_registry(
            connection, places=community.places, devices=community.devices, cared=community.cared
        )
        await staff(connection, community, LOGIN_PEOPLE, Vault.open(local.keys))
    file = local.stack.data / "simulated-devices.json"
    known: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    missing = [(d.estate, d.id) for d in community.devices if d.id not in known]
    if missing:
        async with BrokerAdmin.connect(local.stack.broker, local.stack.admin) as admin:
            known |= await admin.add_devices(missing)
    known |= await equip(local.stack.database_url, community)
    known.setdefault(CONTROL, secrets.token_urlsafe(24))
    known[GATEWAY] = local.stack.gateway.password  # answers configuration and commands for all of them
    write_private(file, json.dumps(known))
    return ("--credentials", str(file), "--snapshots", str(local.stack.data / "snapshots")), known


async def _ready(port: int) -> None:
    """Wait until console, database and ingest are all there."""
    async with httpx.AsyncClient() as client:
        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(httpx.HTTPError),
                stop=stop_after_delay(READY_WITHIN),
                wait=wait_fixed(0.1),
                reraise=True,
            ):
                with attempt:
                    (await client.get(f"http://127.0.0.1:{port}/readyz")).raise_for_status()
        except httpx.HTTPError as exc:
            raise StackError(
                f"the console did not become ready: {exc}; see serve.log and ingest.log"
            ) from exc


def _greet(port: int, local: Local, logins: Mapping[str, str], messages: str | None) -> None:
    """Say where to go and as whom."""
    lines = [
        "",
        f"  Shequ is running:  http://127.0.0.1:{port}",
        *(f"  login:             {name}  {password}" for name, password in logins.items()),
        f"  MQTT broker:       {local.stack.broker}",
        *([f"  messages sent:     {messages}"] if messages else []),
        f"  logs and data:     {local.stack.data}",
        "  Ctrl-C stops everything; the data stays.",
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _free(port: int) -> int:
    """Return the port, or a free one where somebody else has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            free = free_port()
            _say(f"port {port} is taken: the console takes {free}")
            return free
    return port


def _say(text: str) -> None:
    """One line of progress."""
    sys.stdout.write(f"shequ: {text}\n")
    sys.stdout.flush()
