"""The wire, inbound: what follows from a case (repairs, links, ratings, points)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from console.wishes import Code, Text, Title, Wish

Who = Annotated[str, Field(min_length=1, max_length=64)]


class RepairAction(Wish):
    """What to do with a repair order."""

    action: Literal["assign", "done", "dismiss"]
    assignee: Who | None = None
    note: Text | None = None
    version: int | None = None


class NewLink(Wish):
    """Let a family contact follow a case; with a person or a number the link is sent as well."""

    relation: Title
    person: Who | None = None
    phone: Annotated[str, Field(pattern=r"^\+?[0-9]{5,15}$")] | None = None


class FamilyVerdict(Wish):
    """What the family says of an alarm that waits for a confirmation."""

    verdict: Literal["confirmed", "refuted"]


class NewRating(Wish):
    """What somebody thinks of how a case was handled."""

    score: Annotated[int, Field(ge=1, le=5)]
    words: Annotated[str, Field(max_length=500)] = ""


class PointsRule(Wish):
    """A line of the positive or the negative list."""

    code: Code
    points: Annotated[int, Field(ge=-1000, le=1000)]
    name_zh: Title
    name_en: Title
    active: bool = True


class NewPoints(Wish):
    """Propose points for somebody by a rule of the lists."""

    holder: Who
    holder_kind: Literal["volunteer", "leader", "grid_worker"]
    family: Annotated[str, Field(max_length=64)] = ""
    place: Code
    rule: Code
    reason: Annotated[str, Field(min_length=2, max_length=500)]
    incident_id: int | None = None


class PointsReview(Wish):
    """The next step of an entry: first review, second review, publication."""

    decision: Literal["approve", "refuse"]
    note: Annotated[str, Field(max_length=500)] = ""


class PointsCorrection(Wish):
    """Take a published entry back by a counter-entry, which goes the same way."""

    reason: Annotated[str, Field(min_length=2, max_length=500)]
