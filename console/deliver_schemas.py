"""The wire of delivery: channels, letters, tests, the cascade."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from console.schemas import Instant, Wire
from console.wishes import Clock, Code, Text, Title, Wish
from ingest.deliver.outbox import Channel, LetterState
from rules.incident import State

Reason = Annotated[str, Field(min_length=2, max_length=500)]
TestState = Literal["waiting", "answered", "missed"]


class LastTest(Wire):
    """The newest test of a channel."""

    id: int
    state: TestState
    asked_at: Instant
    due_at: Instant
    answered_at: Instant | None
    answered_by: str | None


class EndpointHealth(Wire):
    """One way out, its settings (secrets by name) and its health."""

    code: str
    channel: Channel
    driver: str
    name_zh: str
    name_en: str
    place: str | None
    party: str
    language: str
    settings: dict[str, Any]
    concurrency: int
    rate_per_s: float
    timeout_s: float
    enabled: bool
    version: int
    problem: str | None
    queued: int
    oldest_s: float | None
    dead: int
    last_success: Instant | None
    tries_1h: int
    failures_1h: int
    last_test: LastTest | None


class Endpoints(Wire):
    """Every way out."""

    items: list[EndpointHealth]


class NewEndpoint(Wish):
    """A way out; the settings depend on channel and driver, secrets stand in them by name only."""

    code: Code
    channel: Channel
    driver: Annotated[str, Field(min_length=1, max_length=32)]
    name_zh: Title
    name_en: Title
    place: Code | None = None
    party: Annotated[str, Field(max_length=64)] = ""
    language: Literal["zh", "en"] = "zh"
    settings: dict[str, Any] = Field(default_factory=dict)
    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    rate_per_s: Annotated[float, Field(gt=0, le=1000)] = 10.0
    timeout_s: Annotated[float, Field(gt=0, le=120)] = 10.0
    enabled: bool = True


class ChangedEndpoint(NewEndpoint):
    """An endpoint as it should be; `version` is the one that was read."""

    version: int


class LetterRow(Wire):
    """A letter; addresses of people are masked."""

    id: int
    key: str
    channel: Channel
    party: str
    state: LetterState
    to: str
    person: str | None
    person_name: str | None
    severity: int
    drill: bool
    estate: str | None
    incident_id: int | None
    alert_id: int | None
    template: str | None
    text: str
    endpoint: str | None
    attempts: int
    last_error: str | None
    created_at: Instant
    due_at: Instant
    sent_at: Instant | None
    expires_at: Instant


class ReceiptRow(Wire):
    """What became of a letter, at one time."""

    at: Instant
    state: str
    reason: str
    actor: str
    attempt: int


class LetterDetail(LetterRow):
    """A letter with all its receipts."""

    receipts: list[ReceiptRow]


class LetterAction(Wish):
    """What a person does with a dead letter."""

    action: Literal["retry", "discard"]
    reason: Reason


class ChannelTest(Wire):
    """One test and its answer."""

    id: int
    endpoint: str
    channel: Channel
    name_zh: str
    name_en: str
    state: TestState
    person: str | None
    asked_at: Instant
    asked_by: str
    due_at: Instant
    answered_at: Instant | None
    answered_by: str | None
    letter: int | None
    letter_state: LetterState | None
    problem: str | None


class NewTest(Wish):
    """A test now: to an address, or to a person."""

    endpoint: Code
    to: Annotated[str, Field(max_length=200)] = ""
    person: Code | None = None
    window_s: Annotated[int, Field(ge=10, le=86_400)] = 600


class NewTestPlan(NewTest):
    """A test at intervals."""

    every_s: Annotated[int, Field(ge=60, le=90 * 86_400)] = 7 * 86_400


class TestPlan(Wire):
    """A test that comes again."""

    id: int
    endpoint: str
    to: str
    person: str | None
    every_s: int
    window_s: int
    next_at: Instant
    enabled: bool
    by: str


class TestPlans(Wire):
    """Every planned test."""

    items: list[TestPlan]


class Contact(Wish):
    """How a person is told by one channel."""

    channel: Literal[Channel.SMS, Channel.VOICE, Channel.EMAIL]
    address: Annotated[str, Field(max_length=200)] | None = None
    worst: Annotated[int, Field(ge=1, le=4)] = 4
    quiet_from: Clock | None = None
    quiet_to: Clock | None = None
    language: Literal["zh", "en"] = "zh"
    enabled: bool = True

    @model_validator(mode="after")
    def _fits(self) -> Contact:
        if (self.quiet_from is None) != (self.quiet_to is None):
            problem = "quiet hours have a beginning and an end"
            raise ValueError(problem)
        pattern = r"[^@\s]+@[^@\s]+" if self.channel is Channel.EMAIL else r"\+?\d{3,15}"
        if self.address is not None and not re.fullmatch(pattern, self.address):
            problem = f"this is no address for {self.channel}"
            raise ValueError(problem)
        return self


class Contacts(Wire):
    """Every channel of a person."""

    items: list[dict[str, Any]]


class Receipt(Wish):
    """What a gateway says of a letter, or what somebody wrote back (`text`) or pressed (`digits`)."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: Annotated[str, Field(max_length=200)] | None = None
    key: Annotated[str, Field(max_length=200)] | None = None
    state: Literal["delivered", "read", "failed"] | None = None
    reason: Annotated[str, Field(max_length=500)] = ""
    text: Text | None = None
    sender: Annotated[str, Field(max_length=64)] = ""
    digits: Annotated[str, Field(max_length=32)] | None = None


class CascadeCase(Wish):
    """A case as the other centre shows it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    case_code: Annotated[str, Field(min_length=1, max_length=64)]
    code: Annotated[str, Field(min_length=1, max_length=64)]
    severity: Annotated[int, Field(ge=1, le=4)]
    state: State
    estate: Annotated[str, Field(max_length=64)]
    opened_at: AwareDatetime
    lead_org: Annotated[str, Field(max_length=64)] | None = None
    outcome: Annotated[str, Field(max_length=64)] | None = None
    drill: bool = False
    kind: Annotated[str, Field(max_length=32)] = "alert"
    title: Annotated[str, Field(max_length=200)] = ""
    source: Annotated[str, Field(pattern=r"^[0-9]{2}$")] = "99"


class CascadeStep(Wish):
    """One row of the other centre's record."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)
    seq: Annotated[int, Field(ge=1)]
    at: AwareDatetime
    action: Annotated[str, Field(min_length=1, max_length=64)]
    actor: Annotated[str, Field(max_length=128)]
    before: Annotated[str | None, Field(alias="from")] = None
    to: State
    reason: Text = ""


class CascadeMove(Wish):
    """What crosses a link: a move of a case, or a note (a channel test)."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["move", "note"]
    case: CascadeCase | None = None
    move: CascadeStep | None = None

    @model_validator(mode="after")
    def _whole(self) -> CascadeMove:
        if self.kind == "move" and (self.case is None or self.move is None):
            problem = "a move names its case and its step"
            raise ValueError(problem)
        return self


class CascadeTaken(Wire):
    """What became of a move here."""

    incident_id: int | None
    seq: int | None
    known: bool


class CascadeLink(Wire):
    """A link to another centre and its health."""

    code: str
    name_zh: str
    name_en: str
    direction: Literal["up", "down"]
    url: str
    enabled: bool
    problem: str | None
    queued: int
    oldest_s: float | None
    last_error: str | None
    cases: int
    mirrored: int
    last_received: Instant | None


class CascadeLinks(Wire):
    """Every link."""

    items: list[CascadeLink]


class CascadeOrder(Wish):
    """What a superior tells the centre below about a case of theirs."""

    action: Literal["urge", "supervise", "send_back"]
    reason: Reason


class CascadeTie(Wire):
    """A case's tie to another centre."""

    link: str
    name_zh: str
    name_en: str
    case_code: str
    mirrored: bool


class CascadeTies(Wire):
    """Every tie of a case."""

    items: list[CascadeTie]
