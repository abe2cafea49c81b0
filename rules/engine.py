"""The engine: events and time in, decisions and what to remember out.

`Engine.feed` judges one event, `Engine.tick` whatever has become due, `Engine.enrol` a
new registry. None of them knows the time: `now` is a watermark in event time, and all
events up to it have been fed; each estate may have its own. Before an event is judged, its
subject's overdue timer runs at its own due time, so the answer does not depend on how
often somebody ticks. Conditions that wait for the watermark see to that themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import msgspec

from devices.codec import BEHIND
from devices.event import Event, Flag
from devices.model import Registry
from devices.reading import Skew
from rules import override
from rules.agenda import Agenda
from rules.alert import Reason, Verb
from rules.condition import Ears, Said, Step, Subject, Verdict, too_old
from rules.outcome import EMPTY, Draft, MemoryKey, Outcome, TimerKey
from rules.override import Overrides
from rules.predicate import RuleFailed
from rules.retained import remember
from rules.ruleset import Ruleset
from rules.speech import signal, silence
from rules.subject import at_home, name_of, named, population
from rules.track import NEVER, Slot, Track, Ways, homes_of, meets
from rules.window import NOTHING, Memory

__all__ = ["EMPTY", "Engine", "MemoryKey", "Outcome", "TimerKey"]

_WRONG_CLOCK = (Flag.AHEAD, Flag.CLOCK)


class Engine:
    """Judges the events of any number of estates by one ruleset."""

    def __init__(
        self,
        ruleset: Ruleset,
        registry: Registry,
        memory: Mapping[MemoryKey, Memory] = MappingProxyType({}),
        overrides: Overrides = override.NONE,
    ) -> None:
        self.ruleset = ruleset
        self._registry = registry
        self._devices = registry.devices
        self._overrides = overrides
        self._tracks = {
            rule.id: Track(i, rule, special=overrides.touches(rule.id))
            for i, rule in enumerate(ruleset.rules)
        }
        self._ranked = tuple(self._tracks.values())
        self._homes = homes_of(registry, self._tracks)
        self._ways = Ways(ruleset, self._tracks)
        self._agenda = Agenda(self._ranked)
        self._strays: list[MemoryKey] = []  # fit no rule or subject: forgotten at the next enrol
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
        slot = self._slot(track, name, subject)
        slot.memory = value
        track.slots[name.subject] = slot
        self._schedule(track, slot)

    def _slot(self, track: Track, name: MemoryKey, subject: Subject) -> Slot:
        return Slot(name, subject, track.variant(subject, self._registry, self._overrides))

    @property
    def next_due(self) -> datetime | None:
        """When `tick` next has something to do."""
        return self._agenda.next_due

    @property
    def estates(self) -> tuple[str, ...]:
        """The estates in which something has ever been due."""
        return self._agenda.estates

    def feed(self, event: Event, now: datetime) -> Outcome:  # noqa: ARG002, C901 - the hot path
        """Judge one event."""
        reading = event.reading
        late = False
        if event.flags:
            if Flag.RETAINED in event.flags:
                device = self._devices.get(event.device)
                way = self._ways.of(device.profile if device is not None else "", event.reading.type)
                return remember(way, event, self._registry)
            late = Flag.LATE in event.flags
        told, received = event.at, event.received_at
        happened = min(told, received)
        heard = happened if late else received
        draft: Draft | None = None
        name = event.device
        device = self._devices.get(name)
        for track, (when, over) in self._ways.of(device.profile if device is not None else "", reading.type):
            if track.deafens:
                slot = track.slots.get(name)
                if slot is not None and heard <= slot.deaf_until:
                    continue
            if track.special:
                when, over = self._variant_ears(track, event)  # noqa: PLW2901 - as the subject's overrides say
            try:
                if when is not None and when(reading):
                    said = Said.MET
                elif over is True or (over and over(reading)):
                    said = Said.OVER
                else:
                    continue
            except RuleFailed as exc:
                draft = draft or Draft()
                draft.failures.append(RuleFailed(exc.source, exc.problem, track.rule.id))
                continue
            draft = draft or Draft()
            self._judge(track, event, heard if track.by_arrival else happened, said, draft)
        if event.flags and any(flag in event.flags for flag in _WRONG_CLOCK):
            draft = draft or Draft()
            self._remark(event, draft)
        return EMPTY if draft is None else draft.outcome()

    def _judge(self, track: Track, event: Event, at: datetime, said: Said, draft: Draft) -> None:
        """Let one rule judge an event that means something to it."""
        name = event.device if track.by_device else name_of(event, track.rule.subject, self._registry)
        if name is None:
            return
        slot = track.slots.get(name)
        if slot is None:
            subject = named(self._registry, track.rule.subject, name)
            if subject is None or subject.estate != event.estate or not self._concerns(track, event.device):
                return
            slot = self._slot(track, MemoryKey(subject.estate, track.rule.id, name), subject)
        elif at <= slot.deaf_until:
            return
        if slot.due is not None and not track.settles and not too_old(event):
            while slot.due is not None and slot.due <= at:
                self._wake(track, slot, slot.due, draft)
        step = slot.condition.judge(slot.memory, said, event, at, slot.subject)
        if step is not None:
            self._apply(track, slot, step, draft, event)

    def _concerns(self, track: Track, device: str) -> bool:
        return not track.cared_homes or at_home(self._registry, self._homes, device)

    def _variant_ears(self, track: Track, event: Event) -> Ears:
        """How the rule hears for the subject of an event, if that has values of its own."""
        name = name_of(event, track.rule.subject, self._registry)
        slot = track.slots.get(name) if name is not None else None
        if slot is not None:
            return track.ears_of(slot.rule, event.reading.type)
        subject = named(self._registry, track.rule.subject, name) if name is not None else None
        rule = track.rule if subject is None else track.variant(subject, self._registry, self._overrides)
        return track.ears_of(rule, event.reading.type)

    def _remark(self, event: Event, draft: Draft) -> None:
        """Tell the rules about clocks that a message bore an impossible time."""
        skew = Skew(seconds=(event.at - event.received_at).total_seconds())
        remark = msgspec.structs.replace(event, reading=skew, flags=())
        for track, ears in self._ways.of("", Skew.type):
            if meets(ears, skew):
                self._judge(track, remark, event.received_at, Said.MET, draft)

    def tick(self, now: datetime, estate: str | None = None) -> Outcome:
        """Do everything that is due by `now`, in one estate or in all."""
        draft: Draft | None = None
        for track, slot in self._agenda.due(now, estate):
            draft = draft or Draft()
            self._wake(track, slot, now, draft)
        return EMPTY if draft is None else draft.outcome()

    def _wake(self, track: Track, slot: Slot, now: datetime, draft: Draft) -> None:
        due = slot.due
        if due is None or slot.memory is None:
            return
        if slot.idle:
            self._forget(track, slot, draft)
            return
        late = now - due
        step = slot.condition.wake(slot.memory, now, slot.subject)
        self._apply(track, slot, step, draft, late_by=late if late > BEHIND else None)
        if slot.memory == NOTHING:
            self._forget(track, slot, draft)

    def _forget(self, track: Track, slot: Slot, draft: Draft) -> None:
        draft.memory[slot.key] = None
        draft.timers[slot.key] = None
        slot.due = None
        track.slots.pop(slot.key.subject, None)

    def enrol(self, registry: Registry, now: datetime) -> Outcome:
        """Take in a new registry: arm the silence of the new, forget the gone, review the changed."""
        self._registry = registry
        self._devices = registry.devices
        self._homes = homes_of(registry, self._tracks)
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

    def configure(self, overrides: Overrides, now: datetime) -> Outcome:
        """Take in other overrides: what is remembered stays, and is judged by the new values from now on."""
        self._overrides = overrides
        for track in self._ranked:
            track.special = overrides.touches(track.rule.id)
            track.variants.clear()
            track.heard_as.clear()
        return self.enrol(self._registry, now)

    def _reconsider(self, track: Track, slot: Slot, now: datetime, draft: Draft) -> None:
        """Go on with the subject as it now is, or end what is known about it."""
        by, name = track.rule.subject, slot.key.subject
        subject = named(self._registry, by, name)
        if subject is None or subject.estate != slot.key.estate or not self._covers(track, subject):
            if slot.memory is not None and slot.memory.fired:
                gone = Verdict(verb=Verb.CLEAR, at=now, reason=Reason.SUBJECT_GONE)
                draft.signals.append(signal(track.rule, slot.subject, gone, None, None))
            self._forget(track, slot, draft)
            return
        rule = track.variant(subject, self._registry, self._overrides)
        changed = subject != slot.subject or rule is not slot.rule
        slot.subject, slot.rule, slot.condition = subject, rule, rule.condition
        step = None if slot.memory is None else slot.condition.review(slot.memory, now, subject)
        if step is not None:
            self._apply(track, slot, step, draft)
        elif changed and self._schedule(track, slot):
            draft.timers[slot.key] = slot.due

    def _covers(self, track: Track, subject: Subject) -> bool:
        """Whether the rule is about this subject: its family, its home."""
        if subject.device is None:
            return True
        families = track.rule.profiles
        return (families is None or subject.profile in families) and self._concerns(track, subject.device)

    def _arm(self, track: Track, name: str, now: datetime, draft: Draft) -> None:
        subject = named(self._registry, track.rule.subject, name)
        if subject is None or not self._covers(track, subject):
            return
        memory = track.condition.arm(subject, now)
        if memory is not None:
            slot = self._slot(track, MemoryKey(subject.estate, track.rule.id, name), subject)
            self._apply(track, slot, Step(memory), draft)

    def _apply(  # noqa: PLR0917 - the hot path: keywords cost time
        self,
        track: Track,
        slot: Slot,
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
                draft.silences.append(silence(slot.rule, slot.subject, verdict))
            else:
                draft.signals.append(signal(slot.rule, slot.subject, verdict, event, late_by))

    def _schedule(self, track: Track, slot: Slot) -> bool:
        """Work out again what follows from the memory; whether the due time moved."""
        slot.deaf_until = slot.condition.deaf_until(slot.memory, slot.subject) or NEVER
        due = slot.next_due()
        moved = due != slot.due
        slot.due = due
        self._agenda.queue(track.rank, slot)
        return moved
