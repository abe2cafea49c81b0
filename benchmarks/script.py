"""What an engineer writes in an afternoon: aiomqtt in, nine rules, psycopg out, a transaction per message.

`python -m benchmarks.script HOST PORT USER DATABASE_URL` runs until it is stopped. The password comes in
`LOAD_PASSWORD`. It acknowledges before it commits, as aiomqtt does, and remembers nothing: neither what came
twice nor what a rule has to wait for.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import aiomqtt
import psycopg

INSERT: Final = """
    INSERT INTO rival_events (device, id, at, estate, type, data, alerts)
    VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"""
Judge = Callable[[Mapping[str, Any]], bool]
RULES: Final[tuple[tuple[str, str, Judge], ...]] = (
    ("FIRE-001", "smoke", lambda d: d.get("alarm") is True),
    ("FIRE-003", "gas", lambda d: d.get("alarm") is True),
    ("SOS-001", "sos", lambda d: d.get("action") == "pressed"),
    ("SEC-004", "contact", lambda d: d.get("state") == "open" and d.get("tamper") is True),
    ("FIRE-006", "camera.object", lambda d: d.get("zone") == "fire-lane" and d.get("phase") != "leave"),
    ("SEC-009", "camera.object", lambda d: d.get("count", 0) > 15),  # noqa: PLR2004 - a rule's threshold
    ("SEC-001", "gate.pass", lambda d: d.get("result") == "denied"),
    ("DEV-002", "state", lambda d: d.get("battery", 100) < 20),  # noqa: PLR2004
    ("FIRE-002", "temperature", lambda d: d.get("celsius", 0) > 60),  # noqa: PLR2004
)


async def main() -> None:
    """Subscribe and store, one message after the other."""
    host, port, user, url = sys.argv[1:]
    password = os.environ["LOAD_PASSWORD"]
    async with (
        await psycopg.AsyncConnection.connect(url, autocommit=True) as connection,
        aiomqtt.Client(host, int(port), username=user, password=password) as client,
    ):
        await client.subscribe("shequ/v1/+/+/+", qos=1)
        async for message in client.messages:
            _, _, estate, device, _ = str(message.topic).split("/")
            said = json.loads(bytes(message.payload))
            data = said.get("data", {})
            alerts = [code for code, kind, holds in RULES if kind == said["type"] and holds(data)]
            row = (device, said["id"], said["at"], estate, said["type"], json.dumps(data), ",".join(alerts))
            await connection.execute(INSERT, row)


if __name__ == "__main__":
    asyncio.run(main())
