"""The wire of consents and people's requests, both ways."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from console.schemas import Instant, Wire
from console.wishes import Wish

Kind = Literal["access", "copy", "correct", "delete"]
Purpose = Literal["contact", "position"]


class DataRequest(Wire):
    """What a person asked for, and until when it must be answered."""

    id: int
    kind: Kind
    person: str
    person_name: str
    note: str
    state: Literal["open", "done", "refused"]
    asked_at: Instant
    asked_by: str
    due_at: Instant
    overdue: bool
    done_at: Instant | None
    done_by: str | None
    answer: str


class PersonCopy(Wire):
    """Everything that is stored about a person."""

    person: dict[str, Any]
    contacts: list[dict[str, Any]]
    callees: list[dict[str, Any]]
    positions: list[dict[str, Any]]
    shifts: list[dict[str, Any]]
    moves: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    sealed: dict[str, str]


class Consent(Wire):
    """A consent, from its giving to its withdrawal and the erasure that followed."""

    id: int
    person: str
    purpose: Purpose
    version: int
    given_by: Literal["self", "guardian"]
    given_at: Instant
    recorded_by: str
    withdrawn_at: Instant | None
    erased_at: Instant | None


class Consents(Wire):
    """A person's consents, newest first."""

    items: list[Consent]


class NewDataRequest(Wish):
    """Somebody asks."""

    kind: Kind
    person: Annotated[str, Field(min_length=1, max_length=64)]
    note: Annotated[str, Field(max_length=2000)] = ""


class DataAnswer(Wish):
    """What became of a request."""

    state: Literal["done", "refused"]
    answer: Annotated[str, Field(min_length=2, max_length=2000)]


class NewConsent(Wish):
    """Somebody agrees, to these words."""

    purpose: Purpose
    words: Annotated[str, Field(min_length=2, max_length=5000)]
    given_by: Literal["self", "guardian"] = "self"


class DeletionProof(Wire):
    """That something was deleted: of which class, up to when, how many rows, and their digest."""

    id: int
    at: Instant
    class_: Annotated[str, Field(alias="class")]
    what: str
    before: Instant
    rows: int
    digest: str
    hash: str


class DeletionVerdict(Wire):
    """Whether every proof follows from the one before; `head` is the newest proof's hash."""

    proofs: int
    rows: int
    head: str | None
    findings: list[str]
