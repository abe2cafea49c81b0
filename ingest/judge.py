"""The judge: walks a batch through the engine and gathers what must be written.

The engine is pure and already ahead of the database once it has judged; whatever it
said is kept in a `Verdict` until the transaction that holds it has committed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from devices.errors import Fault, Stage
from devices.event import Event
from devices.model import Registry
from ingest.batch import Marker, Quarantined, set_aside
from ingest.bench import Bench
from rules.alert import Signal, Silence, Verb
from rules.engine import EMPTY, MemoryKey, Outcome, TimerKey
from rules.handling.case import Case, Note
from rules.handling.desk import Desk
from rules.override import NONE, Overrides, fitting
from rules.predicate import RuleFailed
from rules.ruleset import Rule
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
    windows: dict[int, Memory] = field(default_factory=dict)  # by signal: what its rule remembered then
    silences: list[Silence] = field(default_factory=list)
    shadow: list[Signal] = field(default_factory=list)  # of versions that nobody hears
    versions: Mapping[str, int] = field(default_factory=dict)  # of the rules that judged
    cases: list[Case] = field(default_factory=list)  # the signals, handled
    rules: Mapping[str, Rule] = field(default_factory=dict)  # by id, as they judged
    notes: dict[MemoryKey, Note | None] = field(default_factory=dict)  # what handling remembers
    exchanged: bool = False  # the memory belongs to these versions from now on
    raised: dict[int, Signal] = field(default_factory=dict)  # alerts that are new, once they are written
    canaries: list[Case] = field(default_factory=list)  # what was said to their calls: nobody hears it

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
                window = outcome.memory.get(MemoryKey(signal.estate, signal.rule, signal.subject))
                if window is not None:
                    self.windows[len(self.signals)] = window
                self.signals.append((signal, 1))
        self.silences.extend(outcome.silences)
        self.memory.update(outcome.memory)
        self.timers.update(outcome.timers)

    def shade(self, outcomes: Iterable[Outcome]) -> None:
        """Append what versions in the shadow said: kept, but no alert."""
        for outcome in outcomes:
            self.shadow.extend(s for s in outcome.signals if s.verb is not Verb.HIT)
            self.memory.update(outcome.memory)
            self.timers.update(outcome.timers)


class Judge:
    """The engine and its sense of time: markers say up to when everything has been heard."""

    def __init__(
        self, bench: Bench, lateness: timedelta, clock: datetime | None, desk: Desk | None = None
    ) -> None:
        self.desk = desk or Desk({}, Registry(), {})
        self._lateness = lateness
        self._clock = clock
        self._slow: dict[str, timedelta] = {}  # estates with a lateness of their own
        self._held_until: datetime | None = None
        self._overrides = NONE
        self._pending = Verdict()
        self.exchange(bench)

    @property
    def bench(self) -> Bench:
        """Who judges now."""
        return self._bench

    def exchange(self, bench: Bench) -> None:
        """Go on with other rules; what follows from it is written with the next batch."""
        self._bench = bench
        self.desk.rules = {rule.id: rule for rule in bench.book.live.rules}
        if self._overrides is not NONE and self._clock is not None:
            self._pending.add(bench.engine.configure(self._fitting(), self._clock))
        self._pending.exchanged = True
        self._take(bench.first)

    def enrol(self, registry: Registry, now: datetime) -> None:
        """Tell the engine who there is; what follows from it is written with the next batch."""
        self.desk.registry = registry
        self._slow = {p.code: p.lateness for p in registry.places.values() if p.lateness is not None}
        self._take(self._bench.enrol(registry, now))

    def configure(self, overrides: Overrides, now: datetime) -> None:
        """Take in other overrides of thresholds; what follows from it is written with the next batch."""
        if overrides != self._overrides:
            self._overrides = overrides
            self._pending.add(self._bench.engine.configure(self._fitting(), now))

    def _fitting(self) -> Overrides:
        """The overrides that the rules take; the others are complained of."""
        good, problems = fitting(self._overrides, self.desk.rules)
        for problem in problems:
            log.error("a threshold is left out: %s", problem, extra={"action": "override_left_out"})
        return good

    def _take(self, outcomes: tuple[Outcome, ...]) -> None:
        """Keep outcomes for the next batch: the live engine's, then those of the shadow."""
        live = len(outcomes) - len(self._bench.shadows)
        for outcome in outcomes[:live]:
            self._pending.add(outcome)
        self._pending.shade(outcomes[live:])

    def judge(self, steps: Iterable[Event | Marker]) -> Verdict:
        """Feed events and let time pass at markers, in order of arrival."""
        verdict, self._pending = self._pending, Verdict()
        bench, engine = self._bench, self._bench.engine
        for step in steps:
            if isinstance(step, Marker):
                self._pass(step.at - self._lateness, verdict)
            else:
                outcome = engine.feed(step, step.received_at)
                if outcome is not EMPTY:
                    verdict.add(outcome)
                    verdict.failed.extend(_set_aside(step, failure) for failure in outcome.failures)
                if bench.shadows:
                    verdict.shade(bench.shade(step))
        verdict.cases, verdict.notes = self.desk.handle(verdict.signals)
        verdict.rules = self.desk.rules
        verdict.clock = self._clock
        verdict.versions = bench.book.versions
        return verdict

    def rehearse(self, calls: Iterable[Event]) -> list[Case]:
        """What the rules in force say to the canaries' calls, without a trace in what is remembered."""
        heard = [s for call in calls for s in self._bench.canaries.feed(call, call.received_at).signals]
        return [Case(signal=signal) for signal in heard if signal.verb is Verb.RAISE]

    def _pass(self, to: datetime, verdict: Verdict) -> None:
        """Let event time pass up to `to`; markers of an earlier life change nothing."""
        if self._clock is not None and to - self._clock > OUTAGE and self._held_until is None:
            self._held_until = to + WARM_UP
        if self._held_until is not None and to < self._held_until:
            return
        self._held_until = None
        if self._clock is None or to > self._clock:
            self._clock = to
            if not self._slow:
                verdict.add(self._bench.engine.tick(to))
                verdict.shade(self._bench.shade_tick(to))
                return
            for estate in self._bench.estates():
                mark = self.watermark(estate, to)
                verdict.add(self._bench.engine.tick(mark, estate))
                verdict.shade(self._bench.shade_tick(mark, estate))

    def watermark(self, estate: str, clock: datetime) -> datetime:
        """Up to when everything of an estate has been heard, where judgement as a whole has come to `clock`.

        It follows from the one clock that is saved, so that there is nothing else to survive a restart.
        """
        return clock + self._lateness - self._slow.get(estate, self._lateness)


def _set_aside(event: Event, problem: RuleFailed) -> Quarantined:
    """A rule could not judge this event: the event is stored, and a person must know."""
    log.error("rule failed: %s", problem, extra={"action": "rule_failed", "device": event.device})
    return set_aside(event, Stage.JUDGE, Fault.RULE_FAILED, str(problem))
