"""The wire of organisation, inbound: what a caller may ask for."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import Field

from console.device_wishes import Moment, Short
from console.wishes import Clock, Code, Text, Title, Wish
from devices.organisation import GridKind, ResourceState, ShiftKind
from rules.recommend import ResponderState

Why = Annotated[str, Field(min_length=1, max_length=2000)]
Words = Annotated[list[Short], Field(max_length=30)]


class NewGrid(Wish):
    """A grid to add."""

    code: Annotated[str, Field(max_length=20)]
    kind: GridKind = GridKind.BASE
    community: Code
    name_zh: Title
    name_en: Title
    households: Annotated[int, Field(ge=0, le=100_000)] | None = None
    alt_codes: dict[Short, Short] = Field(default_factory=dict, max_length=10)


class ChangedGrid(Wish):
    """What to change about a grid; its code and its community stay."""

    kind: GridKind
    name_zh: Title
    name_en: Title
    households: Annotated[int, Field(ge=0, le=100_000)] | None = None
    version: int


class NewBoundary(Wish):
    """A place that belongs to the grid from a moment on."""

    place: Code
    since: Moment


class NewPerson(Wish):
    """Somebody to add."""

    id: Code
    name: Title
    roles: Words
    place: Code
    skills: Words = Field(default_factory=list)
    phone: Short | None = None
    org: Short | None = None
    grid: Short | None = None
    cares_for: Short | None = None
    user_name: Short | None = None


class ChangedPerson(Wish):
    """What to change about somebody; null takes a value away."""

    name: Title | None = None
    roles: Words | None = None
    place: Code | None = None
    skills: Words | None = None
    phone: Short | None = None
    org: Short | None = None
    grid: Short | None = None
    cares_for: Short | None = None
    user_name: Short | None = None
    active: bool | None = None
    version: int | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; what everybody has cannot be taken away."""
        sent = self.model_dump(exclude_unset=True, exclude={"version"})
        kept = ("name", "roles", "place", "skills", "active")
        return {name: value for name, value in sent.items() if value is not None or name not in kept}


class Whereabouts(Wish):
    """Where somebody is, by whose word."""

    source: Literal["gps", "scanned", "reported"] = "gps"
    place: Code | None = None
    x: Annotated[float, Field(ge=-10_000, le=10_000)] | None = None
    y: Annotated[float, Field(ge=-10_000, le=10_000)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)] | None = None


class NewState(Wish):
    """What somebody is doing now."""

    state: ResponderState
    reason: Text = ""


class NewPost(Wish):
    """A post to add."""

    code: Code
    name_zh: Title
    name_en: Title
    role: Short
    place: Code
    minimum: Annotated[int, Field(ge=1, le=50)] = 1
    opens: Clock = time(0)
    closes: Clock = time(0)


class ChangedPost(Wish):
    """What to change about a post; its code, role and place stay."""

    name_zh: Title
    name_en: Title
    minimum: Annotated[int, Field(ge=1, le=50)]
    opens: Clock
    closes: Clock
    version: int


class NewShift(Wish):
    """Somebody on a post for a time."""

    post: Code
    person: Code
    starts: Moment
    ends: Moment
    kind: ShiftKind = ShiftKind.DUTY


class ShiftAction(Wish):
    """What to do with a shift."""

    action: Literal["hand_over", "take_over", "cancel"]
    note: Text | None = None


class NewLeave(Wish):
    """Somebody is away."""

    person: Code
    starts: Moment
    ends: Moment
    kind: Literal["leave", "sick", "training", "other"] = "leave"
    stand_in: Code | None = None  # who holds the shifts meanwhile


class NewResource(Wish):
    """A resource to add, where it is installed or kept."""

    id: Code
    kind: Short
    name_zh: Title
    name_en: Title
    place: Code
    quantity: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    keeper: Code | None = None
    expires_on: date | None = None
    x: Annotated[float, Field(ge=-10_000, le=10_000)] | None = None
    y: Annotated[float, Field(ge=-10_000, le=10_000)] | None = None


class CorrectedResource(NewResource):
    """A resource's papers as they should be; without coordinates its position stays."""

    version: int


class ChangedResource(Wish):
    """What was found at an inspection."""

    state: ResourceState | None = None
    quantity: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    expires_on: date | None = None
    checked: bool = True
    version: int | None = None


class PlanText(Wish):
    """A plan as somebody wrote it."""

    source: Annotated[str, Field(min_length=1, max_length=65_536)]


class NewPlan(PlanText):
    """A plan to put into force."""

    reason: Why


class PlanAction(Wish):
    """What to do with a plan."""

    action: Literal["roll_back"]
    reason: Why


class PlanRunWish(Wish):
    """Which plan to run; none: the one that applies."""

    plan: Code | None = None
