"""The wire: what docs/reference/http.md promises, as types for OpenAPI and for the generated web client.

Answers come from the views of ingest/store/views.sql, as the live feed sends them; times stay the
text the database wrote, so that list and feed agree to the letter.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, WithJsonSchema

from console.alert_moves import AlertVerb
from console.permissions import Role
from devices.registry.lifecycle import Lifecycle
from rules.alert import AlertState

Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Row = TypeVar("Row")


class Wire(BaseModel):
    """Base of every answer."""

    model_config = ConfigDict(frozen=True)


class Page(Wire, Generic[Row]):
    """One page of a list."""

    items: list[Row]
    next: str | None


class Token(Wire):
    """A fresh session."""

    access_token: str
    token_type: str
    expires_in: int


class Me(Wire):
    """Who the caller is."""

    name: str
    display_name: str
    role: Role
    scope: str | None
    owes: str = ""  # must be done before anything else: `password`, `second_factor`


class Step(Wire):
    """A place on the way from the root to a place."""

    code: str
    kind: str
    name_zh: str
    name_en: str


class Place(Step):
    """A node of the place tree."""

    parent: str | None
    path: list[str]
    outline: list[list[float]]
    level: int | None
    use: str | None


class Places(Wire):
    """Every place the caller sees."""

    items: list[Place]


class Event(Wire):
    """A stored event."""

    device: str
    id: str
    at: Instant
    type: str
    data: dict[str, Any]
    flags: list[str]
    received_at: Instant
    committed_at: Instant


class Device(Wire):
    """A registered device."""

    id: str
    estate: str
    place: str
    profile: str
    name_zh: str
    name_en: str
    x: float | None
    y: float | None
    online: bool | None
    last_seen: Instant | None
    registered_at: Instant
    offline_after_s: float | None
    lifecycle: Lifecycle
    make: str | None
    model: str | None
    serial: str | None
    owner_unit: str | None
    network: str | None
    gb28181_id: str | None
    gateway: str | None
    dialect: str | None
    foreign_name: str | None
    legal_basis: str | None
    retention_days: int | None
    purpose: str | None
    installed_at: Instant | None
    installed_by: str | None
    maintenance_due: Day | None
    version: int
    config_status: Literal["none", "pending", "applied", "failed"]
    last_command: dict[str, Any] | None


class Credentials(Wire):
    """What a device needs to log in to the broker; the password is shown once (null in a repeated answer)."""

    username: str
    password: str | None
    topic: str


class DeviceCreated(Device):
    """A device that was just registered; without an account it has no credentials."""

    credentials: Credentials | None


class HeldBy(Wire):
    """What keeps an alert off the list: a greater trouble (its fingerprint) or a quiet (its number)."""

    kind: Literal["alert", "hush"]
    ref: str
    code: str | None = None


class Alert(Wire):
    """An alert; it is over once `ended_at` is set."""

    id: int
    fingerprint: str
    rule: str
    rule_version: int | None = None
    code: str
    severity: int
    state: AlertState
    estate: str
    place: str
    subject: str
    device: str | None
    reason: str
    explain: dict[str, Any]
    first_seen: Instant
    last_seen: Instant
    hit_count: int
    raised_at: Instant
    late_by_s: float | None
    cleared_at: Instant | None
    acked_at: Instant | None
    acked_by: str | None
    ended_at: Instant | None
    outcome: str | None
    incident_id: int | None
    version: int
    group_key: str = ""
    confidence: float | None = None
    drill: bool = False
    muted_until: Instant | None = None
    hush_reason: str | None = None
    held_by: HeldBy | None = None
    ack_until: Instant | None
    lapses: int
    confirm_until: Instant | None
    verdict: Literal["confirmed", "assumed", "bypassed", "refuted"] | None
    verdict_at: Instant | None
    verdict_by: str | None
    legal: list[AlertVerb]


class AlertGroup(Wire):
    """One thing on the operator's list: all open alerts of one hazard in one building."""

    group_key: str
    estate: str
    severity: int
    alerts: int
    ids: list[int]
    codes: list[str]
    first_seen: Instant
    last_seen: Instant
    confidence: float | None
    lead: Alert


class AlertLogRow(Wire):
    """One move of an alert."""

    at: Instant
    action: str
    actor: str
    from_state: str | None
    to_state: str
    reason: str
    detail: dict[str, Any]


class Clock(Wire):
    """One promise of an incident; its moments are null while it stands still."""

    clock: Literal["accept", "sign", "arrive", "close"]
    seq: int
    limit_s: float
    working: bool
    began_at: Instant
    running: bool
    spent_s: float
    amber_at: Instant | None
    due_at: Instant | None
    supervise_at: Instant | None
    met_at: Instant | None
    breached_at: Instant | None
    level: int


class Incident(Wire):
    """A case: one case, one code."""

    id: int
    case_code: str
    state: str
    severity: int
    code: str
    estate: str
    place: str
    lead_org: str | None
    assignee: str | None
    outcome: str | None
    opened_at: Instant
    opened_by: str
    closed_at: Instant | None
    version: int
    kind: str
    source: str
    title: str
    summary: str
    cause: str | None
    merged_into: int | None
    drill: bool
    legal_grade: str | None
    accepted_at: Instant | None
    signed_at: Instant | None
    arrived_at: Instant | None
    paused_at: Instant | None
    ladder: int
    supervised_at: Instant | None
    returns: int
    wish: dict[str, Any] | None
    mirrored: bool  # the copy of a case that a centre below moves
    clocks: list[Clock]


class IncidentLogRow(AlertLogRow):
    """One move of an incident; a gap in `seq` is a lost row."""

    seq: int


class Order(Wire):
    """Who was sent."""

    id: int
    org: str
    role: str
    state: str
    sent_at: Instant
    sent_by: str
    person: str | None
    note: str
    due_at: Instant | None
    accepted_at: Instant | None
    accepted_by: str | None
    arrived_at: Instant | None
    done_at: Instant | None
    returned_at: Instant | None


class IncidentMove(Wire):
    """A step the state allows: what must come with it, and why it is not the caller's (null: it is)."""

    action: str
    needs: list[str]
    why: str | None


class IncidentDetail(Incident):
    """An incident with its record; `legal` is what the caller may do with it now, the reporter is masked."""

    reporter: str | None
    reporter_phone: str | None
    moves: list[IncidentMove]
    log: list[IncidentLogRow]
    orders: list[Order]
    alerts: list[Alert]
    legal: list[str]


class Reveal(Wire):
    """Personal data opened to the caller, read at /api/reveals/{reveal} until then."""

    reveal: int
    until: Instant


class Revealed(Wire):
    """What a reveal opens, by field; the page hides it again at `until`, the server answers no more."""

    fields: dict[str, str]
    until: Instant


class AlertDetail(Alert):
    """An alert with everything known about it."""

    events: list[Event]
    log: list[AlertLogRow]
    place_path: list[Step]
    device_info: Device | None
    incident: IncidentDetail | None
    held_back: list[Alert] = []


class IngestHealth(Wire):
    """How far ingest has come; `clock` is event time, `waiting` the messages that are kept to be judged."""

    clock: Instant | None
    lag_s: float | None
    waiting: int
    ok: bool


class Attachment(Wire):
    """A photo of a case; position and time as told beside it, never read out of it."""

    id: int
    incident_id: int
    order_id: int | None
    sha256: str
    media_type: str
    size: int
    width: int
    height: int
    taken_at: Instant
    by_whom: str
    lat: float | None
    lon: float | None
    flags: list[str]
    received_at: Instant


class Attachments(Wire):
    """The photos of a case."""

    items: list[Attachment]


class DutyHealth(Wire):
    """When duty looked last, and what it counted; every count must be zero."""

    at: Instant | None
    lag_s: float | None
    counts: dict[str, int]
    ok: bool


class Kpi(Wire):
    """The figures of the wall."""

    open_by_severity: dict[str, int]
    unacknowledged: int
    incidents_open: int
    devices: int
    devices_offline: int
    events_last_hour: int
    alerts_today: int
    ack_p50_s: float | None
    ack_p90_s: float | None
    quarantined_last_hour: int
    ingest: IngestHealth
    duty: DutyHealth


class QuarantineRow(Wire):
    """A message that was set aside."""

    id: int
    received_at: Instant
    topic: str
    size: int
    stage: str
    reason: str
    detail: str
    state: Literal["aside", "asked", "read"]


class Understood(Wire):
    """An event that a message says."""

    device: str
    id: str
    at: Instant
    type: str
    flags: list[str]
    data: dict[str, Any]


class SecondReading(Wire):
    """A message that was set aside, and what the decoders of today make of it."""

    id: int
    topic: str
    received_at: Instant
    size: int
    text: str
    hex: str
    whole: bool
    events: list[Understood]
    reason: str | None
    detail: str | None


class AskedAgain(Wire):
    """Which messages are read again, and why the others are not."""

    asked: list[int]
    refused: dict[int, Literal["read", "cut"]]


class AuditRow(Wire):
    """One line of the record of who did what."""

    id: int
    at: Instant
    actor: str
    action: str
    object: str
    success: bool
    detail: dict[str, Any]
    source: str


class AuditVerdict(Wire):
    """Whether the record is whole; `head` is the newest seal's hash."""

    seals: int
    rows: int
    unsealed: int
    head: str | None
    sealed_at: Instant | None
    findings: list[str]


class Ready(Wire):
    """What works."""

    database: bool
    migrations: bool
    ingest: bool


class Problem(Wire):
    """RFC 9457 problem details; conflicts add `legal` and `last`, wrong input adds `errors`."""

    type: str
    title: str
    status: int
    detail: str
    legal: list[str] | None = None
    why: str | None = None
    errors: list[dict[str, str | int]] | None = None  # of a sheet, the row's number is among it
