"""Sirens, doors and displays: a letter becomes a command of the registry, with expiry and reply.

Ingest sends it over MQTT and writes the device's answer down (ingest/registry_orders.py); the
command is tied to its letter, so a letter sent twice is still one command.
"""

from __future__ import annotations

from psycopg.types.json import Jsonb

from devices.errors import UndeliverableError
from ingest.deliver.channel import Parcel, Taken
from ingest.deliver.desk import Q
from ingest.store.pool import Pool


class DeviceCarrier:
    """Asks ingest to command a device."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def send(self, parcel: Parcel) -> Taken:
        """Write the command; its answer comes later."""
        args = parcel.body.get("args", {})
        if not isinstance(parcel.body.get("name"), str) or not isinstance(args, dict):
            raise UndeliverableError("a device's letter names a command: {name, args}")
        about = {
            "device": parcel.to,
            "name": parcel.body["name"],
            "args": Jsonb(args),
            "reason": parcel.text or parcel.key,
            "expires_at": parcel.expires_at,
            "letter": parcel.id,
        }
        async with self._pool.connection() as connection, connection.transaction():
            row = await (await connection.execute(Q["order_device"], about)).fetchone()
            if row is None:
                raise UndeliverableError(f"there is no device {parcel.to!r} that hears commands")
            await connection.execute(Q["notify_orders"])
        return Taken(remote_id=str(row["id"]))
