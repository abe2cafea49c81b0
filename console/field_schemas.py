"""The wire of the field page: orders as a phone shows them, moves as it sends them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from console.schemas import Clock, Instant, Step, Wire
from console.wishes import Text, Wish
from rules.field_move import FieldAction

_Key = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
MOST_PHOTOS = 12


class Position(Wish):
    """Where a phone was (WGS 84)."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    accuracy_m: float | None = Field(None, ge=0, le=1_000_000)


class OrderMove(Wish):
    """One move; `key` is made by the phone, `at` is when the person acted."""

    action: FieldAction
    key: _Key
    at: AwareDatetime | None = None
    position: Position | None = None
    text: Text | None = None
    attachments: list[int] = Field(default_factory=list, max_length=MOST_PHOTOS)
    hours: Annotated[float, Field(gt=0, le=72)] | None = None


class FieldOrder(Wire):
    """An order as the person sees it who was sent; `legal` is what can be done now."""

    id: int
    incident_id: int
    case_code: str
    severity: int
    code: str
    title: str
    summary: str
    drill: bool
    estate: str
    place: str
    place_path: list[Step]
    lat: float | None
    lon: float | None
    org: str
    role: Literal["lead", "assist"]
    state: str
    note: str
    named: bool
    sent_at: Instant
    sent_by: str
    due_at: Instant | None
    accepted_at: Instant | None
    arrived_at: Instant | None
    done_at: Instant | None
    returned_at: Instant | None
    incident_state: str
    incident_version: int
    clocks: list[Clock]
    photos: int
    legal: list[FieldAction]


class MoveAnswer(Wire):
    """What became of a move; `kept` came too late and stands as a note, `why` says what happened."""

    key: str
    action: FieldAction
    outcome: Literal["done", "kept"]
    acted_at: Instant
    received_at: Instant
    flags: list[str]
    why: str | None
    last: dict[str, Any] | None
    told: list[str] = Field(default_factory=list, description="whom asking for help has called")
    order: FieldOrder | None
