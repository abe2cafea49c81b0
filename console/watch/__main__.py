"""`python -m console.watch`, `shequ watch`: press the canaries, look, and ring, until signalled.

It needs database and broker, and neither ingest nor console, duty or sender: what it finds wrong with
them it says by a channel of its own. Who watches the watch: every console (SYS-003), and whoever
outside expects its heartbeat.
"""

from __future__ import annotations

import asyncio
import logging
import secrets

import aiomqtt

from console.database import Database
from console.settings import WatchSettings
from console.watch.alarm import Bell
from console.watch.findings import BROKER
from console.watch.rounds import SQL, Rounds
from devices.canary import TOPIC, call
from devices.errors import StoreError
from ingest.__main__ import run_until_signalled
from ingest.clock import system_clock
from ingest.deliver.settings import open_secrets
from ingest.logs import set_up_logs
from ingest.settings import BrokerUrl, load
from ingest.transport import broker_context

log = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds the broker may take for a round of canaries
AWAY = 5.0  # seconds before a part that did not answer is asked again


async def run(settings: WatchSettings) -> None:
    """Watch until cancelled: straight-line wiring."""
    url = settings.database_url.get_secret_value()
    async with (
        Database.open(url, size=2) as database,
        Bell.open(
            settings.watch_alarm,
            heartbeat_url=settings.watch_heartbeat_url,
            private=settings.deliver_private or "",
            secrets=open_secrets(settings.secrets),
            clock=system_clock,
        ) as bell,
        asyncio.TaskGroup() as group,
    ):
        rounds = Rounds(database=database, bell=bell, settings=settings, clock=system_clock)
        group.create_task(_look(rounds), name="watch.look")
        group.create_task(_press(rounds), name="watch.press")
        if bell.channel is None:
            log.warning("no alarm can be sent: set SHEQU_WATCH_ALARM", extra={"action": "watch_mute"})
        log.info("the watch runs", extra={"action": "watch_started"})


async def _look(rounds: Rounds) -> None:
    remembered = False
    while True:
        try:
            if not remembered:
                await rounds.remember()
                remembered = True
        except StoreError as exc:
            log.warning("nothing is remembered yet: %s", exc, extra={"action": "watch_blind"})
        await rounds.look()
        await asyncio.sleep(rounds.settings.watch_every_s)


async def _press(rounds: Rounds) -> None:
    broker = BrokerUrl(rounds.settings.broker_url.get_secret_value())
    while True:
        try:
            async with asyncio.timeout(PATIENCE):
                await press(rounds.database, broker)
        except StoreError:  # said by the look
            await asyncio.sleep(AWAY)
        except (aiomqtt.MqttError, OSError, TimeoutError) as exc:
            log.warning("no canary could call: %s", exc, extra={"action": "canary_mute"})
            rounds.note(BROKER, there=False)
            await asyncio.sleep(AWAY)
        else:
            rounds.note(BROKER, there=True)
            await asyncio.sleep(rounds.settings.canary_every_s)


async def press(database: Database, broker: BrokerUrl) -> None:
    """Let every estate's canary call once; returns when the broker has promised to pass the calls on."""
    client = aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        identifier=f"shequ-watch-{secrets.token_hex(4)}",
        protocol=aiomqtt.ProtocolVersion.V5,
        tls_context=broker_context(broker),
    )
    async with client:
        id_ = secrets.token_hex(8)
        calls = await database.rows(SQL["press"], {"id": id_})
        async with asyncio.TaskGroup() as group:
            for row in calls:
                group.create_task(_call(client, row["estate"], id_), name=f"canary.{row['estate']}")


async def _call(client: aiomqtt.Client, estate: str, id_: str) -> None:
    for payload in call(id_, system_clock()):
        await client.publish(f"{TOPIC}/{estate}", payload, qos=1)


def main() -> None:
    """Entry point."""
    set_up_logs()
    run_until_signalled(run(load(WatchSettings)))


if __name__ == "__main__":
    main()
