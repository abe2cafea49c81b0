"""The wire, inbound: what a caller may ask for (docs/reference/http.md)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from console.alert_moves import AlertVerb
from devices.model import NAME
from rules.alert import Outcome


class Wish(BaseModel):
    """Base of every request: a field we do not know is a mistake, not decoration."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _code(value: str) -> str:
    if not re.fullmatch(NAME, value):
        problem = "use 1 to 64 letters, digits, '-' and '_'"
        raise ValueError(problem)
    return value


Code = Annotated[str, AfterValidator(_code), WithJsonSchema({"type": "string", "pattern": NAME})]
Title = Annotated[str, Field(min_length=1, max_length=100)]


Text = Annotated[str, Field(max_length=2000)]


class AlertAction(Wish):
    """What to do with an alert."""

    action: AlertVerb
    note: Text | None = None
    outcome: Outcome | None = None
    org: Annotated[str, Field(max_length=64)] | None = None
    version: int | None = None


class IncidentAction(Wish):
    """What to do with an incident."""

    action: Annotated[str, Field(max_length=64)]
    reason: Text | None = None
    outcome: Outcome | None = None
    org: Annotated[str, Field(max_length=64)] | None = None
    version: int | None = None
