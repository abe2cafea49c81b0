"""Why a rule spoke, or why it did not: events judged with every rule's answer written down.

A tracer wraps an engine and reads what it says and remembers; it changes no decision. The plain
words of its answers are in rules/plain_words.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from devices.event import Event, Flag
from devices.model import Registry
from rules.alert import Reason, Verb
from rules.condition import ANY, Said, hear
from rules.engine import Engine, MemoryKey, Outcome
from rules.inspect import kind_of
from rules.override import NONE, Overrides
from rules.predicate import RuleFailed
from rules.ruleset import Rule, Ruleset
from rules.subject import name_of, named
from rules.window import Memory

_FIELD = re.compile(r"\bdata\.([A-Za-z_]\w*)")


class Answer(StrEnum):
    """What became of an event at one rule."""

    RAISED = "raised"
    COUNTED = "counted"  # one more hit of the alert that stands
    CLEARED = "cleared"
    KEPT_SILENT = "kept_silent"  # it matched, and there was a reason to say nothing
    WAITING = "waiting"  # it matched: the rule is armed and waits for its time
    REMEMBERED = "remembered"  # it matched, and more of it is needed
    SEEN = "seen"  # a sign of life: the silence starts anew
    ENDED = "ended"  # it says that the state is over
    PREDICATE_FALSE = "predicate_false"
    NO_SUBJECT = "no_subject"  # it names nobody whom the rule looks after
    FAILED = "failed"  # the rule could not judge it


_SPOKEN: Mapping[Verb, Answer] = {
    Verb.RAISE: Answer.RAISED,
    Verb.HIT: Answer.COUNTED,
    Verb.CLEAR: Answer.CLEARED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Test:
    """A predicate, in the rule's words, with the figures that it looked at; None: not reported."""

    text: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One rule's answer to one event, or to the time."""

    at: datetime
    rule: str
    code: str
    subject: str
    answer: Answer
    event: str | None = None  # its id
    type: str | None = None
    reason: Reason | None = None
    due: datetime | None = None  # what it waits for
    tests: tuple[Test, ...] = ()
    explain: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """The whole answer for a device and a span: every finding, and who never listened."""

    device: str
    findings: tuple[Finding, ...]
    events: int
    deaf: tuple[tuple[str, str], ...]  # (rule, code) that hear nothing this device said
    standing: tuple[Finding, ...]  # waits that are still running at the end


def tests_for(texts: Mapping[str, Iterable[str]], kind: str, fields: Mapping[str, Any]) -> tuple[Test, ...]:
    """The predicates that a rule has for this type of event, with the event's figures."""
    return tuple(
        Test(text=text, figures={name: fields.get(name) for name in dict.fromkeys(_FIELD.findall(text))})
        for text in (*texts.get(kind, ()), *(() if kind in texts else texts.get(ANY, ())))
    )


class Tracer:
    """Judges the events of one estate and keeps what every rule made of one device's."""

    def __init__(
        self,
        ruleset: Ruleset,
        registry: Registry,
        device: str,
        start: datetime,
        *,
        texts: Mapping[str, Mapping[str, Iterable[str]]],
        overrides: Overrides = NONE,
    ) -> None:
        self._engine = Engine(ruleset, registry, overrides=overrides)
        self._registry = registry
        self._rules = ruleset.by_type
        self._ruleset = ruleset
        self._by_id = {rule.id: rule for rule in ruleset.rules}
        self._device = device
        self._profile = registry.devices[device].profile if device in registry.devices else ""
        self._texts = texts
        self._findings: list[Finding] = []
        self._memory: dict[MemoryKey, Memory] = {}
        self._heard: set[str] = set()
        self._subjects: set[tuple[str, str]] = set()
        self._events = 0
        self._note(self._engine.enrol(registry, start))
        self._from = start

    def feed(self, event: Event, watermark: datetime, *, wanted: bool) -> None:
        """Judge one event; `wanted`: it belongs to the span that is asked about."""
        self.wait(watermark)
        mine = wanted and event.device == self._device
        before = dict(self._memory) if mine else {}
        outcome = self._engine.feed(event, event.received_at)
        self._note(outcome)
        if not mine:
            return
        self._events += 1
        for rule in self._rules.get(event.type, ()):
            if rule.profiles is not None and self._profile not in rule.profiles:
                continue  # the rule is about other families
            self._heard.add(rule.id)
            self._findings.append(self._judge(rule, event, outcome, before))

    def wait(self, watermark: datetime) -> None:
        """Let time pass; what a wait for this device says is kept."""
        outcome = self._engine.tick(watermark)
        self._note(outcome)
        for signal in outcome.signals:
            mine = signal.device == self._device or (signal.rule, signal.subject) in self._subjects
            if mine and signal.at >= self._from:
                self._findings.append(
                    Finding(
                        at=signal.at,
                        rule=signal.rule,
                        code=signal.code,
                        subject=signal.subject,
                        answer=_SPOKEN[signal.verb],
                        reason=signal.reason,
                        explain=signal.explain,
                    )
                )
        for silence in outcome.silences:
            if silence.at >= self._from and (silence.rule, silence.subject) in self._subjects:
                self._findings.append(
                    Finding(
                        at=silence.at,
                        rule=silence.rule,
                        code=self._by_id[silence.rule].code,
                        subject=silence.subject,
                        answer=Answer.KEPT_SILENT,
                        reason=silence.reason,
                    )
                )

    def begin(self, start: datetime) -> None:
        """From here on findings count: what came before was the run-up."""
        self._from = start
        self._findings.clear()

    def account(self) -> Account:
        """Close the account."""
        standing = [self._standing(rule) for rule in self._ruleset.rules]
        return Account(
            device=self._device,
            findings=tuple(self._findings),
            events=self._events,
            deaf=tuple((r.id, r.code) for r in self._ruleset.rules if r.id not in self._heard),
            standing=tuple(s for s in standing if s is not None),
        )

    def _note(self, outcome: Outcome) -> None:
        for key, memory in outcome.memory.items():
            if memory is None:
                self._memory.pop(key, None)
            else:
                self._memory[key] = memory

    def _judge(
        self, rule: Rule, event: Event, outcome: Outcome, before: Mapping[MemoryKey, Memory]
    ) -> Finding:
        """Say what one rule made of the event."""
        subject = name_of(event, rule.subject, self._registry)
        answer, reason = Answer.NO_SUBJECT, None
        explain: Mapping[str, Any] = {}
        due = None
        if subject is not None:
            self._subjects.add((rule.id, subject))
            key = MemoryKey(event.estate, rule.id, subject)
            due = self._due(rule, key)
            answer, reason, explain = _answer(rule, subject, event, outcome)
            if answer is Answer.REMEMBERED:
                moved = self._memory.get(key) is not before.get(key)
                answer = _remembered(rule, due if moved else None)
        return Finding(
            at=event.happened_at,
            rule=rule.id,
            code=rule.code,
            subject=subject or "",
            answer=answer,
            event=event.id,
            type=event.type,
            reason=reason,
            due=due,
            tests=tests_for(self._texts.get(rule.id, {}), event.type, event.reading.fields()),
            explain=explain,
        )

    def _due(self, rule: Rule, key: MemoryKey) -> datetime | None:
        memory = self._memory.get(key)
        subject = named(self._registry, rule.subject, key.subject)
        if memory is None or subject is None:
            return None
        queued = getattr(memory, "events", ())  # they wait for the watermark: ask as if it had come
        settled = rule.condition.wake(memory, queued[-1].at, subject).memory if queued else memory
        return rule.condition.due(settled, subject)

    def _standing(self, rule: Rule) -> Finding | None:
        """A wait of this device's that is still running."""
        names = {self._device} | {s for r, s in self._subjects if r == rule.id}
        for key in sorted(k for k in self._memory if k.rule == rule.id and k.subject in names):
            due = self._due(rule, key)
            if due is not None:
                return Finding(
                    at=self._from,
                    rule=rule.id,
                    code=rule.code,
                    subject=key.subject,
                    answer=Answer.WAITING,
                    due=due,
                )
        return None


def _answer(
    rule: Rule, subject: str, event: Event, outcome: Outcome
) -> tuple[Answer, Reason | None, Mapping[str, Any]]:
    """Read an engine's outcome for one rule."""
    for signal in outcome.signals:
        if signal.rule == rule.id and signal.subject == subject:
            return _SPOKEN[signal.verb], signal.reason, signal.explain
    for silence in outcome.silences:
        if silence.rule == rule.id and silence.subject == subject:
            return Answer.KEPT_SILENT, silence.reason, {}
    try:
        said = _hear(rule, event)
    except RuleFailed as exc:
        return Answer.FAILED, None, {"problem": exc.problem}
    if said is Said.NOTHING or (event.flags and Flag.RETAINED in event.flags):
        return Answer.PREDICATE_FALSE, None, {}
    return (Answer.ENDED if said is Said.OVER else Answer.REMEMBERED), None, {}


def _hear(rule: Rule, event: Event) -> Said:
    """What the event means to the rule's condition, whatever becomes of it."""
    return hear(rule.condition.ears(event.reading.type), event.reading)


def _remembered(rule: Rule, due: datetime | None) -> Answer:
    """A match that raised nothing yet: it started a wait, was a sign of life, or was one of several."""
    if kind_of(rule) == "absence":
        return Answer.SEEN
    return Answer.WAITING if due is not None else Answer.REMEMBERED
