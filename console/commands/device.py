"""`shequ device`: register a device and give it its credentials on the broker."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Annotated

import typer

from console.commands.database import with_database
from console.credentials import BrokerCredentials, broker_credentials
from console.database import Connection
from devices.errors import RowError, SettingError
from devices.model import NAME, Device
from devices.profiles import PROFILES
from ingest.clock import system_clock
from ingest.store.registry import load_registry, save_registry

app = typer.Typer(no_args_is_help=True, help="Devices.")


@app.command()
def add(
    device: Annotated[str, typer.Argument(help="device id: letters, digits, _ and -")],
    *,
    profile: Annotated[str, typer.Option(help="device family: " + ", ".join(PROFILES))],
    place: Annotated[str, typer.Option(help="place code where it is installed")],
    name_zh: Annotated[str, typer.Option(help="名称")] = "",
    name_en: Annotated[str, typer.Option(help="name")] = "",
    offline_after: Annotated[float | None, typer.Option(help="seconds of silence that mean offline")] = None,
) -> None:
    """Register a device; print its MQTT user, password (once) and topic."""
    keeper = _keeper()

    async def work(connection: Connection) -> str:
        estate = await _check(connection, device, profile, place)
        row = Device(
            id=device,
            estate=estate,
            place=place,
            profile=profile,
            name_zh=name_zh or PROFILES[profile].name_zh,
            name_en=name_en or PROFILES[profile].name_en,
            registered_at=system_clock(),
            offline_after=None if offline_after is None else timedelta(seconds=offline_after),
        )
        secret = await keeper.add_device(estate, device)
        async with connection.transaction():
            await save_registry(connection, devices=[row])
        return "\n".join(
            (
                f"broker:   {keeper.url.host}:{keeper.url.port}",
                f"username: {device}",
                f"password: {secret}",
                f"client:   {device}",
                f"topic:    shequ/v1/{estate}/{device}/event",
            )
        )

    typer.echo(with_database(work))


@app.command()
def rotate(device: Annotated[str, typer.Argument(help="device id")]) -> None:
    """Give a device a new password and print it, once."""
    typer.echo(f"password: {asyncio.run(_keeper().rotate(device))}")


@app.command("list")
def list_() -> None:
    """List devices: id, profile, place."""
    registry = with_database(load_registry)
    for device in sorted(registry.devices.values(), key=lambda d: d.id):
        typer.echo(f"{device.id}\t{device.profile}\t{device.place}\t{device.name_zh}")


def _keeper() -> BrokerCredentials:
    keeper = broker_credentials()
    if keeper is None:
        raise SettingError(
            "SHEQU_BROKER_ADMIN_URL", "not set: start `shequ up`, or name the broker's admin account"
        )
    return keeper


async def _check(connection: Connection, device: str, profile: str, place: str) -> str:
    """Answer the estate around the place; raises RowError for what is wrong."""
    if not re.fullmatch(NAME, device):
        raise RowError(1, "device", f"{device!r}: use 1 to 64 letters, digits, _ and -")
    if profile not in PROFILES:
        raise RowError(1, "profile", f"{profile!r} is not one of {', '.join(PROFILES)}")
    registry = await load_registry(connection)
    if device in registry.devices:
        raise RowError(1, "device", f"{device!r} exists already; `shequ device rotate` makes a new password")
    estate = registry.estate_of(place)
    if estate is None:
        raise RowError(1, "place", f"{place!r} is no place inside an estate")
    return estate
