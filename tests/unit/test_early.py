"""The line for what is about life: a copy ahead, each event once, no order turned round."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from devices.event import Event
from devices.model import Device, Place, PlaceKind, Registry
from devices.profile import Message
from devices.profiles import PROFILES
from devices.profiles.door_contact import Contact
from devices.profiles.smoke_sensor import Smoke
from devices.reading import Reading
from ingest.batch import Batch, Recent, sort_out
from ingest.broker import SessionSettings
from ingest.early import EarlySession, topics_of
from ingest.ears import Ears
from ingest.message import RawMessage
from ingest.settings import BrokerUrl

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def device(name: str, profile: str = "smoke_sensor", registered_at: datetime = NOW) -> Device:
    return Device(
        id=name, estate="e", place="e", profile=profile, name_zh=name, name_en=name,
        registered_at=registered_at,
    )  # fmt: skip


REGISTRY = Registry.of(
    places=[Place(code="e", kind=PlaceKind.ESTATE, name_zh="e", name_en="e", path=("e",))],
    devices=[device("s1"), device("s2"), device("d1", "door_contact")],
)


def said(
    name: str, id_: str, reading: Reading | None = None, *, mid: int = 0, early: bool = False
) -> RawMessage:
    family = REGISTRY.devices[name].profile
    payload = PROFILES[family].encode(Message(id=id_, at=NOW, reading=reading or Smoke(alarm=True)))
    return RawMessage(
        topic=f"shequ/v1/e/{name}/event", payload=payload, received_at=NOW, retained=False, again=False,
        session=1, mid=mid, early=early,
    )  # fmt: skip


def sorted_out(recent: Recent, messages: Iterable[RawMessage]) -> Batch:
    """A batch, and what the pipeline keeps of it."""
    batch = sort_out(list(messages), REGISTRY, recent)
    recent.add((e.device, e.id) for e in batch.events())
    recent.expect(batch.early, batch.met)
    return batch


@given(
    ids=st.lists(st.sampled_from("abc"), max_size=12),
    ahead=st.lists(st.booleans(), min_size=24, max_size=24),
    cuts=st.sets(st.integers(0, 24)),
)
def test_both_copies_in_any_order_and_batches_are_one_event_and_only_the_device_repeats(
    ids: list[str], ahead: list[bool], cuts: set[int]
) -> None:
    spoken = [said("s1", id_) for id_ in ids]
    early = [msgspec.structs.replace(message, early=True) for message in spoken]
    arrivals: list[RawMessage] = []
    for first in ahead:
        arrivals += [(early if first and early else spoken or early).pop(0)] if early or spoken else []
    recent, events, repeated = Recent(100), list[Event](), 0
    edges = [0, *sorted(c for c in cuts if c < len(arrivals)), len(arrivals)]
    for begin, end in pairwise(edges):
        batch = sorted_out(recent, arrivals[begin:end])
        events += batch.events()
        repeated += batch.repeated.get("s1", 0)
    assert [e.id for e in events] == list(dict.fromkeys(ids))
    assert repeated == len(ids) - len(set(ids))


def test_what_is_wrong_with_a_copy_is_left_to_the_one_that_counts() -> None:
    recent = Recent(10)
    broken = msgspec.structs.replace(said("s1", "1", early=True), payload=b'{"type": "smoke"')
    stranger = msgspec.structs.replace(said("s1", "1", early=True), topic="shequ/v1/e/nobody/event")
    years = said("s1", "1", early=True)
    late = msgspec.structs.replace(years, received_at=NOW + timedelta(days=900))
    batch = sorted_out(recent, [broken, stranger, late])
    assert (batch.steps, batch.quarantined, batch.unknown) == ([], [], False)
    counts = msgspec.structs.replace(late, early=False)
    assert [e.flags for e in sorted_out(recent, [counts]).events()] == [("clock",)]


class Line:
    """An early session on no network: what it asked for and answered."""

    def __init__(self, heard_to: datetime | None = None) -> None:
        self.now = NOW
        self.asked: list[list[str]] = []
        self.answered: list[int] = []
        settings = SessionSettings(BrokerUrl("mqtt://u:p@h"), "i-life", 100)
        self.session = EarlySession(settings, lambda: self.now, asyncio.Event(), heard_to)
        self.client: Any = SimpleNamespace(
            subscribe=self._subscribe,
            unsubscribe=lambda _: None,
            is_connected=lambda: True,
            acknowledge=self.answered.extend,
        )
        vars(self.session)["_client"] = self.client

    def _subscribe(self, topics: list[tuple[str, object]]) -> tuple[int, int]:
        self.asked.append([topic for topic, _ in topics])
        return 0, len(self.asked)

    def connect(self, *, resumed: bool) -> None:
        """The broker lets it in, and knows it or not."""
        self.session._generation += 1
        self.session._subscribe(self.client, resumed=resumed)

    def promise(self) -> None:
        """The broker answers the newest request."""
        codes = [SimpleNamespace(is_failure=False) for _ in self.asked[-1]]
        self.session._on_subscribe(self.client, None, len(self.asked), codes, None)

    def hear(self, name: str, id_: str, mid: int) -> None:
        """A smoke alarm comes by this line."""
        self.session._put(said(name, id_, mid=mid))

    def taken(self) -> list[str]:
        """What waits for the pipeline."""
        return [msgspec.json.decode(m.payload)["id"] for m in self.session.waiting.take(99)]


async def test_a_device_is_heard_early_once_everything_older_has_been_judged() -> None:
    line = Line()
    line.session.follow(REGISTRY.devices.values())
    line.asked.clear()
    line.connect(resumed=False)
    assert line.asked == [["shequ/v1/e/s1/event", "shequ/v1/e/s2/event"]]
    line.hear("s1", "1", mid=1)
    line.promise()
    line.session.trust(NOW)  # sent before the promise, or with it
    line.hear("s1", "2", mid=2)
    assert line.taken() == []
    line.session.trust(NOW + SECOND)
    line.hear("s1", "3", mid=3)
    assert line.taken() == ["1", "2", "3"]
    assert line.answered == []


async def test_a_newcomer_waits_and_the_others_do_not() -> None:
    line = Line()
    line.session.follow([REGISTRY.devices["s1"]])
    line.connect(resumed=False)
    line.promise()
    line.session.trust(NOW + SECOND)
    line.session.follow(REGISTRY.devices.values())
    assert line.asked[-1] == ["shequ/v1/e/s2/event"]
    line.now += 2 * SECOND
    line.promise()
    line.hear("s2", "1", mid=1)
    line.hear("s1", "2", mid=2)
    assert line.taken() == ["2"]
    line.session.trust(NOW + 3 * SECOND)
    assert line.taken() == ["1"]


async def test_after_a_restart_the_session_that_was_kept_is_trusted_but_for_newcomers() -> None:
    line = Line(heard_to=NOW - SECOND)
    line.session.follow([device("s1", registered_at=NOW - timedelta(days=1)), device("s2")])
    line.connect(resumed=True)
    line.hear("s1", "1", mid=1)
    line.hear("s2", "2", mid=2)
    assert line.taken() == ["1"]
    lost = Line(heard_to=NOW)
    lost.session.follow([device("s1", registered_at=NOW - timedelta(days=1))])
    lost.connect(resumed=False)  # the broker knows nothing of us any more
    lost.hear("s1", "1", mid=1)
    assert lost.taken() == []


async def test_what_is_not_about_life_is_answered_at_once_in_its_turn() -> None:
    line = Line(heard_to=NOW + SECOND)
    line.session.follow(REGISTRY.devices.values())
    line.connect(resumed=True)
    line.hear("s1", "1", mid=1)
    line.session._put(
        msgspec.structs.replace(said("d1", "x", Contact(state="open"), mid=2), topic="shequ/v1/e/s1/event")
    )
    assert line.answered == []  # after the one before it
    line.session.ack(line.session.waiting.take(9))
    assert line.answered == [1, 2]


async def test_the_early_line_goes_alone_and_the_next_batch_takes_the_others_along() -> None:
    line = Line(heard_to=NOW + SECOND)
    first: Any = Line().session
    ears = Ears(first=first, early=line.session, arrival=asyncio.Event())
    ears.follow(REGISTRY.devices.values())
    line.connect(resumed=True)
    taken: list[list[str]] = []
    for mid in (1, 2):
        first.waiting.put(msgspec.structs.replace(said("d1", f"d{mid}", Contact(state="open"), mid=mid)))
        line.hear("s1", f"s{mid}", mid=mid)
        batch = await ears.take(10, 0)
        taken.append([msgspec.json.decode(m.payload)["id"] for m in batch])
    assert taken == [["s1"], ["s2", "d1", "d2"]]


def test_families_that_never_speak_of_life_are_not_asked_for() -> None:
    assert set(topics_of(REGISTRY.devices.values())) == {"shequ/v1/e/s1/event", "shequ/v1/e/s2/event"}
