"""The wire of the rules: versions, back-tests, explanations (docs/reference/http.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from console.schemas import AlertLogRow, Event, Instant, Wire
from console.wishes import Wish
from ingest.store.rule_moves import RuleVerb

Source = Annotated[str, Field(min_length=1, max_length=256 * 1024)]
Reason = Annotated[str, Field(min_length=1, max_length=2000)]


class RuleRow(Wire):
    """A rule in the list; `live` and `shadow` are versions, null where none is."""

    id: str
    code: str
    name_zh: str
    name_en: str
    severity: int
    live: int | None
    shadow: int | None
    newest: int
    origin: str | None
    author: str | None
    live_at: Instant | None


class Rules(Wire):
    """Every rule."""

    items: list[RuleRow]


class RuleVersion(Wire):
    """One version of a rule, with its text."""

    version: int
    state: str
    origin: str
    author: str
    reason: str
    created_at: Instant
    live_at: Instant | None
    source: str


class RuleDetail(Wire):
    """A rule with all its versions, its log, and what its version in shadow would have said."""

    id: str
    versions: list[RuleVersion]
    log: list[dict[str, Any]]
    shadowed: list[dict[str, Any]]


class TextWish(Wish):
    """A request with a rule's text, which is kept to the letter: places in it are told by line and column."""

    model_config = ConfigDict(str_strip_whitespace=False)


class NewVersion(TextWish):
    """A text of one rule to keep as a draft."""

    source: Source
    reason: Reason


class Draft(Wire):
    """The draft that was made."""

    id: str
    version: int


class RuleText(TextWish):
    """A text to check."""

    source: Source


class RuleFault(Wire):
    """Where a text is wrong, and what to write instead."""

    line: int
    column: int
    problem: str
    problem_zh: str


class Checked(Wire):
    """The answer of a check; `rules` are the ids that the text holds."""

    ok: bool
    rules: list[str]
    errors: list[RuleFault]


class RuleAction(Wish):
    """What to do with a rule; without a version: the newest that it can be done with."""

    action: RuleVerb
    version: int | None = None
    reason: Reason


class RuleMoved(Wire):
    """What was done, and what becomes of the engine's memory: kept, restarted or nothing."""

    rule: str
    version: int
    before: int | None
    state: str
    memory: str | None = None
    memory_zh: str | None = None
    memory_en: str | None = None


class BacktestWish(TextWish):
    """A text, or a stored version, to try on the past; by default the last 30 days."""

    source: Source | None = None
    rule: Annotated[str, Field(max_length=64)] | None = None
    version: int | None = None
    start: datetime | None = None
    end: datetime | None = None


class Hit(Wire):
    """An alert of a back-test; `id` and `outcome` where it was really raised."""

    fingerprint: str
    severity: int
    place: str
    subject: str
    device: str | None
    at: datetime
    ended: datetime | None
    reason: str
    id: int | None
    outcome: str | None


class Backtest(Wire):
    """What a version would have done; the lists are examples, the counts are whole."""

    rule: str
    start: datetime
    end: datetime
    events: int
    sentence_zh: str
    sentence_en: str
    counts: dict[str, int]
    days: dict[str, dict[str, int]]
    missed: list[Hit]
    spared: list[Hit]
    false: list[Hit]
    fresh: list[Hit]


class Said(Wire):
    """A sentence in both languages."""

    zh: str
    en: str


class Explained(Wire):
    """The chain behind an alert: events, what the rule remembered, figures, version, what kept silent."""

    alert: int
    code: str
    rule: str
    rule_version: int | None
    rule_source: str | None
    reason: str
    values: dict[str, Any]
    window: dict[str, Any] | None
    predicates: dict[str, list[str]]
    events: list[Event]
    silences: list[dict[str, Any]]
    handling: list[dict[str, Any]]
    log: list[AlertLogRow]
    words: list[Said]


class WhyFinding(Said):
    """One rule's answer to one event."""

    at: datetime
    rule: str
    code: str
    subject: str
    event: str | None
    type: str | None
    answer: str
    reason: str | None
    due: datetime | None
    tests: list[dict[str, Any]]


class Why(Wire):
    """What the rules made of a device's events in a span; `deaf` rules hear none of its types."""

    device: str
    start: datetime
    end: datetime
    events: int
    summary: Said
    findings: list[WhyFinding]
    standing: list[WhyFinding]
    deaf: list[str]


class Memory(Said):
    """What one rule remembers of one subject, and what it waits for."""

    rule: str
    code: str
    kind: str
    estate: str
    subject: str
    standing: str
    due: datetime | None
    memory: dict[str, Any]
    bytes: int


class EngineState(Wire):
    """The engine's memory, as the last batch left it."""

    judged_to: Instant | None
    bytes: int
    devices: int
    bytes_per_device: float
    items: list[Memory]
