"""What a camera node can be told about one camera: zones, lines, hours and thresholds, as JSON Schema.

`x-draw` marks what the console draws on the picture instead of asking for JSON, `x-hours` spans that it
shows on a grid. The node reads the same names (ingest/camera/wish.py); points are shares of the picture,
(0, 0) the upper left corner.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Schema = dict[str, Any]
WATCHES: Final = ("intrusion", "loitering", "crowd", "left", "blocking", "fast")
DIRECTIONS: Final = ("both", "in", "out")
_NAME: Final[Schema] = {"type": "string", "pattern": r"^[A-Za-z0-9_-]{1,32}$"}
_SHARE: Final[Schema] = {"type": "number", "minimum": 0, "maximum": 1}
_POINT: Final[Schema] = {"type": "array", "items": _SHARE, "minItems": 2, "maxItems": 2}
_POLYGON: Final[Schema] = {"type": "array", "items": _POINT, "minItems": 3, "maxItems": 64}
_HOURS: Final = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"


def _field(zh: str, en: str, kind: str, **more: Any) -> Schema:
    return {"type": kind, "title": zh, "x-title-en": en, **more}


def _number(zh: str, en: str, least: float, most: float, default: float) -> Schema:
    return _field(zh, en, "number", minimum=least, maximum=most, default=default)


def _list(zh: str, en: str, items: Schema, most: int, **more: Any) -> Schema:
    return _field(zh, en, "array", items=items, maxItems=most, **more)


def _object(properties: Mapping[str, Schema], required: tuple[str, ...]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


ZONE: Final = _object(
    {
        "name": _NAME,
        "points": _POLYGON,
        "watch": {"type": "array", "items": {"enum": list(WATCHES)}, "uniqueItems": True},
        "loiter_after": _number("徘徊（秒）", "Loitering after (s)", 1, 86_400, 60),
        "left_after": _number("遗留、占道（秒）", "Left or blocking after (s)", 1, 86_400, 60),
        "crowd": _field("聚集人数", "Crowd of", "integer", minimum=2, maximum=500, default=8),
    },
    ("name", "points"),
)
LINE: Final = _object(
    {
        "name": _NAME,
        "a": _POINT,
        "b": _POINT,
        "direction": {"enum": list(DIRECTIONS)},
    },
    ("name", "a", "b"),
)

WATCHING: Final[Mapping[str, Schema]] = {
    "zones": _list("区域", "Zones", ZONE, 16, **{"x-draw": "zone"}),
    "lines": _list("绊线", "Lines", LINE, 16, **{"x-draw": "line"}),
    "masks": _list("隐私遮挡", "Privacy masks", _POLYGON, 16, **{"x-draw": "mask"}),
    "ignore": _list("不分析的区域", "Ignored areas", _POLYGON, 16, **{"x-draw": "ignore"}),
    "armed": _list(
        "布防时段（一格不选即全天）",
        "Armed hours (none chosen: always)",
        {"type": "string", "pattern": _HOURS},
        12,
        **{"x-hours": True},
    ),
    "frame_rate": _number("每秒分析帧数", "Analysed frames per second", 1, 30, 5),
    "sensitivity": _number("灵敏度", "Sensitivity", 0, 1, 0.5),
    "min_size": _number("最小目标（占画面比例）", "Least size (share of the picture)", 0, 0.5, 0.0006),
    "falling": _field("高空抛物（仰拍）", "Falling objects (camera looks up)", "boolean", default=False),
    "blur_people": _field("遮挡人头", "Hide heads", "boolean", default=True),
    "clips": _field("保存录像片段", "Keep clips", "boolean", default=True),
    "keep_days": _number("图片和片段保存（天）", "Keep pictures and clips (days)", 1, 180, 30),
    "clip_before_s": _number("片段：事前（秒）", "Clip: seconds before", 0, 60, 10),
    "clip_after_s": _number("片段：事后（秒）", "Clip: seconds after", 0, 120, 20),
}
