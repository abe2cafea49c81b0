"""How much is in hand: one batch being written, one sorted, and what is about life joins that one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from devices.event import Event
from devices.model import Device, Place, PlaceKind, Registry
from devices.profile import Message
from devices.profiles import PROFILES
from devices.profiles.door_contact import Contact
from devices.profiles.smoke_sensor import Smoke
from ingest.batch import Batch, Recent
from ingest.broker import Session, SessionSettings
from ingest.ears import Ears
from ingest.judge import Verdict
from ingest.message import NOT_THE_BROKER, RawMessage
from ingest.pipeline import Pipeline
from ingest.settings import BrokerUrl

NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)
REGISTRY = Registry.of(
    places=[Place(code="e", kind=PlaceKind.ESTATE, name_zh="e", name_en="e", path=("e",))],
    devices=[
        Device(id=name, estate="e", place="e", profile=family, name_zh=name, name_en=name, registered_at=NOW)
        for name, family in (("s", "smoke_sensor"), ("d", "door_contact"))
    ],
)


def said(mid: int, name: str) -> RawMessage:
    reading = Smoke(alarm=True) if name == "s" else Contact(state="open")
    payload = PROFILES[REGISTRY.devices[name].profile].encode(
        Message(id=f"{name}{mid}", at=NOW, reading=reading)
    )
    return RawMessage(
        topic=f"shequ/v1/e/{name}/event", payload=payload, received_at=NOW, retained=False, again=False,
        session=1, mid=mid,
    )  # fmt: skip


class Table:
    """A database whose commits wait until they are let go; `begun` and `written` hold the ids of batches."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[list[str]] = asyncio.Queue()
        self.gate = asyncio.Semaphore(0)

    @asynccontextmanager
    async def writer(self) -> AsyncIterator[Table]:
        """Lend itself."""
        yield self

    async def write(self, batch: Batch, judge: Callable[[Batch], Verdict]) -> None:
        """Say what is being written, judge it, and wait."""
        judge(batch)
        if batch.messages:
            await self.begun.put([step.id for step in batch.steps if isinstance(step, Event)])
            await self.gate.acquire()


class Shelf:
    """A backlog in a list; `kept` is what was put by and not taken."""

    limit = 50

    def __init__(self) -> None:
        self.kept: list[RawMessage] = []
        self.put_by = 0

    @property
    def rows(self) -> int:
        """How many wait."""
        return len(self.kept)

    async def put(self, messages: list[RawMessage], *, again: bool) -> None:
        """Keep these."""
        assert not again
        self.put_by += len(messages)
        self.kept += [msgspec.structs.replace(m, session=NOT_THE_BROKER) for m in messages]

    async def count(self) -> None:
        """Count what waits: `rows` always has."""

    async def take(self, most: int) -> list[RawMessage]:
        """Hand out the oldest."""
        taken, self.kept = self.kept[:most], self.kept[most:]
        return taken


class Desk:
    """The pipeline on a table of ours, with a session on no network."""

    def __init__(self, batch_size: int = 10) -> None:
        arrival = asyncio.Event()
        settings = SessionSettings(BrokerUrl("mqtt://u:p@h"), "i", 100)
        self.session = Session(settings, lambda: NOW, lambda _: None, arrival)
        self.session._generation = 1
        self.answered: list[int] = []
        vars(self.session)["_client"] = SimpleNamespace(acknowledge=self.answered.extend)
        self.session.hears.set()
        self.table = Table()
        judge: Any = SimpleNamespace(judge=lambda _: Verdict(), rehearse=lambda _: [])
        database: Any = self.table
        self.shelf = Shelf()
        backlog: Any = self.shelf
        self.pipeline = Pipeline(
            ears=Ears(first=self.session, early=None, arrival=arrival),
            database=database, backlog=backlog, judge=judge,
            recent=Recent(100), registry=REGISTRY, clock=lambda: NOW, batch_size=batch_size, batch_wait=0,
        )  # fmt: skip
        self._arrival = arrival

    async def hear(self, *messages: RawMessage) -> None:
        """Messages come, and everybody has had a turn."""
        for message in messages:
            self.session.waiting.put(message)
        self._arrival.set()
        for _ in range(20):
            await asyncio.sleep(0)

    async def commit(self) -> list[str]:
        """Let the running commit go; answers what is written next."""
        self.table.gate.release()
        return await self.table.begun.get()


@asynccontextmanager
async def working(made: Desk) -> AsyncIterator[Desk]:
    task = asyncio.create_task(made.pipeline.run(), name="test.pipeline")
    yield made
    task.cancel()
    await asyncio.wait([task])


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with working(Desk()) as made:
        yield made


async def test_an_alarm_joins_the_batch_that_is_next_and_nothing_else_does(desk: Desk) -> None:
    await desk.hear(said(1, "d"))
    assert await desk.table.begun.get() == ["d1"]
    await desk.hear(said(2, "d"))  # sorted while the first is written
    await desk.hear(said(3, "d"))  # waits: it is in nobody's hand
    await desk.hear(said(4, "s"))
    assert len(desk.session.waiting) == 2
    assert desk.answered == []
    assert await desk.commit() == ["d2", "s4"]
    await desk.hear()
    assert desk.answered == [1]
    assert await desk.commit() == ["d3"]
    await desk.hear()
    assert desk.answered == [1, 2]  # the alarm's turn is after the third, which is not committed
    desk.table.gate.release()
    await desk.hear()
    assert desk.answered == [1, 2, 3, 4]


async def test_what_comes_too_fast_is_put_by_and_judged_in_its_order(desk: Desk) -> None:
    """More than may wait in memory: answered once it is kept, judged in order; an alarm passes it by."""
    await desk.hear(said(1, "d"))
    assert await desk.table.begun.get() == ["d1"]
    await desk.hear(said(2, "d"))  # sorted, waits for the writer
    await desk.hear(*(said(n, "d") for n in range(3, 64)))
    assert desk.shelf.put_by == 0  # nobody takes anything before the writer does
    assert await desk.commit() == ["d2"]
    await desk.hear(said(64, "s"))
    assert desk.shelf.put_by == 61
    assert desk.answered == [1]  # the second is not committed, and the others stand behind it
    assert await desk.commit() == [*(f"d{n}" for n in range(3, 8)), "s64"]
    await desk.hear(said(65, "d"))
    assert desk.answered == list(range(1, 64))  # all that is kept, and not the alarm
    written = [await desk.commit() for _ in range(12)]
    assert [n for batch in written for n in batch] == [*(f"d{n}" for n in range(8, 64)), "d65"]
    await desk.hear(said(66, "d"))
    assert desk.shelf.put_by == 62, "the last came straight: nothing was waiting"
    assert await desk.commit() == ["d66"]


async def test_what_an_earlier_process_put_by_comes_before_what_comes() -> None:
    made = Desk()
    made.shelf.kept = [msgspec.structs.replace(said(n, "d"), session=NOT_THE_BROKER) for n in (1, 2)]
    made.session.waiting.put(said(3, "d"))
    async with working(made) as desk:
        assert await desk.table.begun.get() == ["d1", "d2", "d3"]
        assert desk.answered == [3]


async def test_what_joins_is_told_from_what_it_repeats(desk: Desk) -> None:
    """The device says its alarm again while the first word is sorted: one event, and a repetition noted."""
    await desk.hear(said(1, "d"))
    assert await desk.table.begun.get() == ["d1"]
    await desk.hear(said(2, "s"))
    await desk.hear(msgspec.structs.replace(said(2, "s"), mid=3))
    assert await desk.commit() == ["s2"]
    desk.table.gate.release()
    await desk.hear()
    assert desk.answered == [1, 2, 3]
