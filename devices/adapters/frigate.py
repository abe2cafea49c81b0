"""Frigate: objects that a recorder's analytics follow, reviews, and the cameras' health.

Topics and payloads: domain.md (e) after Frigate's `docs/docs/integrations/mqtt.md` [S34].
An object keeps its `id` from `new` to `end`; zone entries are told by the difference between
`before` and `after`. Times are epoch seconds.

Personal data (domain.md f.17): names (`sub_label`), plates and thumbnails are not read.
Face and plate updates come for every attempt, below the threshold too: those are left out,
the others say only *that* a face or a plate was recognised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from devices.adapter import BRIDGE, Adapter, Said, Wire, is_name, json_object, link
from devices.errors import DecodeError
from devices.errors import Fault as Blame
from devices.profiles.camera import CameraObject, CameraScene
from devices.reading import Availability, Fault, Reading, State

BASE = "frigate"
RECOGNISED = 0.9  # share: what Frigate itself asks of a face or a plate by default
_PHASES: dict[str, Literal["enter", "update", "leave"]] = {"new": "enter", "update": "update", "end": "leave"}
_KEPT = (
    "type",
    "id",
    "camera",
    "label",
    "frame_time",
    "start_time",
    "end_time",
    "severity",
    "score",
    "timestamp",
)
"""What a payload that is set aside may keep: whatever is not named here may name a person."""

Epoch = Annotated[float, Meta(ge=0, le=4_102_444_800)]  # seconds, until 2100
Name = Annotated[str, Meta(min_length=1, max_length=64)]


class Tracked(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a tracked object that are read."""

    id: Name
    camera: Name
    label: Name
    frame_time: Epoch
    score: float | None = None
    top_score: float | None = None
    false_positive: bool = False
    end_time: Epoch | None = None
    current_zones: list[Name] = []


class ObjectEvent(msgspec.Struct, frozen=True, kw_only=True):
    """`frigate/events`."""

    type: Literal["new", "update", "end"]
    after: Tracked
    before: Tracked | None = None


class ReviewData(msgspec.Struct, frozen=True, kw_only=True):
    """What a review is about."""

    detections: list[str] = []
    zones: list[Name] = []


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a review that are read."""

    id: Name
    camera: Name
    start_time: Epoch
    severity: Literal["detection", "alert"]
    data: ReviewData
    end_time: Epoch | None = None


class ReviewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """`frigate/reviews`."""

    type: Literal["new", "update", "end"]
    after: Reviewed


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """`frigate/tracked_object_update`, without its names."""

    type: str
    id: Name
    camera: Name | None = None
    timestamp: Epoch | None = None
    score: float | None = None


_EVENT = msgspec.json.Decoder(ObjectEvent)
_REVIEW = msgspec.json.Decoder(ReviewEvent)
_UPDATE = msgspec.json.Decoder(Update)


def decode(topic: str, address: str, payload: bytes) -> tuple[Said, ...]:
    """Read one of Frigate's five kinds of message."""
    match topic.split("/"):
        case [_, "events"]:
            return tuple(_event(_EVENT.decode(payload)))
        case [_, "reviews"]:
            return tuple(_review(_REVIEW.decode(payload)))
        case [_, "tracked_object_update"]:
            return tuple(_update(_UPDATE.decode(payload)))
        case [_, "available"]:
            word = payload.decode()
            return tuple(link(BRIDGE, "offline" if word == "stopped" else word))
        case [_, _, "status", role]:
            return tuple(_status(address, role, payload.decode()))
    return ()


def _event(event: ObjectEvent) -> Iterator[Said]:
    """An object appeared, went on, entered or left zones, or is gone."""
    a, at = event.after, _when(event.after.end_time or event.after.frame_time)
    if a.false_positive:
        return
    before = set(event.before.current_zones) if event.before and event.type == "update" else set()
    now = dict.fromkeys(a.current_zones)
    steps: list[tuple[Literal["enter", "update", "leave"], str | None]] = []
    if event.type != "end":
        steps += [("enter", zone) for zone in now if zone not in before]
        steps += [("leave", zone) for zone in sorted(before) if zone not in now]
    if event.type != "update" or not steps:
        steps.insert(0, (_PHASES[event.type], next(iter(now), None) if event.type == "update" else None))
    for n, (phase, zone) in enumerate(steps):
        seen = CameraObject(
            track=a.id, label=a.label, phase=phase, zone=zone, score=_score(a.score, a.top_score)
        )
        yield Said(address=a.camera, reading=seen, at=at, id=_id(a.id, event.type[0], a.frame_time, n))


def _review(event: ReviewEvent) -> Iterator[Said]:
    """A review gathers objects; its label keeps it apart from them, so that nothing counts twice."""
    r = event.after
    seen = CameraObject(
        track=r.id,
        label=f"review.{r.severity}",
        phase=_PHASES[event.type],
        score=1.0,
        zone=next(iter(r.data.zones), None),
        count=len(r.data.detections),
    )
    yield Said(address=r.camera, reading=seen, at=_when(r.end_time or r.start_time))


def _update(update: Update) -> Iterator[Said]:
    """That a face or a plate was recognised; never whose, and only above the threshold."""
    if update.camera is None or update.type not in ("face", "lpr") or (update.score or 0) < RECOGNISED:
        return
    label = "face" if update.type == "face" else "license_plate"
    seen = CameraObject(track=update.id, label=label, phase="update", score=_score(update.score, None))
    at = None if update.timestamp is None else _when(update.timestamp)
    yield Said(address=update.camera, reading=seen, at=at)


def _status(address: str, role: str, word: str) -> Iterator[Said]:
    """`detect` is the picture itself; other roles (record, audio) fail by themselves."""
    if word not in ("online", "offline", "disabled"):
        raise DecodeError(Blame.BAD_SHAPE, f"status is online, offline or disabled, not {word[:40]!r}")
    if word == "disabled":
        yield Said(address=address, reading=State())
    elif role == "detect":
        yield Said(address=address, reading=CameraScene(state="normal" if word == "online" else "lost"))
    else:
        yield Said(address=address, reading=Fault(code=f"{role}_offline"[:64], active=word == "offline"))


def _score(score: float | None, top: float | None) -> float:
    value = top if score is None else score
    return min(1.0, max(0.0, value or 0.0))


def _when(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _id(track: str, kind: str, frame: float, n: int) -> str:
    """Frigate repeats an object's id with every step: the frame's time makes it one step's."""
    return f"{track[:40]}.{kind}{round(frame * 1000):x}.{n}"


def encode(address: str, reading: Reading, at: datetime) -> Wire | None:
    """Write as Frigate does: objects, a camera's status, its own availability."""
    match reading:
        case CameraObject() if reading.label.startswith("review.") or not is_name(reading.track):
            return None
        case CameraObject():
            return Wire(f"{BASE}/events", msgspec.json.encode(_object_event(address, reading, at)))
        case CameraScene(state="normal") | CameraScene(state="lost"):
            word = b"online" if reading.state == "normal" else b"offline"
            return Wire(f"{BASE}/{address}/status/detect", word)
        case Fault() if reading.code.endswith("_offline") and "/" not in reading.code:
            role = reading.code.removesuffix("_offline")
            return (
                Wire(f"{BASE}/{address}/status/{role}", b"offline" if reading.active else b"online")
                if (re.fullmatch("[a-z]{1,20}", role) and role != "detect")
                else None
            )
        case Availability() if address == BRIDGE:
            return Wire(f"{BASE}/available", b"online" if reading.online else b"offline", retain=True)
    return None


def _object_event(address: str, seen: CameraObject, at: datetime) -> dict[str, Any]:
    """One step of an object; a zone is entered or left by the difference of `before` and `after`."""
    frame = round(at.timestamp(), 3)
    kinds = {"enter": "new", "update": "update", "leave": "end"}
    base: dict[str, Any] = {
        "id": seen.track,
        "camera": address,
        "label": seen.label,
        "sub_label": None,
        "frame_time": frame,
        "score": seen.score,
        "top_score": seen.score,
        "false_positive": False,
        "end_time": frame if seen.phase == "leave" and seen.zone is None else None,
        "has_snapshot": False,
        "active": True,
    }
    zones = [] if seen.zone is None else [seen.zone]
    kind = kinds[seen.phase] if seen.zone is None else "update"
    before, after = (zones, []) if seen.phase == "leave" else ([], zones)
    if seen.phase == "update":
        before = zones
    return {
        "type": kind,
        "before": {**base, "current_zones": before},
        "after": {**base, "current_zones": after},
    }


def minimise(payload: bytes) -> bytes:
    """Take names, plates and pictures out of a payload that is set aside; what cannot be read is not kept."""
    try:
        data = json_object(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return b"" if len(payload) > 64 else payload  # noqa: PLR2004 - a status word may stay
    kept = {key: data[key] for key in _KEPT if key in data}
    for side in ("before", "after"):
        if isinstance(part := data.get(side), dict):
            kept[side] = {key: part[key] for key in _KEPT if key in part}
    return msgspec.json.encode(kept)


ADAPTER = Adapter(
    dialect=BASE,
    title="Frigate",
    source="domain.md (e): Frigate MQTT [S34]",
    filters=(
        f"{BASE}/events",
        f"{BASE}/reviews",
        f"{BASE}/tracked_object_update",
        f"{BASE}/available",
        f"{BASE}/+/status/+",
    ),
    pattern=re.compile(
        rf"{BASE}/(?:events|reviews|tracked_object_update|available|(?P<name>[^/\x00-\x1f\x7f]{{1,64}})/status/[a-z]{{1,20}})"
    ),
    families=("camera",),
    decode=decode,
    encode=encode,
    quarantine=minimise,
)
