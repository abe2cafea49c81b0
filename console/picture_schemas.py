"""The wire of cameras' pictures: what there is, who held it, who looked, what other units may look at."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from console.schemas import Instant, Wire
from console.wishes import Code, Wish

Seen = Literal["picture", "clip"]
Cover = Literal["heads", "bodies"]
Share = Annotated[float, Field(ge=0, le=1)]


class Hold(Wire):
    """A legal hold: retention spares the picture and its clip."""

    by: str
    reason: str
    at: Instant


class CaseHold(Wire):
    """A legal hold on a whole case, if there is one."""

    hold: Hold | None


class CaseHoldWish(Wish):
    """Hold a case beyond retention, or end that."""

    hold: bool
    reason: Annotated[str, Field(min_length=2, max_length=500)]


class SnapshotState(Wire):
    """What there is of a picture."""

    picture: bool
    clip: bool
    hold: Hold | None


class PictureAccess(Wire):
    """A row of the register: who looked at what, and why."""

    id: int
    at: Instant
    who: str
    unit: str
    device: str
    what: Literal["picture", "clip", "view", "live", "hold", "release", "export"]
    ref: str
    reason: str
    alert: int | None
    grant: int | None


class PictureGrant(Wire):
    """What another unit may look at, and how often it did."""

    id: int
    device: str
    device_zh: str
    device_en: str
    estate: str
    ref: str | None
    what: list[Seen]
    recorded_from: Instant
    recorded_until: Instant
    unit: str
    place: str
    reason: str
    by: str
    at: Instant
    expires_at: Instant
    withdrawn_at: Instant | None
    withdrawn_by: str | None
    withdrawn_why: str | None
    state: Literal["open", "over", "withdrawn"]
    looks: int


class OpenedPictures(Wire):
    """A grant as the unit sees it that it was given to."""

    id: int
    device: str
    device_zh: str
    device_en: str
    what: list[Seen]
    recorded_from: Instant
    recorded_until: Instant
    reason: str
    expires_at: Instant


class GrantsToUs(Wire):
    """What is open to the caller's unit now."""

    items: list[OpenedPictures]


class GrantedRefs(Wire):
    """The pictures and clips that a grant opens, newest first; `more` where there are too many to list."""

    refs: list[str]
    more: bool


class NewGrant(Wish):
    """Open a camera's pictures of some time to another unit, for a while."""

    device: Annotated[str, Field(min_length=1, max_length=64)]
    ref: Annotated[str, Field(max_length=256)] | None = None
    what: Annotated[tuple[Seen, ...], Field(min_length=1, max_length=2)] = ("picture", "clip")
    recorded_from: AwareDatetime
    recorded_until: AwareDatetime
    unit: Annotated[str, Field(min_length=1, max_length=64)]
    place: Code
    reason: Annotated[str, Field(min_length=2, max_length=500)]
    expires_at: AwareDatetime


class Withdrawal(Wish):
    """End a grant at once."""

    reason: Annotated[str, Field(min_length=2, max_length=500)]


class Hidden(Wire):
    """What was hidden in a file that was handed out."""

    cover: Cover
    masks: int
    regions: int
    faces: bool


class PictureExport(Wire):
    """A picture or clip that was handed out."""

    id: int
    at: Instant
    who: str
    unit: str
    device: str
    what: Seen
    ref: str
    reason: str
    recipient: str
    request: int | None
    document: str | None
    hidden: Hidden
    original: str
    sha256: str
    size: int


class ExportWish(Wish):
    """Hand a picture or clip out; regions are left, top, width, height in shares of the picture."""

    ref: Annotated[str, Field(min_length=1, max_length=256)]
    reason: Annotated[str, Field(min_length=2, max_length=500)]
    recipient: Annotated[str, Field(min_length=2, max_length=200)]
    request: int | None = None
    cover: Cover = "heads"
    regions: Annotated[tuple[tuple[Share, Share, Share, Share], ...], Field(max_length=32)] = ()


class OrganRequest(Wire):
    """A state organ's request and what became of it; officers' names are masked."""

    id: int
    organ: str
    document: str
    basis: str
    device: str
    device_zh: str
    device_en: str
    recorded_from: Instant
    recorded_until: Instant
    note: str
    state: Literal["open", "approved", "refused"]
    taken_at: Instant
    taken_by: str
    decided_at: Instant | None
    decided_by: str | None
    answer: str
    officers: list[str]
    handed: int


class Officer(Wish):
    """Who came: name and service number."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    badge: Annotated[str, Field(min_length=2, max_length=64)]


class NewOrganRequest(Wish):
    """A state organ asks for pictures."""

    organ: Annotated[str, Field(min_length=2, max_length=200)]
    document: Annotated[str, Field(min_length=2, max_length=100)]
    basis: Annotated[str, Field(min_length=2, max_length=500)]
    device: Annotated[str, Field(min_length=1, max_length=64)]
    recorded_from: AwareDatetime
    recorded_until: AwareDatetime
    officers: Annotated[tuple[Officer, ...], Field(min_length=2, max_length=2)]
    note: Annotated[str, Field(max_length=2000)] = ""


class OrganDecision(Wish):
    """What was decided, and why."""

    state: Literal["approved", "refused"]
    answer: Annotated[str, Field(min_length=2, max_length=2000)]
