"""The wire, inbound: what a caller may ask for (docs/reference/http.md)."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
)

from console.alert_moves import AlertVerb
from devices.model import NAME
from rules.alert import Outcome
from rules.verdict import Cause, LegalGrade


class Wish(BaseModel):
    """Base of every request: a field we do not know is a mistake, not decoration."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _code(value: str) -> str:
    if not re.fullmatch(NAME, value):
        problem = "use 1 to 64 letters, digits, '-' and '_'"
        raise ValueError(problem)
    return value


def _local(value: time) -> time:
    if value.tzinfo is not None:
        problem = "write the time on the wall, without a zone: 08:30"
        raise ValueError(problem)
    return value


Clock = Annotated[time, AfterValidator(_local)]
"""A time of day where the place is; with a zone it would not be one."""
Code = Annotated[str, AfterValidator(_code), WithJsonSchema({"type": "string", "pattern": NAME})]
Title = Annotated[str, Field(min_length=1, max_length=100)]


Text = Annotated[str, Field(max_length=2000)]


class AlertAction(Wish):
    """What to do with an alert."""

    action: AlertVerb
    note: Text | None = None
    outcome: Outcome | None = None
    cause: Cause | None = None
    org: Annotated[str, Field(max_length=64)] | None = None
    version: int | None = None


class AcknowledgeMany(Wish):
    """Several alerts to acknowledge; those of severity 1 only where `grave` says that they are meant."""

    alerts: Annotated[tuple[int, ...], Field(min_length=1, max_length=200)]
    note: Text | None = None
    grave: bool = False

    @field_validator("alerts")
    @classmethod
    def _each_once(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(value))


class AlertVerdict(Wish):
    """What somebody says about an alarm that waits for a confirmation."""

    verdict: Literal["confirmed", "bypassed", "refuted"]
    note: Text = ""


class IncidentAction(Wish):
    """What to do with an incident; rules/incident_guards.py says what an action needs."""

    action: Annotated[str, Field(max_length=64)]
    reason: Text | None = None  # also the result, the note
    outcome: Outcome | None = None
    cause: Cause | None = None
    org: Annotated[str, Field(max_length=64)] | None = None
    person: Annotated[str, Field(max_length=64)] | None = None  # people.id of whoever is meant
    order: int | None = None  # the order that is meant; none: the lead order
    x: float | None = None  # metres in the estate's sketch
    y: float | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    accuracy_m: Annotated[float, Field(ge=0)] | None = None
    place: Code | None = None  # where, as a place of the tree
    attachments: tuple[Annotated[str, Field(max_length=64)] | int, ...] | None = None
    other: int | None = None  # the case that goes on
    hours: Annotated[float, Field(gt=0, le=24 * 90)] | None = None
    grade: LegalGrade | None = None
    severity: Annotated[int, Field(ge=1, le=4)] | None = None  # what the assessment found
    code: Annotated[str, Field(max_length=64)] | None = None
    key: Annotated[str, Field(max_length=64)] | None = None  # the phone's own name for this step
    at: AwareDatetime | None = None  # when it was done, where that was before it could be sent
    version: int | None = None


class RevealReason(Wish):
    """Why personal data are wanted; nothing: for the case itself."""

    reason: Annotated[str, Field(min_length=2, max_length=500)] | None = None


class IncidentReport(Wish):
    """Something that people saw: a case without an alert."""

    place: Code
    source: Annotated[str, Field(pattern="^[0-9]{2}$")]
    severity: Annotated[int, Field(ge=1, le=4)] = 3
    kind: Literal["dispute", "security", "people", "service", "other"] = "other"
    code: Annotated[str, Field(max_length=64)] | None = None
    title: Title
    summary: Text = ""
    reporter: Annotated[str, Field(max_length=100)] | None = None
    reporter_phone: Annotated[str, Field(max_length=32, pattern="^[0-9+() -]*$")] | None = None
    drill: bool = False
