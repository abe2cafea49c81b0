"""What the platform tells devices: desired configuration and commands, and the answers to commands.

Every order is a row before it is a message, so that an order survives this process; it is
marked as sent once the broker has it. A crash in between sends it twice, under the same version
or id, which a device recognises. A command's expiry travels with it: a broker throws away what
is too late, and so does a device that was asleep.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import aiomqtt
import psycopg
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from devices.registry.configuration import command_message, config_message
from ingest.settings import BrokerUrl
from ingest.store import sql
from ingest.store.registry_moves import advance_rollouts
from ingest.transport import broker_context

log = logging.getLogger(__name__)

Q = sql.load("ingest.store", "registry_orders.sql")
FEED = sql.load("ingest.store", "queries.sql")
REPLIES = "shequ/v1/+/+/reply"
LOOK_EVERY = 1.0  # seconds; a notification is faster
PATIENCE = 15.0  # seconds for an acknowledgement; a TimeoutError is an OSError
SESSION_S = 3600  # replies wait so long for us
RESULTS = ("done", "refused", "failed")
_LONGEST_REPLY = 16 * 1024
Connection = AsyncConnection[dict[str, Any]]


class Orders:
    """One round: publish what waits, let expire what is too late, take roll-outs further."""

    def __init__(self, url: str, client: aiomqtt.Client) -> None:
        self._url, self._client = url, client
        self.stirred = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled; looks at once when told, otherwise every second."""
        async with await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, row_factory=dict_row
        ) as connection:
            while True:
                self.stirred.clear()
                await self.look(connection)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):  # wait_for may swallow a cancellation
                        await self.stirred.wait()

    async def look(self, connection: Connection) -> None:
        """Do one round."""
        changed = await _in_one(connection, advance_rollouts)
        changed += await self._publish_configs(connection)
        changed += await self._send_commands(connection)
        expired = await (await connection.execute(Q["expire"])).fetchall()
        await tell(connection, [*changed, *(row["device"] for row in expired)])

    async def take_replies(self) -> None:
        """Write down the answers to commands."""
        async with await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, row_factory=dict_row
        ) as connection:
            async for message in self._client.messages:
                await take_reply(connection, message.topic.value, message.payload)

    async def _publish_configs(self, connection: Connection) -> list[str]:
        rows = await (await connection.execute(Q["unpublished"])).fetchall()
        for row in rows:
            payload = config_message(row["version"], row["data"])
            async with asyncio.timeout(PATIENCE):
                await self._client.publish(_topic(row, "config"), payload, qos=1, retain=True)
            await connection.execute(Q["published"], row)
        return []

    async def _send_commands(self, connection: Connection) -> list[str]:
        rows = await (await connection.execute(Q["queued"])).fetchall()
        for row in rows:
            payload = command_message(row["id"], row["name"], row["args"], row["asked_at"], row["expires_at"])
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's own gap
            properties.MessageExpiryInterval = max(1, math.ceil(row["left_s"]))
            properties.ResponseTopic = _topic(row, "reply")
            properties.CorrelationData = str(row["id"]).encode()
            async with asyncio.timeout(PATIENCE):
                await self._client.publish(_topic(row, "command"), payload, qos=1, properties=properties)
            await connection.execute(Q["sent"], row)
        return [row["device"] for row in rows]


async def take_reply(connection: Connection, topic: str, payload: object) -> None:
    """Write one answer down; what is no answer to an open command of this device changes nothing."""
    device = topic.split("/")[3]
    try:
        if not isinstance(payload, bytes) or len(payload) > _LONGEST_REPLY:
            return
        reply = json.loads(payload)
        number, result = int(reply["id"]), reply["result"]
    except (ValueError, KeyError, TypeError, RecursionError):
        log.info("no reply", extra={"action": "reply_refused", "device": device})
        return
    if result not in RESULTS or not 0 < number < 2**63:
        return
    kept = {name: reply.get(name) for name in ("result", "reason", "data")}
    about = {"id": number, "device": device, "state": result, "reply": Jsonb(kept)}
    try:
        row = await (await connection.execute(Q["replied"], about)).fetchone()
    except psycopg.DataError:  # a NUL inside
        return
    if row is not None:
        await connection.execute(Q["note_reply"], about)
        await tell(connection, [device])


async def tell(connection: Connection, devices: Sequence[str]) -> None:
    """Tell the live feed that these devices changed."""
    if not devices:
        return
    async with connection.transaction():
        await connection.execute(FEED["lock_feed"])
        told = await connection.execute(FEED["feed_devices"], {"ids": sorted(set(devices))})
        last = max((row["seq"] for row in await told.fetchall()), default=0)
        await connection.execute(FEED["notify_feed"], {"seq": str(last)})


async def keep_orders(
    url: str, broker: BrokerUrl, client_id: str, listen: Callable[[str, asyncio.Event], Awaitable[None]]
) -> None:
    """Give orders until cancelled; begins anew when the broker or the database went away."""
    while True:
        try:
            await _give(url, broker, client_id, listen)
        except* (aiomqtt.MqttError, psycopg.OperationalError, psycopg.InterfaceError, OSError) as group:
            reason = group.exceptions[0]
            log.warning("orders wait: %s", reason, extra={"action": "orders_retry"})
        await asyncio.sleep(LOOK_EVERY)


async def _give(
    url: str, broker: BrokerUrl, client_id: str, listen: Callable[[str, asyncio.Event], Awaitable[None]]
) -> None:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's own gap
    properties.SessionExpiryInterval = SESSION_S
    client = aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        identifier=f"{client_id}-orders",
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=False,
        timeout=math.inf,  # ours are asyncio.timeout: wait_for may swallow a cancellation
        properties=properties,
        tls_context=broker_context(broker),
    )
    async with client, asyncio.TaskGroup() as group:
        await client.subscribe(REPLIES, qos=1)
        orders = Orders(url, client)
        group.create_task(orders.take_replies(), name="ingest.replies")
        group.create_task(_listen(listen, orders.stirred), name="ingest.orders.listen")
        group.create_task(orders.run(), name="ingest.orders")


async def _listen(listen: Callable[[str, asyncio.Event], Awaitable[None]], stirred: asyncio.Event) -> None:
    await listen("shequ_orders", stirred)


async def _in_one(connection: Connection, work: Callable[[Connection], Awaitable[list[str]]]) -> list[str]:
    async with connection.transaction():
        return await work(connection)


def _topic(row: dict[str, Any], channel: str) -> str:
    return f"shequ/v1/{row['estate']}/{row['device']}/{channel}"
