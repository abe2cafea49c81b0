"""Ordering a device: checked against its model, written down, sent by ingest."""

from __future__ import annotations

from typing import Final

from psycopg.types.json import Jsonb

from console import device_registry as registry
from console.database import Connection, fetch_one
from console.device_order_wishes import NewCommand
from console.device_registry import Actor
from console.device_schema import schema_errors
from console.problems import Invalid
from devices.errors import Conflict
from devices.registry.models import model_of
from ingest.store.sql import load

SQL: Final = load("console.store", "device_orders.sql")
_ORDERS: Final = load("ingest.store", "registry_orders.sql")
LISTENING: Final = ("provisioned", "active", "maintenance")


async def order_device(connection: Connection, who: Actor, device_id: str, wish: NewCommand) -> int:
    """Queue an order in the caller's transaction; answers its number.

    Raises NotFound, Conflict for a device that hears nothing, Invalid for an order its model does not know.
    """
    device = await registry.seen(connection, who, device_id)  # duty orders too, and may not write devices
    if device["lifecycle"] not in LISTENING:
        raise Conflict(f"device {device_id!r} is {device['lifecycle']}: it hears no commands")
    model = model_of(device["profile"], device["make"], device["model"])
    command = next((c for c in model.commands if c.name == wish.name), None)
    if command is None:
        known = ", ".join(c.name for c in model.commands)
        raise Invalid({"name": f"this model knows no command {wish.name!r}: take one of {known}"})
    if errors := schema_errors(command.args, wish.args, "args"):
        raise Invalid(errors)
    row = {**wish.model_dump(), "device": device_id, "args": Jsonb(wish.args), "by": who.name}
    number: int = (await fetch_one(connection, SQL["ask"], row))["id"]
    detail = {"id": number, "name": wish.name, "args": wish.args, "expires_s": wish.expires_s}
    await registry.note(connection, who, device_id, "device.command", reason=wish.reason, detail=detail)
    await connection.execute(_ORDERS["notify_orders"])
    await registry.announce(connection, [device_id])
    return number
