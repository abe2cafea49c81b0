"""What the analytics say: an object did something, or the picture became something."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from ingest.camera.shape import Box


class Behaviour(StrEnum):
    """What an object did; sent as `behaviour` of a `camera.object`."""

    INTRUSION = "intrusion"
    CROSSING_IN = "crossing_in"
    CROSSING_OUT = "crossing_out"
    LOITERING = "loitering"
    CROWD = "crowd"
    LEFT = "left"
    BLOCKING = "blocking"
    FAST = "fast"
    FALLING = "falling"


MOMENTS = frozenset({Behaviour.CROSSING_IN, Behaviour.CROSSING_OUT, Behaviour.FALLING})
"""What only enters: it has no duration and never leaves."""

Phase = Literal["enter", "update", "leave"]
SceneState = Literal["normal", "blurred", "dark", "covered", "moved", "lost", "frozen"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """An object's behaviour began, goes on or ended; `box` in shares of the picture (0 to 1)."""

    behaviour: Behaviour
    track: str
    phase: Phase
    label: str
    score: float
    box: Box
    zone: str | None = None
    count: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SceneChange:
    """The picture's health changed."""

    state: SceneState


Outcome = Finding | SceneChange
