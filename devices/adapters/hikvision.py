"""Hikvision access controllers: passes, refusals and doors, from the ISAPI alert stream.

`ingest/streams/` keeps the HTTP connection and publishes each JSON part under
`shequ-platform/stream/hikvision/<name>`, so that these events wait, repeat and are
acknowledged like all others.

Payload: domain.md (e), Hikvision access JSON [S40]; card, password and QR codes and 0x4C are
those of HCNetSDK's own constants (MINOR_LEGAL_CARD_PASS 0x01 ...), read in public copies of it.
`currentEvent` false is a history upload: the same `serialNo` as the live event, never news.
No direction is told: reader 2 is the inner one by custom, so it means *out*.

Personal data (domain.md f.17): name, card number, pictures and face features are not read;
`employeeNoString` is the opaque reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from devices.adapter import Adapter, Said, Wire, json_object, parse_time, pick, words
from devices.errors import DecodeError
from devices.errors import Fault as Blame
from devices.profiles.access_gate import GateDoor, GatePass
from devices.reading import Availability, Fault, Reading, State

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
_KEPT = ("majorEventType", "subEventType", "serialNo", "currentEvent", "cardReaderNo", "frontSerialNo")


def decode(_topic: str, address: str, payload: bytes) -> tuple[Said, ...]:
    """Read one JSON part of the stream."""
    body = json_object(payload)
    wrapped = body.get("EventNotificationAlert")
    body = wrapped if isinstance(wrapped, dict) else body
    at = parse_time(body.get("dateTime"))
    if body.get("eventType") == "heartBeat":
        return (Said(address=address, reading=State(), at=at),)
    event = body.get("AccessControllerEvent")
    if not isinstance(event, dict):
        raise DecodeError(Blame.BAD_SHAPE, "neither AccessControllerEvent nor heartBeat")
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


def _readings(major: int, minor: int, event: Mapping[str, Any]) -> Iterator[Reading]:
    """What an event code means; an unknown one is a sign of life."""
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
    """Write a part of the stream, as a controller does; its serial number is the moment."""
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
        person = reading.person_ref if isinstance(reading, GatePass) else None
        inner = isinstance(reading, GatePass) and reading.direction == "out"
        body = {
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
    frame = {
        "ipAddress": "192.0.2.7",
        "portNo": 80,
        "protocol": "HTTP",
        "macAddress": "00:00:5e:00:53:07",
        "channelID": 1,
        "dateTime": at.isoformat(timespec="milliseconds"),
        "activePostCount": 1,
    }
    return Wire(f"{STREAM}/{address}", msgspec.json.encode(frame | body))


def _codes(reading: Reading) -> tuple[int, int] | None:
    match reading:
        case GatePass():
            wanted = (reading.method, reading.result)
            return next((codes for codes, meaning in _PASSES.items() if meaning == wanted), None)
        case GateDoor():
            return EVENT, next(code for code, state in _DOORS.items() if state == reading.state)
        case Fault(code="tamper"):
            return ALERT, next(code for code, active in _TAMPER.items() if active is reading.active)
        case Availability() | _:
            return None


def minimise(payload: bytes) -> bytes:
    """Keep of a payload that is set aside only what no person can be known by."""
    try:
        body = json_object(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return b""
    wrapped = body.get("EventNotificationAlert")
    body = wrapped if isinstance(wrapped, dict) else body
    event = pick(body, "AccessControllerEvent") or {}
    kept: dict[str, Any] = {key: body[key] for key in ("dateTime", "eventType", "eventState") if key in body}
    if isinstance(event, dict) and event:
        kept["AccessControllerEvent"] = {key: event[key] for key in _KEPT if key in event}
    return msgspec.json.encode(kept)


ADAPTER = Adapter(
    dialect="hikvision",
    title="Hikvision access control (ISAPI alert stream)",
    source="domain.md (e): Others, Hikvision access JSON [S40]",
    filters=(f"{STREAM}/+",),
    pattern=re.compile(rf"{STREAM}/(?P<name>[^/\x00-\x1f\x7f]{{1,64}})"),
    families=("access_gate",),
    decode=decode,
    encode=encode,
    transport="http",
    quarantine=minimise,
)
