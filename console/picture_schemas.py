"""The wire of cameras' pictures: what there is, who held it, who looked."""

from __future__ import annotations

from typing import Literal

from console.schemas import Instant, Wire


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
