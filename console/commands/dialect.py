"""`shequ dialect`: devices of other makes, found on their bridges and given their foreign names."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated

import aiomqtt
import psycopg
import typer

from console import device_registry as registry
from console.commands.database import with_database
from console.database import Connection
from console.device_registry import Actor
from devices.adapter import Proposal
from devices.adapters import ADAPTERS
from devices.codec import spoken, subscriptions
from devices.errors import BrokerError, Conflict, DecodeError, SettingError
from ingest.settings import BrokerUrl, IngestSettings, load
from ingest.store import sql
from ingest.transport import broker_context

app = typer.Typer(no_args_is_help=True, help="Devices of other makes.")
Q = sql.load("console.store", "dialects.sql")
ACTOR = Actor(name="shequ dialect")
NATIVE = "native"
LISTEN = 3.0  # seconds: what bridges say of their devices is retained


@app.command(name="set")
def set_(
    device: Annotated[str, typer.Argument(help="device id")],
    dialect: Annotated[str, typer.Argument(help=f"{', '.join(ADAPTERS)}, or {NATIVE}")],
    *,
    name: Annotated[str, typer.Option(help="what the dialect calls it, where that is not its id")] = "",
) -> None:
    """Say that a registered device speaks a dialect, and under which name."""
    if dialect != NATIVE and dialect not in ADAPTERS:
        raise SettingError("dialect", f"{dialect!r}: choose from {NATIVE}, {', '.join(ADAPTERS)}")
    values = {
        "id": device,
        "dialect": None if dialect == NATIVE else dialect,
        "name": None if dialect == NATIVE or name in ("", device) else name,
    }

    async def work(connection: Connection) -> None:
        async with connection.transaction():
            row = await registry.held(connection, ACTOR, device, None)
            if dialect != NATIVE and row["profile"] not in ADAPTERS[dialect].families:
                families = ", ".join(ADAPTERS[dialect].families)
                raise Conflict(f"{device!r} is a {row['profile']}; {dialect} speaks for {families}")
            try:
                await connection.execute(Q["set_dialect"], values)
            except psycopg.errors.UniqueViolation as exc:
                raise Conflict(f"the estate has a {dialect} device of the name {name or device!r}") from exc
            detail = {"dialect": values["dialect"], "foreign_name": values["name"]}
            await registry.note(connection, ACTOR, device, "device.dialect", detail=detail)
            await registry.announce(connection, [device])

    with_database(work, "dialect")


@app.command()
def find() -> None:
    """List what bridges on the broker know and nobody has registered: dialect, name, family, make, model."""

    async def registered(connection: Connection) -> set[tuple[str, str]]:
        rows = await (await connection.execute(Q["foreign_names"])).fetchall()
        return {(row["dialect"], row["name"]) for row in rows}

    known = with_database(registered, "dialect")
    url = BrokerUrl(load(IngestSettings).broker_url.get_secret_value())
    for p in sorted(set(asyncio.run(_proposals(url))), key=lambda p: (p.dialect, p.address)):
        if (p.dialect, p.address) not in known:
            typer.echo(f"{p.dialect}\t{p.address}\t{p.profile}\t{p.make}\t{p.model}\t{p.note}")


async def _proposals(url: BrokerUrl) -> list[Proposal]:
    """Listen to retained messages for a moment."""
    finders = [a.dialect for a in ADAPTERS.values() if a.propose]
    topics = [t for t in subscriptions(finders) if t.endswith(("/config", "/devices"))]
    found: list[Proposal] = []
    try:
        async with aiomqtt.Client(
            url.host,
            url.port,
            username=url.username,
            password=url.password,
            tls_context=broker_context(url),
        ) as client:
            await client.subscribe([(topic, 0) for topic in topics])
            with suppress(TimeoutError):
                async with asyncio.timeout(LISTEN):
                    async for message in client.messages:
                        found += _read(str(message.topic), bytes(message.payload))
    except aiomqtt.MqttError as exc:
        raise BrokerError(f"the broker cannot be asked: {exc}") from exc
    return found


def _read(topic: str, payload: bytes) -> tuple[Proposal, ...]:
    """What one message proposes; nothing where it cannot be read."""
    where = spoken(topic)
    if where is None or where.adapter.propose is None:
        return ()
    with suppress(DecodeError):
        where.adapter.read(where.topic, payload)
        return where.adapter.propose(where.topic, payload)
    return ()
