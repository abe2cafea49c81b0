"""Camera (雪亮, 天网, estate): objects it follows and the health of its picture."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Literal

from msgspec import Meta

from devices.profile import Profile
from devices.reading import Code, Reading, Share, Text

SHAPES: Final = ("moving", "upright", "wide")
"""Labels by shape alone: unclear, as high as a person stands, as wide as a car."""

NAMES: Final = frozenset(
    {
        "person", "crowd", "child", "dog", "cat", "bird", "bicycle", "ebike", "motorcycle", "tricycle", "car",
        "van", "truck", "bus", "pram", "bag", "fire", "flame", "smoke", "fall", "fight", "knife", "weapon",
        "falling_object", "thrown_object", "open_manhole", "still",
    }
)  # fmt: skip
"""Labels that say what a thing is, as the shipped rules ask for them; a node's model must map to these."""


class CameraObject(Reading, frozen=True, kw_only=True):
    """An object entered, moved in or left the picture or a zone of it.

    `snapshot` is a reference to a stored picture, never the picture itself. `label` is one of `NAMES`
    where a model says what it is, one of `SHAPES` where only the outline is known; makes may say others.
    `behaviour` says what the object did, where the camera judges that: intrusion, crossing_in,
    crossing_out, loitering, crowd, left, blocking, fast, falling (docs/reference/camera-analytics.md).
    """

    type = "camera.object"
    track: Code
    label: Code
    phase: Literal["enter", "update", "leave"]
    score: Share
    zone: Code | None = None
    count: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    snapshot: Text | None = None
    behaviour: Code | None = None


class CameraScene(Reading, frozen=True, kw_only=True):
    """What the camera can see at all."""

    type = "camera.scene"
    state: Literal["normal", "blurred", "dark", "covered", "moved", "lost", "frozen"]


PROFILE = Profile(
    family="camera",
    name_zh="摄像机",
    name_en="Camera",
    readings=(CameraObject, CameraScene),
    heartbeat=timedelta(minutes=1),
    offline_after=timedelta(minutes=5),
)
