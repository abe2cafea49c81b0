"""The engine: events and time in, decisions and what to remember out.

`Engine.feed` judges one event, `Engine.tick` whatever has become due, `Engine.enrol` a
new registry. None of them knows the time: `now` is a watermark in event time, and all
events up to it have been fed. Before an event is judged, its subject's overdue timer
runs at its own due time, so the answer does not depend on how often somebody ticks.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from devices.codec import BEHIND
from devices.event import Event, Flag
from devices.model import Registry
from rules.alert import Reason, Silence, Verb
from rules.condition import By, Said, Step, Subject, Verdict, key, too_old
from rules.outcome import EMPTY, Draft, MemoryKey, Outcome, TimerKey
from rules.predicate import RuleFailed
from rules.ruleset import Rule, Ruleset
from rules.speech import signal, silence
from rules.subject import name_of, named, population
from rules.window import Memory

__all__ = ["EMPTY", "Engine", "MemoryKey", "Outcome", "TimerKey"]

_NEVER = datetime.min.replace(tzinfo=UTC)


class _Slot:
    """One rule's memory of one subject, with what follows from it."""

    __slots__ = ("deaf_until", "due", "key", "memory", "queued", "subject")

    def __init__(self, name: MemoryKey, subject: Subject) -> None:
        self.key = name
        self.subject = subject
        self.memory: Memory | None = None
        self.due: datetime | None = None
        self.queued: datetime | None = None  # the earliest entry of the heap that will look here
        self.deaf_until = _NEVER


class _Track:
    """One rule and the slots of all its subjects."""

    __slots__ = ("by_arrival", "by_device", "condition", "hears", "rank", "rule", "slots")

    def __init__(self, rank: int, rule: Rule) -> None:
        self.rank = rank
        self.rule = rule
        self.condition = rule.condition
        self.hears = rule.condition.hears
        self.by_arrival = rule.condition.by_arrival
        self.by_device = rule.subject is By.DEVICE
        self.slots: dict[str, _Slot] = {}


class Engine:
    """Judges the events of any number of estates by one ruleset."""

    def __init__(
        self, ruleset: Ruleset, registry: Registry, memory: Mapping[MemoryKey, Memory] = MappingProxyType({})
    ) -> None:
        self.ruleset = ruleset
        self._registry = registry
        self._tracks = {rule.id: _Track(i, rule) for i, rule in enumerate(ruleset.rules)}
        self._ranked = tuple(self._tracks.values())
        self._by_type = {
            kind: tuple(self._tracks[r.id] for r in rules) for kind, rules in ruleset.by_type.items()
        }
        self._heap: list[tuple[datetime, int, str]] = []
        self._strays: list[
            MemoryKey
        ] = []  # memories that fit no rule or subject: forgotten at the next enrol
        for name, value in memory.items():
            self._recall(MemoryKey(*name), value)

    def _recall(self, name: MemoryKey, value: Memory) -> None:
        """Take back a saved memory."""
        track = self._tracks.get(name.rule)
        if track is None or not isinstance(value, track.condition.remembers):
            self._strays.append(name)
            return
        subject = named(self._registry, track.rule.subject, name.subject)
        if subject is None or subject.estate != name.estate:
            if name.subject in track.slots or subject is not None:
                self._strays.append(name)
                return
            subject = Subject(name=name.subject, estate=name.estate, place=name.estate)
        slot = _Slot(name, subject)
        slot.memory = value
        track.slots[name.subject] = slot
        self._schedule(track, slot)

    @property
    def next_due(self) -> datetime | None:
        """When `tick` next has something to do."""
        while self._heap:
            due, rank, name = self._heap[0]
            slot = self._ranked[rank].slots.get(name)
            if slot is not None and slot.due == due:
                return due
            heapq.heappop(self._heap)
            self._requeue(rank, slot, due)
        return None

    def feed(self, event: Event, now: datetime) -> Outcome:  # noqa: ARG002 - the event brings its time
        """Judge one event."""
        reading = event.reading
        if event.flags and Flag.RETAINED in event.flags:
            return self._hush(event)
        happened = event.happened_at
        heard = happened if event.flags and Flag.LATE in event.flags else event.received_at
        draft: Draft | None = None
        for track in self._by_type.get(reading.type, ()):
            name = event.device if track.by_device else name_of(event, track.rule.subject, self._registry)
            if name is None:
                continue
            slot = track.slots.get(name)
            at = heard if track.by_arrival else happened
            if slot is not None and at <= slot.deaf_until:
                continue
            try:
                said = track.hears(reading)
            except RuleFailed as exc:
                draft = draft or Draft()
                draft.failures.append(RuleFailed(exc.source, exc.problem, track.rule.id))
                continue
            if said is Said.NOTHING:
                continue
            draft = draft or Draft()
            self._judge(track, slot, name, event, at, said, draft)
        return EMPTY if draft is None else draft.outcome()

    def _judge(  # noqa: PLR0917 - the hot path: keywords cost time
        self,
        track: _Track,
        slot: _Slot | None,
        name: str,
        event: Event,
        at: datetime,
        said: Said,
        draft: Draft,
    ) -> None:
        if slot is None:
            subject = named(self._registry, track.rule.subject, name)
            if subject is None or subject.estate != event.estate:
                return
            slot = _Slot(MemoryKey(subject.estate, track.rule.id, name), subject)
        if slot.due is not None and not too_old(event):
            while slot.due is not None and slot.due <= at:
                self._wake(track, slot, slot.due, draft)
        step = track.condition.judge(slot.memory, said, event, at, slot.subject)
        if step is not None:
            self._apply(track, slot, step, draft, event)

    def tick(self, now: datetime) -> Outcome:
        """Do everything that is due by `now`."""
        if not self._heap or self._heap[0][0] > now:
            return EMPTY
        draft = Draft()
        while self._heap and self._heap[0][0] <= now:
            due, rank, name = heapq.heappop(self._heap)
            track = self._ranked[rank]
            slot = track.slots.get(name)
            if slot is None or slot.due != due:
                self._requeue(rank, slot, due)
                continue
            slot.queued = None
            self._wake(track, slot, now, draft)
        return draft.outcome()

    def _wake(self, track: _Track, slot: _Slot, now: datetime, draft: Draft) -> None:
        due = slot.due
        if due is None or slot.memory is None:
            return
        late = now - due
        self._apply(
            track,
            slot,
            track.condition.wake(slot.memory, now, slot.subject),
            draft,
            late_by=late if late > BEHIND else None,
        )

    def enrol(self, registry: Registry, now: datetime) -> Outcome:
        """Take in a new registry: arm the silence of the new, forget the gone, review the changed."""
        self._registry = registry
        draft = Draft()
        draft.memory.update(dict.fromkeys(self._strays))
        draft.timers.update(dict.fromkeys(self._strays))
        self._strays.clear()
        for track in self._ranked:
            for name in sorted(track.slots):
                self._reconsider(track, track.slots[name], now, draft)
            for name in population(registry, track.rule.subject):
                if name not in track.slots:
                    self._arm(track, name, now, draft)
        return draft.outcome()

    def _reconsider(self, track: _Track, slot: _Slot, now: datetime, draft: Draft) -> None:
        """Go on with the subject as it now is, or end what is known about it."""
        by, name = track.rule.subject, slot.key.subject
        subject = named(self._registry, by, name)
        if subject is None or subject.estate != slot.key.estate:
            if slot.memory is not None and slot.memory.fired:
                gone = Verdict(verb=Verb.CLEAR, at=now, reason=Reason.SUBJECT_GONE)
                draft.signals.append(signal(track.rule, slot.subject, gone, None, None))
            draft.memory[slot.key] = None
            draft.timers[slot.key] = None
            del track.slots[name]
            return
        changed = subject != slot.subject
        slot.subject = subject
        step = None if slot.memory is None else track.condition.review(slot.memory, now, subject)
        if step is not None:
            self._apply(track, slot, step, draft)
        elif changed and self._schedule(track, slot):
            draft.timers[slot.key] = slot.due

    def _arm(self, track: _Track, name: str, now: datetime, draft: Draft) -> None:
        subject = named(self._registry, track.rule.subject, name)
        if subject is None:
            return
        memory = track.condition.arm(subject, now)
        if memory is not None:
            slot = _Slot(MemoryKey(subject.estate, track.rule.id, name), subject)
            self._apply(track, slot, Step(memory), draft)

    def _apply(  # noqa: PLR0917 - as above
        self,
        track: _Track,
        slot: _Slot,
        step: Step,
        draft: Draft,
        event: Event | None = None,
        late_by: timedelta | None = None,
    ) -> None:
        """Remember what a condition decided, and say it."""
        if step.memory is not slot.memory:
            slot.memory = step.memory
            track.slots[slot.key.subject] = slot
            draft.memory[slot.key] = step.memory
            if self._schedule(track, slot):
                draft.timers[slot.key] = slot.due
        for verdict in step.verdicts:
            if verdict.verb is None:
                draft.silences.append(silence(track.rule, slot.subject, verdict))
            else:
                draft.signals.append(signal(track.rule, slot.subject, verdict, event, late_by))

    def _schedule(self, track: _Track, slot: _Slot) -> bool:
        """Work out again what follows from the memory; whether the due time moved."""
        memory = slot.memory
        slot.deaf_until = track.condition.deaf_until(memory, slot.subject) or _NEVER
        due = track.condition.due(memory, slot.subject)
        moved = due != slot.due
        slot.due = due
        self._queue(track.rank, slot)
        return moved

    def _queue(self, rank: int, slot: _Slot) -> None:
        """See that the heap looks here in time; an entry that comes too early queues itself again."""
        if slot.due is not None and (slot.queued is None or slot.due < slot.queued):
            slot.queued = slot.due
            heapq.heappush(self._heap, (slot.due, rank, slot.key.subject))

    def _requeue(self, rank: int, slot: _Slot | None, popped: datetime) -> None:
        """Deal with a stale entry of the heap."""
        if slot is not None and slot.queued == popped:
            slot.queued = None
            self._queue(rank, slot)

    def _hush(self, event: Event) -> Outcome:
        """Note which rules a retained message would have moved."""
        draft = Draft()
        for track in self._by_type.get(event.reading.type, ()):
            name = name_of(event, track.rule.subject, self._registry)
            try:
                met = name is not None and track.hears(event.reading) is Said.MET
            except RuleFailed as exc:
                draft.failures.append(RuleFailed(exc.source, exc.problem, track.rule.id))
                continue
            if met and name is not None:
                draft.silences.append(
                    Silence(
                        rule=track.rule.id,
                        estate=event.estate,
                        subject=name,
                        at=event.happened_at,
                        reason=Reason.RETAINED,
                        evidence=key(event),
                    )
                )
        return draft.outcome()
