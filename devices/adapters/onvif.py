"""ONVIF events over MQTT: motion, lines, fields, counters and the health of the picture.

Topics and payloads: domain.md (e) after [S46] (JSON over MQTT) and [S47] (the XML form):
`<prefix>/onvif-ej/<ONVIF topic without tns1:>/&1/...`, body `UtcTime, Source{}, Data{}`,
`PropertyOperation` Initialized, Changed or Deleted. `Initialized` repeats a state that has
been for long: it is a replay, never news. Unknown topics are a sign of life.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from devices.adapter import Adapter, Said, Wire, is_name, json_object, parse_time, stamp, words
from devices.errors import DecodeError
from devices.errors import Fault as Blame
from devices.profiles.camera import CameraObject, CameraScene
from devices.reading import Fault, Reading, State

MARK = "onvif-ej"
_MOTION = "RuleEngine/CellMotionDetector/Motion"
_LINE = "RuleEngine/LineDetector/Crossed"
_FIELD = "RuleEngine/FieldDetector/ObjectsInside"
_COUNT = "RuleEngine/CountAggregation/Counter"
_DARK = "VideoSource/ImageTooDark"
_MOVED = "VideoSource/GlobalSceneChange"
_INPUT = "Device/Trigger/DigitalInput"

Body = Mapping[str, Any]
_Read = Callable[[Body, Body], Iterator[Reading]]


def decode(topic: str, address: str, payload: bytes) -> tuple[Said, ...]:
    """Read one notification."""
    body = json_object(payload)
    path = topic.split(f"/{MARK}/", 1)[1].split("/&", 1)[0]
    operation = body.get("PropertyOperation")
    if operation == "Deleted":
        return ()
    data, source = _object(body, "Data"), _object(body, "Source")
    read = next((read for known, read in _TOPICS.items() if path.startswith(known)), _unknown)
    at = parse_time(body.get("UtcTime"))
    replay = operation == "Initialized"
    return tuple(Said(address=address, reading=r, at=at, replay=replay) for r in read(data, source))


def _object(body: Body, key: str) -> Body:
    value = body.get(key) or {}
    if not isinstance(value, dict):
        raise DecodeError(Blame.BAD_SHAPE, f"Expected `object` - at `$.{key}`")
    return value


def _truth(data: Body, key: str) -> bool:
    """ONVIF writes truth as JSON or, from its XML, as text."""
    value = {"true": True, "1": True, "false": False, "0": False}.get(str(data.get(key)).lower())
    if value is None:
        raise DecodeError(Blame.BAD_SHAPE, f"Expected a truth value - at `$.Data.{key}`")
    return value


def _rule(source: Body) -> str | None:
    return words(source, "Rule")


def _object_id(data: Body, fallback: str) -> str:
    value = data.get("ObjectId")
    return str(value) if isinstance(value, int | str) and is_name(str(value)) else fallback


def _motion(key: str) -> _Read:
    """Motion begins and ends: one track for each camera, as no object is told apart."""

    def read(data: Body, source: Body) -> Iterator[Reading]:
        phase: Literal["enter", "leave"] = "enter" if _truth(data, key) else "leave"
        yield CameraObject(track="motion", label="motion", phase=phase, score=1.0, zone=_rule(source))

    return read


def _line(data: Body, source: Body) -> Iterator[Reading]:
    track = _object_id(data, "line")
    yield CameraObject(track=track, label="line.crossed", phase="enter", score=1.0, zone=_rule(source))


def _field(data: Body, source: Body) -> Iterator[Reading]:
    phase: Literal["enter", "leave"] = "enter" if _truth(data, "IsInside") else "leave"
    track = _object_id(data, "field")
    yield CameraObject(track=track, label="field.inside", phase=phase, score=1.0, zone=_rule(source))


def _count(data: Body, source: Body) -> Iterator[Reading]:
    count = data.get("Count")
    if isinstance(count, str) and re.fullmatch(r"[0-9]{1,6}", count):
        count = int(count)
    if isinstance(count, bool) or not isinstance(count, int):
        raise DecodeError(Blame.BAD_SHAPE, "Expected `int` - at `$.Data.Count`")
    yield CameraObject(
        track="count", label="count", phase="update", score=1.0, zone=_rule(source), count=count
    )


def _scene(state: Literal["dark", "moved", "blurred"]) -> _Read:
    def read(data: Body, _source: Body) -> Iterator[Reading]:
        yield CameraScene(state=state if _truth(data, "State") else "normal")

    return read


def _input(data: Body, _source: Body) -> Iterator[Reading]:
    """What hangs on an input is not known: it is told as a trouble of that name."""
    key = "LogicalState" if "LogicalState" in data else "State"
    yield Fault(code="digital_input", active=_truth(data, key))


def _unknown(_data: Body, _source: Body) -> Iterator[Reading]:
    yield State()


_TOPICS: Mapping[str, _Read] = MappingProxyType(
    {
        _MOTION: _motion("IsMotion"),
        "VideoSource/MotionAlarm": _motion("State"),
        _LINE: _line,
        _FIELD: _field,
        _COUNT: _count,
        _MOVED: _scene("moved"),
        _DARK: _scene("dark"),
        "VideoSource/ImageTooBlurry": _scene("blurred"),
        _INPUT: _input,
    }
)


def encode(address: str, reading: Reading, at: datetime) -> Wire | None:  # noqa: PLR0911 - a word for each reading
    """Write as a camera does that speaks ONVIF over MQTT."""
    match reading:
        case CameraObject(label="motion"):
            return _wire(address, _MOTION, at, {"IsMotion": reading.phase != "leave"}, reading.zone)
        case CameraObject(label="line.crossed"):
            return _wire(address, _LINE, at, {"ObjectId": reading.track}, reading.zone)
        case CameraObject(label="count"):
            return _wire(address, _COUNT, at, {"Count": reading.count or 0}, reading.zone)
        case CameraObject():
            inside = reading.phase != "leave"
            return _wire(address, _FIELD, at, {"ObjectId": reading.track, "IsInside": inside}, reading.zone)
        case CameraScene(state="dark") | CameraScene(state="normal"):
            return _wire(address, _DARK, at, {"State": reading.state == "dark"})
        case CameraScene(state="moved"):
            return _wire(address, _MOVED, at, {"State": True})
        case Fault(code="digital_input"):
            return _wire(address, _INPUT, at, {"LogicalState": reading.active})
        case State():
            return _wire(address, "Monitoring/OperatingTime/LastReset", at, {"Status": stamp(at)})
    return None


def _wire(address: str, path: str, at: datetime, data: dict[str, Any], rule: str | None = None) -> Wire:
    source = {"VideoSource": "1", **({} if rule is None else {"Rule": rule})}
    body = {"UtcTime": stamp(at), "PropertyOperation": "Changed", "Source": source, "Data": data}
    return Wire(f"{address}/{MARK}/{path}/&1", msgspec.json.encode(body))


ADAPTER = Adapter(
    dialect="onvif",
    title="ONVIF over MQTT",
    source="domain.md (e): ONVIF over MQTT [S46][S47]",
    filters=(f"+/{MARK}/#",),
    pattern=re.compile(rf"(?P<name>[^/\x00-\x1f\x7f]{{1,64}})/{MARK}/[^\x00-\x1f\x7f]+"),
    families=("camera",),
    decode=decode,
    encode=encode,
)
