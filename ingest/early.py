"""A second line to the broker for what is about life: it does not wait there behind everything else.

A broker hands a session its messages in order, so behind a backlog an alarm would wait as long as the
backlog is deep. This session subscribes to the events of those devices only whose family can speak of
life. What it brings is a copy: the first session brings every message too, and only its copy counts
for acknowledging, quarantine and time. Whichever comes first is stored and judged, the other is known by
its `(device, id)`.

It must not turn an order round: a device's older alarm may still lie in the backlog when it is first
listened to here, and would then be judged after a newer word. So a topic is *wary* at first: its messages
wait, unanswered, until a marker that was sent after the broker had promised this subscription has come
through the first session and was committed. By then everything older is judged.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import paho.mqtt.client as mqtt

from devices.model import Device
from devices.profiles import PROFILES, READINGS
from ingest.broker import HEARD_ONCE, Session, SessionSettings
from ingest.clock import Clock
from ingest.lanes import about_life
from ingest.message import RawMessage

log = logging.getLogger(__name__)

SUFFIX: Final = "-life"  # of the client id
WINDOW: Final = 1000  # messages, at most
KEPT: Final = 24 * 3600  # seconds away after which the broker forgets: the first session has it all
AT_ONCE: Final = 500  # topics in one request
NEVER: Final = datetime.max.replace(tzinfo=UTC)
_FAMILIES: Final = frozenset(
    family for family, profile in PROFILES.items() if any(READINGS[t].life_safety for t in profile.types)
)


def topics_of(devices: Iterable[Device]) -> dict[str, datetime]:
    """Where the devices speak that can speak of life, and since when each is registered."""
    return {
        f"shequ/v1/{d.estate}/{d.id}/event": d.registered_at
        for d in devices
        if d.profile in _FAMILIES and d.dialect is None
    }


def _portions(topics: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(topics[n : n + AT_ONCE]) for n in range(0, len(topics), AT_ONCE))


class EarlySession(Session):
    """The second line; `heard_to` is how far an earlier process had judged, None where there was none."""

    def __init__(
        self, settings: SessionSettings, clock: Clock, arrival: asyncio.Event, heard_to: datetime | None
    ) -> None:
        super().__init__(settings, clock, lambda _: None, arrival)
        self._heard_to = heard_to
        self._topics: dict[str, datetime] = {}
        self._wary: dict[str, datetime] = {}  # since when all of it is heard
        self._asked: dict[int | None, tuple[str, ...]] = {}
        self._pen: deque[RawMessage] = deque()

    def follow(self, devices: Iterable[Device]) -> None:
        """Listen to these devices, as far as they can speak of life, and to no others."""
        topics = topics_of(devices)
        gone, new = self._topics.keys() - topics.keys(), topics.keys() - self._topics.keys()
        self._topics = topics
        self._wary = {t: since for t, since in self._wary.items() if t not in gone}
        self._wary |= dict.fromkeys(new, NEVER)
        if self.connected:
            self._ask(self._client, sorted(new))
            for some in _portions(sorted(gone)):
                self._client.unsubscribe(list(some))
        self._release()

    def trust(self, marker: datetime) -> None:
        """Everything sent before this time has been judged: who was promised before it need not wait."""
        ready = [topic for topic, since in self._wary.items() if since < marker]
        if ready:
            for topic in ready:
                del self._wary[topic]
            self._release()

    def _release(self) -> None:
        held, self._pen = self._pen, deque()
        for message in held:
            if message.topic in self._wary:
                self._pen.append(message)
            else:
                self.waiting.queue(message)
        self._arrival.set()

    def _subscribe(self, client: mqtt.Client, *, resumed: bool) -> None:
        self._pen = deque(m for m in self._pen if m.session == self._generation - 1)
        self._asked.clear()
        if not resumed:
            self._wary = dict.fromkeys(self._topics, NEVER)
        elif self._generation == 1 and self._heard_to is not None:
            # an earlier process listened to whatever had been registered by then
            self._wary = {t: NEVER for t, at in self._topics.items() if at >= self._heard_to}
        self._ask(client, self._topics)

    def _ask(self, client: mqtt.Client, topics: Iterable[str]) -> None:
        for some in _portions(list(topics)):
            _, mid = client.subscribe([(topic, HEARD_ONCE) for topic in some])
            self._asked[mid] = some

    def _on_subscribe(self, _client: mqtt.Client, _data: Any, mid: int, codes: Any, _properties: Any) -> None:
        asked = self._asked.pop(mid, ())
        refused = [topic for topic, code in zip(asked, codes, strict=False) if code.is_failure]
        if refused:
            log.error("no early hearing of %s", refused[:5], extra={"action": "early_refused"})
        now = self._clock()
        for topic in self._wary.keys() & (set(asked) - set(refused)):
            self._wary[topic] = min(self._wary[topic], now)
        self.hears.set()

    def _put(self, message: RawMessage) -> None:
        copy = msgspec.structs.replace(message, early=True)
        self.waiting.owe(copy)
        if copy.retained or copy.topic not in self._topics or not about_life(copy):
            self.ack([copy])  # the first session's business
        elif copy.topic in self._wary:
            self._pen.append(copy)
        else:
            self.waiting.queue(copy)
