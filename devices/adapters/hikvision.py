"""Hikvision: gates and cameras, from the ISAPI alert stream, JSON or XML parts.

`ingest/streams/` keeps the HTTP connection and publishes each part under
`shequ-platform/stream/hikvision/<name>`, so that these events wait, repeat and are
acknowledged like all others.

Payload: domain.md (e), Hikvision access JSON [S40]; card, password and QR codes and 0x4C are
those of HCNetSDK's own constants (MINOR_LEGAL_CARD_PASS 0x01 ...), read in public copies of it.
Older firmware and cameras send the same fields as XML, `<EventNotificationAlert>` under one of
several namespaces; the names of the cameras' `eventType`s were read in several public clients.
`videoloss` `inactive` with `activePostCount` 0 is the heartbeat of those: no event is going on, so the
picture is normal. A camera repeats an event while it lasts and counts it; the first one enters.

`currentEvent` false is a history upload: the same `serialNo` as the live event, never news.
No direction is told: reader 2 is the inner one by custom, so it means *out*. The channels of a
recorder are not told apart: follow each camera's own stream.

Personal data (domain.md f.17): name, card number, pictures and face features are not read;
`employeeNoString` is the opaque reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from devices.adapter import Adapter, Said, Wire, json_object, parse_time, pick, words
from devices.errors import DecodeError
from devices.errors import Fault as Blame
from devices.profiles.access_gate import GateDoor, GatePass
from devices.profiles.camera import CameraObject, CameraScene
from devices.reading import Fault, Reading, State

STREAM = "shequ-platform/stream/hikvision"
ALERT, OPERATION, EVENT = 1, 3, 5  # majorEventType
Method = Literal["face", "card", "code", "remote", "plate"]
_PASSES: Mapping[tuple[int, int], tuple[Method, Literal["granted", "denied"]]] = MappingProxyType(
    {
        (EVENT, 0x01): ("card", "granted"),
        (EVENT, 0x06): ("card", "denied"),  # no right
        (EVENT, 0x09): ("card", "denied"),  # no such card
        (EVENT, 0x4B): ("face", "granted"),
        (EVENT, 0x4C): ("face", "denied"),
        (EVENT, 0x50): ("face", "denied"),  # not recognised
        (EVENT, 0x96): ("code", "denied"),
        (EVENT, 0x9C): ("code", "granted"),  # QR code
        (EVENT, 0x9D): ("code", "denied"),
        (EVENT, 0xB5): ("code", "granted"),
        (OPERATION, 0x400): ("remote", "granted"),
    }
)
_DOORS: Mapping[int, Literal["open", "closed", "forced"]] = MappingProxyType(
    {0x19: "open", 0x1A: "closed", 0x1B: "forced", 0x1C: "open"}  # 0x1c: open for too long
)
_TAMPER: Mapping[int, bool] = MappingProxyType({0x404: True, 0x405: False})  # host dismantled, resumed
_SCENES: Mapping[str, Literal["lost", "covered", "moved", "blurred"]] = MappingProxyType(
    {"videoloss": "lost", "shelteralarm": "covered", "scenechangedetection": "moved", "defocus": "blurred"}
)
_OBJECTS: Mapping[str, tuple[str, str | None]] = MappingProxyType(  # label without a target, behaviour
    {
        "vmd": ("motion", None),
        "linedetection": ("line.crossed", None),
        "fielddetection": ("field.inside", "intrusion"),
        "regionentrance": ("region.entered", None),
        "regionexiting": ("region.left", None),
        "unattendedbaggage": ("left_object", "left"),
        "attendedbaggage": ("taken_object", None),
        "facedetection": ("face", None),
        "loitering": ("loitering", "loitering"),
        "group": ("crowd", "crowd"),
        "rapidmove": ("fast", "fast"),
        "parking": ("parking", None),
    }
)
_TARGETS: Mapping[str, str] = MappingProxyType({"human": "person", "vehicle": "car"})
_FAULTS = ("tamperdetection", "diskfull", "diskerror", "nicbroken", "ipconflict", "badvideo")
_KEPT = ("majorEventType", "subEventType", "serialNo", "currentEvent", "cardReaderNo", "frontSerialNo")
_NUMBERS = ("majorEventType", "subEventType", "serialNo", "cardReaderNo", "frontSerialNo", "activePostCount")
_FLAGS: Mapping[str, bool] = MappingProxyType({"true": True, "false": False})


def decode(_topic: str, address: str, payload: bytes) -> tuple[Said, ...]:
    """Read one part of the stream."""
    body = _body(payload)
    at = parse_time(body.get("dateTime"))
    kind, count = str(body.get("eventType") or "").lower(), body.get("activePostCount")
    if kind == "heartbeat":
        return (Said(address=address, reading=State(), at=at),)
    if kind == "videoloss" and body.get("eventState") == "inactive" and count in (0, None):
        normal = Said(address=address, reading=CameraScene(state="normal"), at=at, incidental=True)
        return (Said(address=address, reading=State(), at=at), normal)
    event = body.get("AccessControllerEvent")
    if not isinstance(event, dict):
        if not kind:
            raise DecodeError(Blame.BAD_SHAPE, "neither AccessControllerEvent nor eventType")
        return (Said(address=address, reading=_seen(kind, body), at=at),)
    major, minor = event.get("majorEventType"), event.get("subEventType")
    if not isinstance(major, int) or not isinstance(minor, int):
        raise DecodeError(Blame.BAD_SHAPE, "Expected `int` - at `$.AccessControllerEvent.majorEventType`")
    serial = event.get("serialNo")
    known = isinstance(serial, int) and not isinstance(serial, bool) and at is not None
    id_ = f"{serial}.{major:x}.{minor:x}.{int(at.timestamp()):x}"[:60] if known and at else ""
    return tuple(
        Said(address=address, reading=reading, at=at, id=id_, replay=event.get("currentEvent") is False)
        for reading in _readings(major, minor, event)
    )


def _body(payload: bytes) -> dict[str, Any]:
    """The alert's fields, from either form; raises DecodeError or msgspec's errors."""
    if payload.lstrip()[:1] == b"<":
        return _from_xml(payload)
    body = json_object(payload)
    wrapped = body.get("EventNotificationAlert")
    return wrapped if isinstance(wrapped, dict) else body


def _from_xml(payload: bytes) -> dict[str, Any]:
    """An XML alert in the shape of the JSON one, as deep as it is read."""
    try:
        root = fromstring(payload.strip(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as exc:
        raise DecodeError(Blame.BAD_SHAPE, f"no XML that can be read: {exc}"[:200]) from exc
    if _name(root) != "EventNotificationAlert":
        raise DecodeError(Blame.BAD_SHAPE, f"the root is {_name(root)[:60]!r}, not EventNotificationAlert")
    return {
        _name(child): {_name(leaf): _value(leaf) for leaf in child} if len(child) else _value(child)
        for child in root
    }


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: Element) -> Any:
    text, name = (element.text or "").strip(), _name(element)
    if name in _NUMBERS:
        return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None
    return _FLAGS.get(text, text) if name == "currentEvent" else text


def _seen(kind: str, body: Mapping[str, Any]) -> Reading:
    """What a camera's event means; an unknown one is a sign of life."""
    active = body.get("eventState") != "inactive"
    if kind in _SCENES:
        return CameraScene(state=_SCENES[kind] if active else "normal")
    if kind in _FAULTS:
        code = "tamper" if kind == "tamperdetection" else kind
        return Fault(code=code, active=active)
    if kind not in _OBJECTS:
        return State()
    label, behaviour = _OBJECTS[kind]
    count = body.get("activePostCount")
    again = isinstance(count, int) and count > 1
    phase: Literal["enter", "update", "leave"] = "leave" if not active else "update" if again else "enter"
    target = _TARGETS.get(str(body.get("detectionTarget") or "").lower(), label)
    return CameraObject(track=kind, label=target, phase=phase, score=1.0, behaviour=behaviour)


def _readings(major: int, minor: int, event: Mapping[str, Any]) -> Iterator[Reading]:
    """What an access controller's code means; an unknown one is a sign of life."""
    if (major, minor) in _PASSES:
        method, result = _PASSES[major, minor]
        person = words(event, "employeeNoString") if result == "granted" else None
        direction: Literal["in", "out"] = "out" if event.get("cardReaderNo") == 2 else "in"  # noqa: PLR2004
        yield GatePass(direction=direction, method=method, result=result, person_ref=person)
    elif major == EVENT and minor in _DOORS:
        yield GateDoor(state=_DOORS[minor])
    elif major == ALERT and minor in _TAMPER:
        yield Fault(code="tamper", active=_TAMPER[minor])
    else:
        yield State()


def encode(address: str, reading: Reading, at: datetime) -> Wire | None:
    """Write a part of the stream: JSON as a controller does, XML as a camera; its serial is the moment."""
    frame = {
        "ipAddress": "192.0.2.7",
        "portNo": 80,
        "protocol": "HTTP",
        "macAddress": "00:00:5e:00:53:07",
        "channelID": 1,
        "dateTime": at.isoformat(timespec="milliseconds"),
        "activePostCount": 1,
    }
    if isinstance(reading, CameraObject | CameraScene):
        event = _camera(reading)
        return None if event is None else Wire(f"{STREAM}/{address}", _to_xml({**frame, **event}))
    codes = _codes(reading)
    if isinstance(reading, State):
        body: dict[str, Any] = {
            "eventType": "heartBeat",
            "eventState": "active",
            "eventDescription": "heartBeat",
        }
    elif codes is None:
        return None
    else:
        body = _controller(reading, codes, at)
    return Wire(f"{STREAM}/{address}", msgspec.json.encode(frame | body))


def _controller(reading: Reading, codes: tuple[int, int], at: datetime) -> dict[str, Any]:
    person = reading.person_ref if isinstance(reading, GatePass) else None
    inner = isinstance(reading, GatePass) and reading.direction == "out"
    return {
        "eventType": "AccessControllerEvent",
        "eventState": "active",
        "eventDescription": "Access Controller Event",
        "AccessControllerEvent": {
            "deviceName": "Access Controller",
            "majorEventType": codes[0],
            "subEventType": codes[1],
            "cardReaderNo": 2 if inner else 1,
            "serialNo": int(at.timestamp() * 1000) % 10**9,
            "currentEvent": True,
            "attendanceStatus": "undefined",
            "mask": "no",
            **({} if person is None else {"employeeNoString": person, "name": "-", "userType": "normal"}),
        },
    }


def _camera(reading: CameraObject | CameraScene) -> dict[str, Any] | None:
    """A camera's event; for a picture that is normal again, the end of its loss."""
    if isinstance(reading, CameraScene):
        if reading.state == "normal":
            return {"eventType": "videoloss", "eventState": "inactive"}
        kind = next((k for k, state in _SCENES.items() if state == reading.state), None)
        return None if kind is None else {"eventType": kind, "eventState": "active"}
    kind = next(
        (
            k
            for k, (label, did) in _OBJECTS.items()
            if reading.label == label or (did and reading.behaviour == did)
        ),
        "VMD",
    )
    target = next((t for t, label in _TARGETS.items() if label == reading.label), None)
    return {
        "activePostCount": 2 if reading.phase == "update" else 1,
        "eventType": kind,
        "eventState": "inactive" if reading.phase == "leave" else "active",
        **({} if target is None else {"detectionTarget": target}),
    }


def _to_xml(fields: Mapping[str, Any]) -> bytes:
    root = Element("EventNotificationAlert", version="2.0", xmlns="http://www.hikvision.com/ver20/XMLSchema")
    for name, value in fields.items():
        SubElement(root, name).text = str(value)
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _codes(reading: Reading) -> tuple[int, int] | None:
    match reading:
        case GatePass():
            wanted = (reading.method, reading.result)
            return next((codes for codes, meaning in _PASSES.items() if meaning == wanted), None)
        case GateDoor():
            return EVENT, next(code for code, state in _DOORS.items() if state == reading.state)
        case Fault(code="tamper"):
            return ALERT, next(code for code, active in _TAMPER.items() if active is reading.active)
        case _:
            return None


def minimise(payload: bytes) -> bytes:
    """Keep of a payload that is set aside only what no person can be known by."""
    try:
        body = _body(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, DecodeError):
        return b""
    event = pick(body, "AccessControllerEvent") or {}
    kept: dict[str, Any] = {key: body[key] for key in ("dateTime", "eventType", "eventState") if key in body}
    if isinstance(event, dict) and event:
        kept["AccessControllerEvent"] = {key: event[key] for key in _KEPT if key in event}
    return msgspec.json.encode(kept)


ADAPTER = Adapter(
    dialect="hikvision",
    title="Hikvision gates and cameras (ISAPI alert stream)",
    source="domain.md (e): Others, Hikvision access JSON [S40]; XML form: public clients",
    filters=(f"{STREAM}/+",),
    pattern=re.compile(rf"{STREAM}/(?P<name>[^/\x00-\x1f\x7f]{{1,64}})"),
    families=("access_gate", "camera"),
    decode=decode,
    encode=encode,
    transport="http",
    quarantine=minimise,
)
