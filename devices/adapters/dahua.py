"""Dahua: camera and door events, from the HTTP event stream (`eventManager.cgi?action=attach`).

`ingest/streams/` keeps the HTTP connection and publishes each text part under
`shequ-platform/stream/dahua/<name>`.

Payload: domain.md (e) after rroller/dahua [S41]: `Code=...;action=Start|Stop|Pulse;index=0;data={...}`,
and `Heartbeat` every few seconds. A part carries no id, and a time only where `data` has
`UTC` (epoch seconds) with `UTCMS`. Names, cards and pictures in `data` are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from devices.adapter import Adapter, Said, Wire, json_object, number, pick, words
from devices.errors import DecodeError
from devices.errors import Fault as Blame
from devices.profiles.access_gate import GateDoor
from devices.profiles.camera import CameraObject, CameraScene
from devices.reading import Fault, Reading, State

STREAM = "shequ-platform/stream/dahua"
_PART = re.compile(
    r"Code=(?P<code>[A-Za-z0-9_]{1,64});\s*action=(?P<action>Start|Stop|Pulse|start|stop|pulse)"
    r";\s*index=(?P<index>[0-9]{1,4})(?:;\s*data=(?P<data>\{.*\}))?\s*",
    re.DOTALL,
)
_SCENES: Mapping[str, Literal["lost", "covered"]] = MappingProxyType(
    {"VideoLoss": "lost", "VideoBlind": "covered"}
)
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "VideoMotion": "motion",
        "CrossLineDetection": "line.crossed",
        "CrossRegionDetection": "field.inside",
        "LeftDetection": "left_object",
        "TakenAwayDetection": "taken_object",
        "FaceDetection": "face",
        "WanderDetection": "loitering",
        "RioterDetection": "crowd",
        "ParkingDetection": "parking",
    }
)
_PHASES: Mapping[str, Literal["enter", "update", "leave"]] = MappingProxyType(
    {"start": "enter", "pulse": "update", "stop": "leave"}
)


def decode(_topic: str, address: str, payload: bytes) -> tuple[Said, ...]:
    """Read one part of the stream."""
    text = payload.decode().strip()
    if text == "Heartbeat":
        return (Said(address=address, reading=State()),)
    part = _PART.fullmatch(text)
    if part is None:
        raise DecodeError(Blame.BAD_SHAPE, "not of the form Code=…;action=…;index=…;data={…}")
    data = json_object(part["data"].encode()) if part["data"] else {}
    at = _time(data)
    action = part["action"].lower()
    return tuple(
        Said(address=address, reading=reading, at=at)
        for reading in _readings(part["code"], action, int(part["index"]), data)
    )


def _time(data: Mapping[str, Any]) -> datetime | None:
    seconds, extra = number(data, "UTC"), number(data, "UTCMS") or 0.0
    if seconds is None or not 0 <= seconds <= 4_102_444_800 or not 0 <= extra < 1000:  # noqa: PLR2004
        return None
    return datetime.fromtimestamp(round(seconds * 1000 + extra) / 1000, UTC)


def _readings(code: str, action: str, index: int, data: Mapping[str, Any]) -> Iterator[Reading]:
    """What an event code means; an unknown one is a sign of life."""
    if code in _SCENES:
        yield CameraScene(state="normal" if action == "stop" else _SCENES[code])
    elif code in LABELS:
        object_id = pick(data, "Object", "ObjectID")
        track = (
            f"{code}.{index}"
            if isinstance(object_id, bool) or not isinstance(object_id, int)
            else str(object_id)
        )
        yield CameraObject(
            track=track[:64], label=LABELS[code], phase=_PHASES[action], score=1.0, zone=words(data, "Name")
        )
    elif code == "AlarmLocal":
        yield Fault(code=f"alarm_input_{index}", active=action != "stop")
    elif code == "DoorStatus":
        status = data.get("Status")
        if status not in ("Open", "Close"):
            raise DecodeError(Blame.BAD_SHAPE, f"Status is Open or Close, not {status!r:.40}")
        yield GateDoor(state="open" if status == "Open" else "closed")
    else:
        yield State()


def encode(address: str, reading: Reading, at: datetime) -> Wire | None:  # noqa: PLR0911 - a word for each reading
    """Write a part as a camera or a door station does."""
    match reading:
        case State():
            return Wire(f"{STREAM}/{address}", b"Heartbeat")
        case CameraScene(state="normal") | CameraScene(state="covered"):
            return _wire(address, "VideoBlind", "Stop" if reading.state == "normal" else "Start", at)
        case CameraScene(state="lost"):
            return _wire(address, "VideoLoss", "Start", at)
        case CameraObject():
            code = next((c for c, label in LABELS.items() if label == reading.label), "CrossRegionDetection")
            action = next(a for a, phase in _PHASES.items() if phase == reading.phase).capitalize()
            seen: dict[str, Any] = {} if reading.zone is None else {"Name": reading.zone}
            if re.fullmatch(r"[1-9][0-9]{0,8}", reading.track):
                seen["Object"] = {"ObjectID": int(reading.track)}
            return _wire(address, code, action, at, seen)
        case GateDoor(state="open") | GateDoor(state="closed"):
            return _wire(
                address,
                "DoorStatus",
                "Pulse",
                at,
                {"Status": reading.state.replace("closed", "Close").title()},
            )
        case Fault() if re.fullmatch(r"alarm_input_[0-9]{1,4}", reading.code):
            index = int(reading.code.rpartition("_")[2])
            return _wire(address, "AlarmLocal", "Start" if reading.active else "Stop", at, index=index)
    return None


def _wire(
    address: str, code: str, action: str, at: datetime, data: dict[str, Any] | None = None, *, index: int = 0
) -> Wire:
    moment = round(at.timestamp() * 1000)
    whole = {**(data or {}), "UTC": moment // 1000, "UTCMS": moment % 1000}
    text = f"Code={code};action={action};index={index};data={msgspec.json.encode(whole).decode()}"
    return Wire(f"{STREAM}/{address}", text.encode())


def minimise(payload: bytes) -> bytes:
    """Keep the head of a part that is set aside: `data` may hold names, cards and faces."""
    return payload.partition(b";data=")[0][:200]


ADAPTER = Adapter(
    dialect="dahua",
    title="Dahua (HTTP event stream)",
    source="domain.md (e): Others, Dahua [S41]",
    filters=(f"{STREAM}/+",),
    pattern=re.compile(rf"{STREAM}/(?P<name>[^/\x00-\x1f\x7f]{{1,64}})"),
    families=("camera", "access_gate"),
    decode=decode,
    encode=encode,
    transport="http",
    quarantine=minimise,
)
