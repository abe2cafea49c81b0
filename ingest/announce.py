"""Show the native devices in Home Assistant: discovery configs, kept as the registry changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from devices.adapters.home_assistant import announcements
from devices.model import Registry
from ingest.broker import Session

log = logging.getLogger(__name__)

EVERY = 5.0  # seconds between two looks at the registry
MOST = 500  # configs sent at one look, so that a county's devices do not come all at once


async def announce(session: Session, registry: Callable[[], Registry]) -> None:
    """Publish what is new or changed, and take back what is gone, until cancelled.

    Configs are retained: a platform that starts again only repeats what the broker has.
    """
    told: dict[str, bytes] = {}
    while True:
        if session.connected:
            wanted = due(registry(), told)
            for topic, payload in wanted:
                session.publish(topic, payload, retain=True)
                if payload:
                    told[topic] = payload
                else:
                    del told[topic]
            if wanted:
                log.info("%d configs for Home Assistant", len(wanted), extra={"action": "announced"})
        await asyncio.sleep(EVERY)


def due(registry: Registry, told: dict[str, bytes]) -> list[tuple[str, bytes]]:
    """What must be published now; an empty payload takes a device back."""
    wires = [w for d in registry.devices.values() if d.dialect is None for w in announcements(d)]
    new = [(w.topic, w.payload) for w in wires if told.get(w.topic) != w.payload]
    gone = told.keys() - {w.topic for w in wires}
    return [*((topic, b"") for topic in sorted(gone)), *new][:MOST]
