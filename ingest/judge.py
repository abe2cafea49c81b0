"""The judge: walks a batch through the engine and gathers what must be written.

The engine is pure and already ahead of the database once it has judged; whatever it
said is kept in a `Verdict` until the transaction that holds it has committed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from devices.errors import Fault, Stage
from devices.event import Event
from devices.model import Registry
from ingest.batch import Marker, Quarantined
from ingest.message import RawMessage
from rules.alert import Signal, Verb
from rules.engine import EMPTY, Engine, MemoryKey, Outcome, TimerKey
from rules.predicate import RuleFailed
from rules.window import Memory

log = logging.getLogger(__name__)


OUTAGE = timedelta(minutes=1)  # the platform itself was away for longer than this:
WARM_UP = timedelta(seconds=30)  # devices get so long to come back before their silence counts


@dataclass(slots=True)
class Verdict:
    """Everything that the engine changed, newest word per key; `clock` is how far judgement has come."""

    signals: list[tuple[Signal, int]] = field(default_factory=list)  # with how often it was said in a row
    memory: dict[MemoryKey, Memory | None] = field(default_factory=dict)
    timers: dict[TimerKey, datetime | None] = field(default_factory=dict)
    clock: datetime | None = None
    failed: list[Quarantined] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Append what one feed or tick said."""
        for signal in outcome.signals:
            last = self.signals[-1][0] if self.signals else None
            if (
                last is not None
                and signal.verb is last.verb is Verb.HIT
                and signal.fingerprint == last.fingerprint
            ):
                self.signals[-1] = (signal, self.signals[-1][1] + 1)
            else:
                self.signals.append((signal, 1))
        self.memory.update(outcome.memory)
        self.timers.update(outcome.timers)


class Judge:
    """The engine and its sense of time: markers say up to when everything has been heard."""

    def __init__(self, engine: Engine, lateness: timedelta, clock: datetime | None) -> None:
        self._engine = engine
        self._lateness = lateness
        self._clock = clock
        self._held_until: datetime | None = None
        self._pending = Verdict()

    def enrol(self, registry: Registry, now: datetime) -> None:
        """Tell the engine who there is; what follows from it is written with the next batch."""
        self._pending.add(self._engine.enrol(registry, now))

    def judge(self, steps: Iterable[Event | Marker]) -> Verdict:
        """Feed events and let time pass at markers, in order of arrival."""
        verdict, self._pending = self._pending, Verdict()
        engine = self._engine
        for step in steps:
            if isinstance(step, Marker):
                self._pass(step.at - self._lateness, verdict)
            else:
                outcome = engine.feed(step, step.received_at)
                if outcome is not EMPTY:
                    verdict.add(outcome)
                    verdict.failed.extend(_set_aside(step, failure) for failure in outcome.failures)
        verdict.clock = self._clock
        return verdict

    def _pass(self, to: datetime, verdict: Verdict) -> None:
        """Let event time pass up to `to`; markers of an earlier life change nothing."""
        if self._clock is not None and to - self._clock > OUTAGE and self._held_until is None:
            self._held_until = to + WARM_UP
        if self._held_until is not None and to < self._held_until:
            return
        self._held_until = None
        if self._clock is None or to > self._clock:
            self._clock = to
            verdict.add(self._engine.tick(to))


def _set_aside(event: Event, problem: RuleFailed) -> Quarantined:
    """A rule could not judge this event: the event is stored, and a person must know."""
    log.error("rule failed: %s", problem, extra={"action": "rule_failed", "device": event.device})
    message = RawMessage(
        topic=f"shequ/v1/{event.estate}/{event.device}/event",
        payload=msgspec.json.encode(event),
        received_at=event.received_at,
        retained=event.retained,
        again=False,
        session=0,
        mid=0,
    )
    return Quarantined(message=message, stage=Stage.JUDGE, reason=Fault.RULE_FAILED, detail=str(problem))
