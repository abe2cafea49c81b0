"""Simulated devices obey: they take configuration, carry out commands, and say so.

One connection with the gateway's account answers for all of them: what a device would say itself
goes out under its own topics.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import aiomqtt

from devices.profile import Message
from devices.profiles import PROFILES
from devices.reading import State

ORDERS = ("shequ/v1/+/+/config", "shequ/v1/+/+/command")
_LOG = logging.getLogger("shequ.simulators")


async def obey(
    host: str,
    port: int,
    login: tuple[str, str],
    clock: Callable[[], datetime],
    *,
    mute: Collection[str] = (),
) -> None:
    """Answer until cancelled, whatever becomes of the broker meanwhile; `mute` devices answer themselves."""
    while True:
        try:
            await answer_orders(host, port, login, clock, mute=mute)
        except (aiomqtt.MqttError, OSError) as exc:
            _LOG.info("orders wait: %s", exc, extra={"action": "answer_retry"})
        await asyncio.sleep(1)


async def answer_orders(
    host: str,
    port: int,
    login: tuple[str, str],
    clock: Callable[[], datetime],
    *,
    stubborn: Collection[str] = (),
    mute: Collection[str] = (),
    ready: asyncio.Event | None = None,
) -> None:
    """Answer until cancelled; `stubborn` devices refuse everything, `mute` ones never answer."""
    async with aiomqtt.Client(
        host,
        port,
        username=login[0],
        password=login[1],
        identifier=f"sim-answers-{login[0]}",
        timeout=math.inf,
    ) as client:
        for topic in ORDERS:
            await client.subscribe(topic, qos=1)
        if ready is not None:
            ready.set()
        async for message in client.messages:
            _, _, estate, device, channel = message.topic.value.split("/")
            try:
                order = json.loads(bytes(message.payload or b"{}"))
            except ValueError:
                continue
            if device in mute or not order:
                continue
            topic, payload = _answer(channel, order, clock(), refuse=device in stubborn)
            await client.publish(f"shequ/v1/{estate}/{device}/{topic}", payload, qos=1)
            _LOG.debug("answered", extra={"action": "answer", "device": device})


def _answer(channel: str, order: dict[str, Any], now: datetime, *, refuse: bool) -> tuple[str, bytes]:
    if channel == "config":
        state = State(
            config_version=order["version"],
            config_hash=order["hash"],
            config_status="failed" if refuse else "applied",
            config_reason="this device refuses everything" if refuse else None,
        )
        told = Message(id=f"cfg-{order['version']}-{now.timestamp():.0f}", at=now, reading=state)
        return "state", PROFILES["smoke_sensor"].encode(told)  # every family speaks `state` alike
    late = datetime.fromisoformat(order["expires_at"]) <= now
    result = "refused" if refuse or late else "done"
    reason = "too late" if late else "this device refuses everything" if refuse else None
    body = {"id": order["id"], "at": now.isoformat(), "result": result, "reason": reason, "data": {}}
    return "reply", json.dumps(body).encode()
