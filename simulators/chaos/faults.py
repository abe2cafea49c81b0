"""The table of faults: `shequ drill --chaos LIST` takes its keys, each with `=amount` if wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from devices.errors import Fault as Blame
from devices.errors import SettingError
from devices.reading import State
from simulators.chaos.site import Detail, Site
from simulators.chaos.slow import slow_consumer
from simulators.timeline import Kind, Sending, say

WIRES: Final = ("ingest-broker", "ingest-database", "console-database")
STRANGE: Final = 5.0  # seconds that a clock stays wrong
UNDER_FAKETIME: Final = "run the drill by scripts/set_clock.sh (libfaketime)"
LATE: Final = 0.5  # seconds a slow line adds in each direction
Act = Callable[[Site, float], Awaitable[Detail]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that goes wrong: what `act` does with an amount of `unit`s, usually `usual`."""

    about: str
    act: Act
    usual: float = 0.0
    unit: str = ""
    wires: tuple[str, ...] = ()
    disk: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A fault of the list and how much of it."""

    key: str
    amount: float


def _kill(name: str) -> Act:
    async def act(site: Site, _: float) -> Detail:
        await asyncio.sleep(site.rng.random() * 0.3)  # anywhere within a batch
        await site.servers[name].kill()
        return {}

    return act


async def _broker(site: Site, _: float) -> Detail:
    await asyncio.sleep(site.rng.random() * 0.3)
    await site.broker.kill()
    await site.broker.start()
    return {}


async def _broker_restart(site: Site, _: float) -> Detail:
    await site.broker.restart()
    return {}


async def _database(site: Site, _: float) -> Detail:
    await asyncio.sleep(site.rng.random() * 0.3)
    await site.database.kill()
    await site.database.start()
    return {}


async def _database_stop(site: Site, seconds: float) -> Detail:
    await site.database.stop()
    await asyncio.sleep(seconds)
    await site.database.start()
    return {}


async def _disk_full(site: Site, seconds: float) -> Detail:
    """Fill the database's own small disk: every write of it answers ENOSPC."""
    if site.disk is None:
        raise SettingError("--chaos", "disk-full needs a disk of the drill's own")
    ballast = site.disk / "ballast"
    filled = await asyncio.to_thread(_fill, ballast)
    await asyncio.sleep(seconds)
    survived = site.database.alive
    ballast.unlink()
    if not site.database.alive:
        await site.database.start()
    return {"ballast_bytes": filled, "database_survived": survived}


def _fill(file: Path) -> int:
    block, written = b"\0" * 2**16, 0
    with file.open("wb", buffering=0) as out, suppress(OSError):  # ENOSPC is what we are here for
        while True:
            written += out.write(block)
    return written


async def _net_cut(site: Site, seconds: float) -> Detail:
    """Pull the cables, then let the connections break: both that a network does."""
    lines = site.among(WIRES)
    for line in lines:
        line.cut()
    await asyncio.sleep(seconds)
    for line in lines:
        line.mend()
        line.drop()
    return {"lines": list(WIRES)}


async def _net_delay(site: Site, seconds: float) -> Detail:
    lines = site.among(WIRES)
    for line in lines:
        line.delay = LATE
    await asyncio.sleep(seconds)
    for line in lines:
        line.delay = 0.0
    return {"lines": list(WIRES), "delay_ms": LATE * 1000}


async def _clock_jump(site: Site, seconds: float) -> Detail:
    """Set the clock of the whole machine forward, and after a while back again."""
    if site.clock is None:
        raise SettingError("--chaos", f"clock-jump needs a clock that can be set: {UNDER_FAKETIME}")
    for at in (seconds, 0.0):
        site.clock.write_text(f"{at:+.0f}\n", encoding="ascii")
        await asyncio.sleep(STRANGE)
    return {"forwards_s": seconds, "then_back_s": seconds}


async def _poison(site: Site, count: float) -> Detail:
    """A flood of bytes that nothing can decode, under the topics of devices that exist."""
    devices = cycle(site.speakers)
    flood = [
        Sending(
            when=site.pace.at,
            estate=device.estate,
            device=device.id,
            kind=Kind.RAW,
            topic=f"shequ/v1/{device.estate}/{device.id}/event",
            raw=b"\xff\xfe poison %d" % n,
            blame=Blame.NOT_JSON,
        )
        for n, device in enumerate(islice(devices, int(count)))
    ]
    await site.publish(flood)
    return {"messages": len(flood)}


async def _backlog(site: Site, count: float) -> Detail:
    """Ingest is away while so many messages arrive; they wait in the broker."""
    devices = cycle(site.speakers)
    server = site.servers["ingest"]
    async with site.pace.standing() as now:
        server.wanted.clear()
        try:
            await server.kill()
            await site.publish(
                say(device, now, State(rssi=-60.0), f"backlog-{n}", source="backlog")
                for n, device in enumerate(islice(devices, int(count)))
            )
        finally:
            server.wanted.set()
    return {"messages": int(count)}


FAULTS: Final[dict[str, Fault]] = {
    "ingest": Fault(about="ingest is killed (-9)", act=_kill("ingest")),
    "console": Fault(about="the console is killed (-9)", act=_kill("serve")),
    "duty": Fault(about="duty is killed (-9)", act=_kill("duty")),
    "deliver": Fault(about="the sender is killed (-9)", act=_kill("deliver")),
    "broker": Fault(about="the broker is killed (-9)", act=_broker),
    "broker-restart": Fault(about="the broker restarts in order", act=_broker_restart),
    "database": Fault(about="the database is killed (-9)", act=_database),
    "database-stop": Fault(about="the database is stopped", act=_database_stop, usual=3, unit="s"),
    "disk-full": Fault(about="the database's disk is full", act=_disk_full, usual=3, unit="s", disk=True),
    "net-cut": Fault(
        about="no byte passes between the parts, then their connections break",
        act=_net_cut,
        usual=2,
        unit="s",
        wires=WIRES,
    ),
    "net-delay": Fault(
        about="500 ms each way between the parts", act=_net_delay, usual=3, unit="s", wires=WIRES
    ),
    "clock-jump": Fault(
        about="the machine's clock jumps forward, and back again", act=_clock_jump, usual=1800, unit="s"
    ),
    "slow-consumer": Fault(
        about="readers of the live feed that do not read", act=slow_consumer, usual=20, unit="readers"
    ),
    "poison": Fault(about="undecodable messages", act=_poison, usual=5000, unit="messages"),
    "backlog": Fault(
        about="messages that arrive while ingest is away", act=_backlog, usual=20_000, unit="messages"
    ),
}


def parse_chaos(text: str) -> tuple[Order, ...]:
    """Read a list such as `ingest,database-stop=120`; raises SettingError naming what is wrong."""
    orders = []
    for word in filter(None, (word.strip() for word in text.split(","))):
        key, _, amount = word.partition("=")
        fault = FAULTS.get(key)
        if fault is None:
            raise SettingError("--chaos", f"{key!r}: choose from {', '.join(FAULTS)}")
        if amount and not fault.unit:
            raise SettingError("--chaos", f"{word!r}: {key} takes no amount")
        if amount and not (amount.isdecimal() and int(amount)):
            raise SettingError("--chaos", f"{word!r}: write {key}={fault.usual:.0f} ({fault.unit})")
        orders.append(Order(key, float(amount) if amount else fault.usual))
    return tuple(orders)
