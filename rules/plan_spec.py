"""What a plan file may say: typed structs, checked key by key (docs/howto/write-a-plan.md)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from rules.spec import Id, Names
from rules.spec_kinds import Span

PlanCode = Annotated[str, Meta(pattern=r"^(\*|[A-Z]{2,8}-(\*|[0-9]{3}))$(?!\n)")]
Word = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_]{2,32}$(?!\n)")]


class When(StrEnum):
    """What starts a stage."""

    AT_ONCE = "at_once"
    CONFIRMED = "confirmed"
    UNANSWERED = "unanswered"


class Choose(StrEnum):
    """Whether the steps of a stage happen together or one after another."""

    PARALLEL = "parallel"
    IN_ORDER = "in_order"


class Until(StrEnum):
    """What makes further steps of a stage unnecessary."""

    ACKNOWLEDGED = "acknowledged"
    ARRIVED = "arrived"


class Within(StrEnum):
    """How far around the place to look for devices."""

    UNIT = "unit"
    BUILDING = "building"
    ESTATE = "estate"


class Channel(StrEnum):
    """How somebody is told."""

    VOICE = "voice"
    SMS = "sms"
    MESSAGE = "message"  # whatever the people of the house agreed on: an enterprise messenger


class _Do(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="do"
):
    pass


class Send(_Do, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag="send"):
    """Give an order to the nearest suitable people of a role."""

    role: Word
    people: Annotated[int, Meta(ge=1, le=20)] = 1
    skills: list[Word] = []


class Tell(_Do, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag="tell"):
    """Tell a role, the building's list or an outside party."""

    to: Word
    by: Channel = Channel.SMS
    text: Names


class Command(_Do, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag="command"):
    """Give an order to devices: open the gates, sound the siren."""

    profile: Id
    name: Id
    args: dict[str, Any] = {}
    within: Within = Within.BUILDING
    most: Annotated[int, Meta(ge=1, le=50)] = 10


class Show(_Do, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag="camera"):
    """Bring the nearest camera onto the page."""

    within: Within = Within.ESTATE


class Advise(_Do, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag="advise"):
    """Tell the operator what to do or say."""

    text: Names


Step = Send | Tell | Command | Show | Advise


class StageSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Steps that begin together."""

    when: When = When.AT_ONCE
    after: Span | None = None
    order: Choose = Choose.PARALLEL
    each: Span | None = None
    until: Until | None = None
    steps: Annotated[list[Step], Meta(min_length=1, max_length=30)]


class PlanSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One plan as it is written."""

    id: Id
    names: Names
    codes: Annotated[list[PlanCode], Meta(min_length=1, max_length=60)]
    place: Id | None = None
    stages: Annotated[list[StageSpec], Meta(min_length=1, max_length=10)]


class FileSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A plan file."""

    plans: Annotated[list[PlanSpec], Meta(min_length=1, max_length=200)]
