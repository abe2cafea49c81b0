"""What one node is told: its broker, its folders, its cameras; one TOML file, every mistake named.

Points are shares of the picture, (0, 0) the upper left corner and (1, 1) the lower right one.
The file holds passwords: keep it readable for the node's user only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from devices.errors import SettingError
from devices.reading import Code
from ingest.camera.kinds import vocabulary
from ingest.camera.shape import Point
from ingest.transport import is_near

LEAST_AREA = 1e-4  # share of the picture that a zone must cover
Unit = Annotated[float, Meta(ge=0, le=1)]
Place = tuple[Unit, Unit]
Positive = Annotated[float, Meta(gt=0)]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Hours = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Watch = Literal["intrusion", "loitering", "crowd", "left", "blocking", "fast"]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table: unknown keys are mistakes."""


class Zone(Part, frozen=True, kw_only=True):
    """A polygon of the picture and what is watched for in it."""

    name: Code
    points: Annotated[tuple[Place, ...], Meta(min_length=3, max_length=64)]
    watch: tuple[Watch, ...] = ("intrusion",)
    loiter_after: Positive = 60.0  # seconds
    left_after: Positive = 60.0  # seconds, for `left` and `blocking`
    crowd: Annotated[int, Meta(ge=2)] = 8  # people
    person_height: Annotated[float, Meta(gt=0, le=1)] = 0.25  # share of the picture's height
    fast: Positive = 1.8  # own heights per second

    def watches(self, what: Watch) -> bool:
        """Say whether this zone watches for that."""
        return what in self.watch


class Line(Part, frozen=True, kw_only=True):
    """A line to be crossed; `in` is from its left to its right, looking from `a` to `b`."""

    name: Code
    a: Place
    b: Place
    direction: Literal["in", "out", "both"] = "both"


class Model(Part, frozen=True, kw_only=True):
    """An object detector the owner supplies (ONNX); see docs/reference/camera-analytics.md."""

    file: str
    labels: tuple[str, ...]  # of the model's classes, in their order
    names: Mapping[str, str] = {}  # owner's label to ours (devices.profiles.camera.NAMES) or `ignore`
    size: Annotated[int, Meta(ge=32, le=2048)] = 640  # pixels of the square it is fed
    score: Unit = 0.45
    overlap: Unit = 0.5  # of boxes of one object


class Keep(Part, frozen=True, kw_only=True):
    """Pictures and clips of one camera."""

    days: Annotated[float, Meta(ge=1, le=180)] = 30.0  # the registry narrows it to the camera's legal basis
    clips: bool = True
    before: Annotated[float, Meta(ge=0, le=60)] = 10.0  # seconds
    after: Annotated[float, Meta(ge=0, le=120)] = 20.0  # seconds
    buffer_mb: Annotated[float, Meta(gt=0, le=1024)] = 24.0  # memory of the ring, at most
    width: Annotated[int, Meta(ge=160, le=3840)] = 960  # pixels of kept pictures
    clip_width: Annotated[int, Meta(ge=160, le=1920)] = 640  # pixels of clips


class Camera(Part, frozen=True, kw_only=True):
    """One camera: a registered device of profile `camera`, its stream, and what to look for."""

    device: Name
    estate: Name
    password: str
    url: str
    frame_rate: Annotated[float, Meta(gt=0, le=30)] = 5.0  # analysed frames per second
    sensitivity: Unit = 0.5
    min_size: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.0006  # share of the picture's area
    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    ignore: tuple[Annotated[tuple[Place, ...], Meta(min_length=3)], ...] = ()
    masks: tuple[Annotated[tuple[Place, ...], Meta(min_length=3)], ...] = ()  # blacked out when kept
    blur_people: bool = True  # heads of whatever moves, in everything that is kept
    falling: bool = False  # the camera looks up a facade
    armed: tuple[Hours, ...] = ()  # local hours; none: always
    frozen_after: Positive = 30.0  # seconds
    lost_after: Positive = 10.0  # seconds
    heartbeat: Annotated[float, Meta(ge=1, le=86_400)] = 60.0  # seconds between signs of life
    keep: Keep = Keep()
    model: Model | None = None


class Broker(Part, frozen=True, kw_only=True):
    """Where to publish; the login is each camera's own."""

    host: str
    port: Annotated[int, Meta(ge=1, le=65535)] = 1883
    tls: bool = False
    ca: str | None = None  # PEM file of the authority that signed its certificate; none: the system's
    plain: bool = False  # may be on another machine without TLS: for trials


class BucketSettings(Part, frozen=True, kw_only=True):
    """How to reach S3-compatible storage, where `pictures` names a bucket."""

    endpoint: str | None = None  # http(s)://host:port; none: the public service
    region: str = "us-east-1"
    key: str | None = None
    secret: str | None = None


class LiveSettings(Part, frozen=True, kw_only=True):
    """Where the console fetches live pictures; without a secret there are none."""

    secret: str | None = None  # the console's SHEQU_CAMERA_SECRET
    host: str = "127.0.0.1"
    certificate: str | None = (
        None  # PEM files of the certificate and its key, as `shequ certificate` makes them
    )
    key: str | None = None
    plain: bool = False  # may listen for other machines without TLS: for trials
    port: Annotated[int, Meta(ge=0, le=65535)] = 8091
    rate: Annotated[float, Meta(gt=0, le=15)] = 4.0  # pictures per second and viewer, at most
    viewers: Annotated[int, Meta(ge=1, le=64)] = 4  # at once, per node


class NodeSettings(Part, frozen=True, kw_only=True):
    """Everything one node is told."""

    broker: Broker
    folder: str  # of pictures and clips, and of what the node must remember
    pictures: str | None = None  # s3://bucket/prefix for pictures and clips; none: the folder
    bucket: BucketSettings = BucketSettings()
    live: LiveSettings = LiveSettings()
    face_model: str | None = None  # YuNet ONNX file of the owner's: faces are blurred by it too
    utc_offset: Annotated[float, Meta(ge=-12, le=14)] = 8.0  # hours, for `armed`
    cameras: Annotated[tuple[Camera, ...], Meta(min_length=1)]


def load(file: Path) -> NodeSettings:
    """Read a settings file; raises SettingError naming the file and the key that is wrong."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        settings = msgspec.convert(document, NodeSettings)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as exc:
        raise SettingError(str(file), str(exc)) from exc
    broker = settings.broker
    if not (broker.tls or broker.plain or is_near(broker.host)):
        raise SettingError(
            str(file), f"broker: passwords would reach {broker.host} without TLS: tls = true, or plain = true"
        )
    live = settings.live
    if (live.certificate is None) is not (live.key is None):
        raise SettingError(str(file), "live: certificate and key belong together")
    if live.secret and not (live.certificate or live.plain or is_near(live.host)):
        raise SettingError(
            str(file),
            f"live: pictures would leave {live.host} without TLS: certificate and key, or plain = true",
        )
    for n, camera in enumerate(settings.cameras):
        check_camera(str(file), f"$.cameras[{n}]", camera)
    names = [c.device for c in settings.cameras]
    for name in names:
        if names.count(name) > 1:
            raise SettingError(str(file), f"cameras: {name!r} is named twice")
    return settings


def check_camera(where: str, path: str, camera: Camera) -> None:
    """Refuse what types cannot: raises SettingError for `where`, naming what lies under `path`."""
    if camera.model:
        try:
            vocabulary(camera.model.labels, camera.model.names)
        except SettingError as exc:
            raise SettingError(where, f"{path}.{exc.name}: {exc.problem}") from exc
    names = [*(zone.name for zone in camera.zones), *(line.name for line in camera.lines)]
    for name in names:
        if names.count(name) > 1:
            raise SettingError(where, f"{path}: zone or line {name!r} is named twice")
    for k, line in enumerate(camera.lines):
        if line.a == line.b:
            raise SettingError(where, f"{path}.lines[{k}]: a and b are the same point")
    for k, zone in enumerate(camera.zones):
        if _surface(zone.points) < LEAST_AREA:
            raise SettingError(where, f"{path}.zones[{k}].points: the polygon has no area")
        if zone.watches("left") and zone.watches("blocking"):
            raise SettingError(where, f"{path}.zones[{k}].watch: either left or blocking")


def _surface(points: Sequence[Point]) -> float:
    """Return a polygon's area (shoelace formula), a share of the picture."""
    turned = [*points[1:], points[0]]
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, turned, strict=True))) / 2


def armed(camera: Camera, utc_offset: float, now: datetime) -> bool:
    """Say whether the camera is armed at `now` (time zone aware); `22:00-06:00` spans midnight."""
    if not camera.armed:
        return True
    local = now.astimezone(timezone(timedelta(hours=utc_offset)))
    minute = local.hour * 60 + local.minute
    for span in camera.armed:
        begin, end = (int(part[:2]) * 60 + int(part[3:]) for part in span.split("-"))
        if (begin <= minute < end) if begin <= end else (minute >= begin or minute < end):
            return True
    return False
