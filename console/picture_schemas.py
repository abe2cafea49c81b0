"""The wire of cameras' pictures: what there is, who held it, who looked, what other units may look at."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from console.schemas import Instant, Wire
from console.wishes import Code, Wish

Seen = Literal["picture", "clip"]


class Hold(Wire):
    """A legal hold: retention spares the picture and its clip."""

    by: str
    reason: str
    at: Instant


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
    what: Literal["picture", "clip", "view", "live", "hold", "release"]
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
