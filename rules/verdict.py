"""What a case turned out to be, beyond its outcome: why it happened, and the legal grade people give it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Cause(StrEnum):
    """Why it happened; per-device false rates, rule hints and repair orders are counted over these."""

    FIRE = "fire"
    ELECTRICAL = "electrical"
    BATTERY_CHARGING = "battery_charging"
    GAS = "gas"
    COOKING = "cooking"
    STEAM = "steam"
    DUST = "dust"
    SMOKING = "smoking"
    BURNING = "burning"
    ILLNESS = "illness"
    FALL = "fall"
    LOST = "lost"
    INTRUSION = "intrusion"
    DISPUTE = "dispute"
    TRAFFIC = "traffic"
    WATER = "water"
    WEATHER = "weather"
    MISUSE = "misuse"
    MALICE = "malice"
    DEVICE_FAULT = "device_fault"
    LOW_BATTERY = "low_battery"
    NETWORK = "network"
    INSTALLATION = "installation"
    RULE = "rule"
    MAINTENANCE = "maintenance"
    TRAINING = "training"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"
    OTHER = "other"


CAUSE_NAMES: Mapping[Cause, tuple[str, str]] = MappingProxyType(
    {
        Cause.FIRE: ("起火", "A fire"),
        Cause.ELECTRICAL: ("电气故障", "An electrical fault"),
        Cause.BATTERY_CHARGING: ("电动车充电", "An e-bike charging"),
        Cause.GAS: ("燃气", "Gas"),
        Cause.COOKING: ("烹饪油烟", "Cooking"),
        Cause.STEAM: ("水汽", "Steam"),
        Cause.DUST: ("灰尘、昆虫", "Dust or insects"),
        Cause.SMOKING: ("吸烟", "Smoking"),
        Cause.BURNING: ("焚烧、祭祀", "Burning of waste or offerings"),
        Cause.ILLNESS: ("疾病", "Illness"),
        Cause.FALL: ("跌倒", "A fall"),
        Cause.LOST: ("走失", "Somebody lost"),
        Cause.INTRUSION: ("闯入", "An intrusion"),
        Cause.DISPUTE: ("矛盾纠纷", "A dispute"),
        Cause.TRAFFIC: ("车辆、交通", "Traffic"),
        Cause.WATER: ("漏水", "Water"),
        Cause.WEATHER: ("天气", "The weather"),
        Cause.MISUSE: ("误操作、误触", "Pressed or used by mistake"),
        Cause.MALICE: ("恶意", "Malice"),
        Cause.DEVICE_FAULT: ("设备故障", "A faulty device"),
        Cause.LOW_BATTERY: ("电量低", "A low battery"),
        Cause.NETWORK: ("通信故障", "A network fault"),
        Cause.INSTALLATION: ("安装位置不当", "Installed badly"),
        Cause.RULE: ("规则或阈值不当", "The rule or its threshold"),
        Cause.MAINTENANCE: ("施工、维护", "Works or maintenance"),
        Cause.TRAINING: ("演练、测试", "A drill or a test"),
        Cause.DUPLICATE: ("重复上报", "Reported before"),
        Cause.UNKNOWN: ("原因不明", "Unknown"),
        Cause.OTHER: ("其他", "Other"),
    }
)
"""What the page shows: Chinese, English."""


class LegalGrade(StrEnum):
    """The grading of the Emergency Response Law, art. 3. A person sets it; no rule and no timer ever does."""

    EXTRAORDINARY = "extraordinary"
    MAJOR = "major"
    SERIOUS = "serious"
    ORDINARY = "ordinary"


GRADE_NAMES: Mapping[LegalGrade, tuple[str, str]] = MappingProxyType(
    {
        LegalGrade.EXTRAORDINARY: ("特别重大", "Extraordinarily serious"),
        LegalGrade.MAJOR: ("重大", "Major"),
        LegalGrade.SERIOUS: ("较大", "Serious"),
        LegalGrade.ORDINARY: ("一般", "Ordinary"),
    }
)
"""What the page shows: Chinese, English."""
