"""Who can be sent: the organisations of domain.md sections a and d, by code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from console.problems import Invalid

LEAD: Final = "governance_center"

ORGS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        LEAD: ("综治中心", "Governance centre"),
        "PM": ("物业", "Property management"),
        "GW": ("网格员", "Grid worker"),
        "FS": ("微型消防站", "Micro fire station"),
        "CP": ("社区民警", "Community police"),
        "AP": ("辅警", "Auxiliary police"),
        "VOL": ("志愿者", "Volunteers"),
        "MT": ("维保单位", "Maintenance"),
        "FAM": ("家属", "Family"),
        "OP": ("值班员", "Operator on duty"),
        "police_command": ("公安指挥中心", "Police command centre"),
        "urban_mgmt": ("城管中心", "Urban management"),
        "119": ("119 消防", "Fire service 119"),
        "120": ("120 急救", "Ambulance 120"),
    }
)
"""Chinese, English."""


def check_org(code: str) -> str:
    """Answer a known organisation's code.

    Raises Invalid naming the known ones.
    """
    if code not in ORGS:
        raise Invalid({"org": f"there is no organisation {code!r}: take one of {', '.join(ORGS)}"})
    return code
