"""What can be configured and ordered, model by model: JSON Schema for the form, commands with arguments.

A make and model of `*` stands for every model of its family; a line that names one comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devices.profiles import PROFILES
from devices.registry.record import RETENTION
from devices.registry.watching import WATCHING

Schema = dict[str, Any]
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Command:
    """An order a device understands; a dangerous one deserves a second question."""

    name: str
    name_zh: str
    name_en: str
    args: Schema = field(default_factory=lambda: _object({}))
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """A make and model of a family, or all of it."""

    profile: str
    make: str
    model: str
    name_zh: str
    name_en: str
    schema: Schema
    commands: tuple[Command, ...]


def schema_of(model: Model, papers: Mapping[str, Any]) -> Schema:
    """What one device accepts: a camera keeps pictures as long as its legal basis allows and requires."""
    bounds = RETENTION.get(papers["legal_basis"] or "")
    kept = model.schema["properties"].get("keep_days")
    if bounds is None or kept is None:
        return model.schema
    narrowed = {**kept, "minimum": bounds[0], "maximum": bounds[1]}
    return {**model.schema, "properties": {**model.schema["properties"], "keep_days": narrowed}}


def _object(properties: Mapping[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    made: Schema = {
        "$schema": _DRAFT,
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
    }
    return {**made, "required": list(required)} if required else made


def _field(zh: str, en: str, kind: str, **more: Any) -> Schema:
    return {"type": kind, "title": zh, "x-title-en": en, **more}


_HEARTBEAT = {
    "heartbeat_s": _field("心跳间隔（秒）", "Heartbeat (s)", "integer", minimum=10, maximum=86_400),
    "report_battery": _field("上报电量", "Report the battery", "boolean", default=True),
}
_SELF_TEST = Command("self_test", "自检", "Self-test")
_REBOOT = Command("reboot", "重启", "Reboot", danger=True)
_MUTE = Command(
    "mute_siren",
    "消音",
    "Mute the siren",
    _object({"minutes": _field("时长（分钟）", "Minutes", "integer", minimum=1, maximum=60, default=10)}),
    danger=True,
)
_OPEN = Command(
    "open_door",
    "开门",
    "Open the door",
    _object({"seconds": _field("开启时长（秒）", "Seconds", "integer", minimum=1, maximum=60, default=5)}),
    danger=True,
)
_FIRE_DOOR = Command(
    "open_fire_door",
    "打开防火门",
    "Open the fire door",
    _object({"hold": _field("保持常开", "Hold it open", "boolean", default=True)}),
    danger=True,
)
_BARRIER = Command(
    "raise_barrier",
    "抬杆放行",
    "Raise the barrier",
    _object(
        {"seconds": _field("抬杆时长（秒）", "Seconds", "integer", minimum=1, maximum=3600, default=600)}
    ),
    danger=True,
)
_OWN: Mapping[str, Mapping[str, Schema]] = {
    "smoke_sensor": {
        "sensitivity": _field(
            "灵敏度", "Sensitivity", "string", enum=["low", "normal", "high"], default="normal"
        ),
        "siren": _field("蜂鸣器", "Siren", "boolean", default=True),
    },
    "access_gate": {
        "open_s": _field("开门时长（秒）", "Door open time (s)", "integer", minimum=1, maximum=60, default=5),
        "held_open_alarm_s": _field(
            "未关报警（秒）", "Held-open alarm (s)", "integer", minimum=10, maximum=3600, default=300
        ),
        "volume": _field("音量", "Volume", "integer", minimum=0, maximum=100, default=60),
    },
    "camera": WATCHING,
    "sos_button": {
        "long_press_ms": _field(
            "长按时间（毫秒）", "Long press (ms)", "integer", minimum=0, maximum=5000, default=0
        ),
        "led": _field("指示灯", "LED", "boolean", default=True),
    },
    "door_contact": {
        "debounce_ms": _field(
            "去抖（毫秒）", "Debounce (ms)", "integer", minimum=0, maximum=5000, default=100
        ),
    },
}
_ORDERS: Mapping[str, tuple[Command, ...]] = {"access_gate": (_OPEN,), "smoke_sensor": (_MUTE,)}


def _family(name: str) -> Model:
    profile = PROFILES[name]
    return Model(
        name,
        "*",
        "*",
        profile.name_zh,
        profile.name_en,
        _object({**_OWN.get(name, {}), **_HEARTBEAT}),
        (*_ORDERS.get(name, ()), _SELF_TEST, _REBOOT),
    )


def _kind(family: str, model: str, names: tuple[str, str], *more: Command) -> Model:
    """A kind of a family, told by its model, which hears more than the others of it."""
    base = _family(family)
    return Model(family, "*", model, *names, base.schema, (*more, *base.commands))


_SMOKE = _family("smoke_sensor")
MODELS: tuple[Model, ...] = (
    Model(
        "smoke_sensor",
        "Aqara",
        "JY-GZ-01AQ",
        "Aqara 烟雾报警器",
        "Aqara smoke detector",
        _object(
            {
                **_SMOKE.schema["properties"],
                "linkage_alarm": _field("联动报警", "Linkage alarm", "boolean", default=False),
            }
        ),
        _SMOKE.commands,
    ),
    Model(
        "camera",
        "Hikvision",
        "DS-2CD",
        "海康威视筒型摄像机",
        "Hikvision bullet camera",
        _object(
            {
                **_family("camera").schema["properties"],
                "night_mode": _field(
                    "夜视", "Night mode", "string", enum=["auto", "on", "off"], default="auto"
                ),
                "bitrate_kbps": _field("码率", "Bit rate (kbit/s)", "integer", minimum=256, maximum=16_384),
            }
        ),
        _family("camera").commands,
    ),
    _kind("access_gate", "fire_door", ("防火门控制器", "Fire door controller"), _FIRE_DOOR),
    _kind("access_gate", "barrier", ("道闸", "Barrier gate"), _BARRIER),
    _kind("door_contact", "fire_door", ("防火门门磁（带释放器）", "Fire door with release"), _FIRE_DOOR),
    *(_family(name) for name in PROFILES),
)


def model_of(profile: str, make: str | None, model: str | None) -> Model:
    """The line for a device: its own model's, that of its kind of any make, or its family's."""
    wanted = ((profile, make, model), (profile, "*", model), (profile, "*", "*"))
    return next(m for key in wanted for m in MODELS if (m.profile, m.make, m.model) == key)


def hears(profile: str, make: str | None, model: str | None, command: str) -> bool:
    """Whether a device understands an order."""
    return any(known.name == command for known in model_of(profile, make, model).commands)
