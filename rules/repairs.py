"""What false alarms ask for: by the kind of device, how many of them in how long, and what should be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from devices.errors import IllegalMove


@dataclass(frozen=True, kw_only=True, slots=True)
class Advice:
    """So many false alarms within so long ask for this."""

    kind: str
    at_least: int
    zh: str
    en: str
    within: timedelta = timedelta(days=7)


_CLEAN = Advice(
    kind="clean",
    at_least=3,
    zh="清洁探测器；检查附近有无油烟、水汽、扬尘",
    en="Clean the sensor; look for cooking fumes, steam or dust nearby",
)
_MOVE = Advice(
    kind="threshold",
    at_least=5,
    zh="清洁后仍误报：调整阈值或更换安装位置",
    en="Still false after cleaning: change the threshold or the place it hangs at",
)
_TEACH = Advice(
    kind="reinstruct",
    at_least=3,
    zh="上门再次讲解使用方法（SOS-003）；不得因此关闭求助",
    en="Visit and explain its use again (SOS-003); never mute it for that",
)
_TUNE = Advice(
    kind="tune",
    at_least=5,
    zh="调整检测区域、时段或灵敏度",
    en="Adjust zones, hours or sensitivity",
)
_CALIBRATE = Advice(kind="calibrate", at_least=2, zh="标定或更换探头", en="Calibrate or replace the probe")
_ADJUST = Advice(
    kind="adjust",
    at_least=4,
    zh="检查门体、闭门器与磁体位置",
    en="Check the door, its closer and the magnet",
)
_INSPECT: Final = Advice(kind="inspect", at_least=5, zh="现场检查设备", en="Inspect the device on the spot")

ADVICE: Mapping[str, tuple[Advice, ...]] = MappingProxyType(
    {
        "smoke_sensor": (_CLEAN, _MOVE),
        "sos_button": (_TEACH,),
        "wearable": (_TEACH,),
        "camera": (_TUNE,),
        "gas_detector": (_CALIBRATE,),
        "access_gate": (_ADJUST,),
        "door_contact": (_ADJUST,),
    }
)
"""By device family; every other family gets an inspection."""

KINDS: Mapping[str, Advice] = MappingProxyType(
    {advice.kind: advice for family in (*ADVICE.values(), (_INSPECT,)) for advice in family}
)

MOVES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("open", "assign"): "assigned",
        ("assigned", "assign"): "assigned",
        ("open", "done"): "done",
        ("assigned", "done"): "done",
        ("open", "dismiss"): "dismissed",
        ("assigned", "dismiss"): "dismissed",
    }
)
"""The life of a repair order; done and dismissed are its ends."""


def advice_for(family: str) -> tuple[Advice, ...]:
    """What may be asked for of a family of devices."""
    return ADVICE.get(family, (_INSPECT,))


def due(family: str, false_alarms: int) -> tuple[Advice, ...]:
    """What so many false alarms ask for."""
    return tuple(advice for advice in advice_for(family) if false_alarms >= advice.at_least)


def move(state: str, action: str, subject: str) -> str:
    """Take an action on a repair order; raises IllegalMove where the table does not know it."""
    to = MOVES.get((state, action))
    if to is None:
        raise IllegalMove(subject, state, action, legal(state))
    return to


def legal(state: str) -> tuple[str, ...]:
    """What can be done now."""
    return tuple(action for known, action in MOVES if known == state)
