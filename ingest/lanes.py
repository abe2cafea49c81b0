"""Messages that wait to be judged: what is about life overtakes the rest (design law 6).

The broker is answered in the order in which it sent (MQTT 5, 4.6), whatever was judged first:
an acknowledgement waits until everything before it has been committed too.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from devices.profiles import READINGS
from ingest.message import RawMessage

_ABOUT_LIFE: Final = "|".join(sorted(name for name, reading in READINGS.items() if reading.life_safety))
_URGENT: Final = re.compile(rf'"type"\s*:\s*"(?:{_ABOUT_LIFE})"'.encode())


def about_life(message: RawMessage) -> bool:
    """Glance, without decoding: it errs towards haste, and haste costs nothing but order."""
    return _URGENT.search(message.payload) is not None


class Lanes:
    """Two lanes in order of arrival, and what has been taken from them and not answered."""

    def __init__(self) -> None:
        self._urgent: deque[RawMessage] = deque()
        self._others: deque[RawMessage] = deque()
        self._unanswered: deque[int] = deque()
        self._done: set[int] = set()
        self._hurried = False

    def __len__(self) -> int:
        """How many wait."""
        return len(self._urgent) + len(self._others)

    @property
    def urgent(self) -> bool:
        """Whether anything about life waits."""
        return bool(self._urgent)

    def put(self, message: RawMessage) -> None:
        """Let a message wait in its lane, and owe an answer to it."""
        self.owe(message)
        self.queue(message)

    def owe(self, message: RawMessage) -> None:
        """Note that the broker waits for an answer to this message, after those before it."""
        if message.mid:  # QoS 0 has none and wants no answer
            self._unanswered.append(message.mid)

    def queue(self, message: RawMessage) -> None:
        """Let a message wait in its lane that is owed an answer already."""
        (self._urgent if about_life(message) else self._others).append(message)

    def take(self, most: int) -> list[RawMessage]:
        """Take at most `most`: the urgent ones alone, so that they are written at once.

        The next batch takes the others along, so that a flood of urgent messages starves nobody.
        A batch is of one connection, so that what comes again is told from what came before it.
        """
        lanes = (self._urgent,) if self._urgent and not self._hurried else (self._urgent, self._others)
        self._hurried = len(lanes) == 1
        return _of_one_connection(lanes, most)

    def rush(self, most: int) -> list[RawMessage]:
        """Take at most `most` of those about life, of one connection, whoever's turn it is."""
        return _of_one_connection((self._urgent,), most)

    @property
    def unhurried(self) -> int:
        """How many wait that are not about life."""
        return len(self._others)

    def spill(self) -> list[RawMessage]:
        """Take all of one connection that wait and are not about life."""
        return _of_one_connection((self._others,), len(self._others))

    def answer(self, messages: Iterable[RawMessage]) -> Iterator[int]:
        """Note messages of this connection as committed; yields what to acknowledge now, in order."""
        self._done.update(message.mid for message in messages if message.mid)
        while self._unanswered and self._unanswered[0] in self._done:
            mid = self._unanswered.popleft()
            self._done.discard(mid)
            yield mid

    def renew(self, ended: int) -> None:
        """The connection is another one: owe the old one no answer, and keep what it had brought.

        Usually it all comes again and is recognised. A broker that was killed may have forgotten it
        (it saves every ten seconds), and then these are the only copies. What is left of connections
        before the one that `ended` goes, so that never more than two windows wait.
        """
        self._urgent = deque(m for m in self._urgent if m.session == ended)
        self._others = deque(m for m in self._others if m.session == ended)
        self._unanswered.clear()
        self._done.clear()


def _of_one_connection(lanes: Iterable[deque[RawMessage]], most: int) -> list[RawMessage]:
    """Take from the lanes, one after the other, at most `most` that came by the same connection."""
    taken: list[RawMessage] = []
    for lane in lanes:
        while lane and len(taken) < most and (not taken or lane[0].session == taken[0].session):
            taken.append(lane.popleft())
    return taken
